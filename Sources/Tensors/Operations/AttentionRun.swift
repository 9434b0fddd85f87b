/// The parameters of a layer's attention: heads, scale, window and soft cap.
public struct AttentionShape: Sendable, Hashable {
  /// Query heads.
  public let queryHeads: Int
  /// Key and value heads, a divisor of `queryHeads`. With fewer than `queryHeads`, neighboring query heads share one
  /// (grouped-query attention, Ainslie et al. 2023, arXiv:2305.13245).
  public let keyHeads: Int
  /// Elements of one head's query, key or value.
  public let headWidth: Int
  /// The factor applied to the dot products of queries and keys.
  public let scale: Float
  /// Sliding window: a query attends only to keys fewer than this many positions away; `nil` for all keys (Beltagy et
  /// al. 2020, arXiv:2004.05150).
  public let window: Int?
  /// Scaled scores s become `softCap · tanh(s / softCap)`; `nil` for no cap (Gemma 2, arXiv:2408.00118).
  public let softCap: Float?

  /// A shape; `keyHeads` defaults to `queryHeads`, and `scale` to 1 / √headWidth.
  public init(
    queryHeads: Int, keyHeads: Int? = nil, headWidth: Int, scale: Float? = nil, window: Int? = nil,
    softCap: Float? = nil
  ) {
    let keyHeads = keyHeads ?? queryHeads
    precondition(keyHeads > 0 && queryHeads % keyHeads == 0, "\(queryHeads) heads of queries share \(keyHeads)")
    precondition(window.map { $0 > 0 } ?? true, "a window without a position")
    self.queryHeads = queryHeads
    self.keyHeads = keyHeads
    self.headWidth = headWidth
    self.scale = scale ?? Float(1 / Double(headWidth).squareRoot())
    self.window = window
    self.softCap = softCap
  }

  /// The width of a row of queries.
  public var queryWidth: Int { queryHeads * headWidth }
  /// The width of a row of keys, and of a row of values.
  public var keyWidth: Int { keyHeads * headWidth }

  /// Splits a stacked projection `[rows, queryWidth + 2 · keyWidth]` into queries `[rows, queryWidth]`, keys `[rows,
  /// keyWidth]` and values `[rows, keyWidth]`.
  public func split(_ stacked: Tensor) -> (queries: TensorColumns, keys: TensorColumns, values: TensorColumns) {
    let (first, second) = (queryWidth, queryWidth + keyWidth)
    return (
      TensorColumns(stacked, 0..<first), TensorColumns(stacked, first..<second),
      TensorColumns(stacked, second..<second + keyWidth)
    )
  }
}

/// Query rows that attend to the same keys and values.
public struct AttentionRun: Sendable {
  /// The query rows.
  public var rows: Range<Int>
  /// The keys and values, 16 positions in each block.
  public var blocks: [KeyValueBlock]
  /// The layer within the blocks.
  public var layer: Int
  /// The number of positions with keys and values.
  public var keyCount: Int
  /// True for causal attention: the queries are the last positions, and each attends to itself and earlier ones. False:
  /// every query attends to all keys.
  public var isCausal: Bool
  /// Added to the scaled scores: `[heads, rows.count, keyCount]`.
  public var bias: Tensor?
  /// The keys and values in single precision for the gradient; needed only if a recorder is attached to the queries.
  public var source: KeyValueSource?

  /// A run over the blocks of one sequence.
  public init(
    rows: Range<Int>, blocks: [KeyValueBlock], layer: Int, keyCount: Int, isCausal: Bool, bias: Tensor? = nil,
    source: KeyValueSource? = nil
  ) {
    self.rows = rows
    self.blocks = blocks
    self.layer = layer
    self.keyCount = keyCount
    self.isCausal = isCausal
    self.bias = bias
    self.source = source
  }

  /// The visible keys: query i attends to the keys from `begin + i · beginStep` up to `limit + i · limitStep`
  /// (exclusive), clamped to the existing keys.
  func sight(_ window: Int?) -> (begin: Int, beginStep: Int, limit: Int, limitStep: Int) {
    let position = keyCount - rows.count
    guard let window else { return isCausal ? (0, 0, position + 1, 1) : (0, 0, keyCount, 0) }
    // Clamp the window to the key count, so that no size in a configuration overflows.
    let reach = min(window, keyCount)
    return (position + 1 - reach, 1, isCausal ? position + 1 : position + reach, 1)
  }
}

/// Keys and values in single precision, kept beside the cache for the gradient. A class, so that a run without them
/// stays small.
public final class KeyValueSource: Sendable {
  /// `[keys, keyWidth]`
  public let keys: TensorColumns
  /// `[keys, keyWidth]`
  public let values: TensorColumns

  /// Keys and values of all positions, starting at 0.
  public init(keys: TensorColumns, values: TensorColumns) {
    precondition(keys.rowCount == values.rowCount, "\(keys.rowCount) keys and \(values.rowCount) values")
    self.keys = keys.unrecorded
    self.values = values.unrecorded
  }
}
