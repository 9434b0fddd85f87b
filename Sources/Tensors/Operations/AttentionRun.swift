/// How a layer's attention is shaped: its heads, what scores are multiplied with, and what each query sees.
public struct AttentionShape: Sendable, Hashable {
  /// Heads of the queries.
  public let queryHeads: Int
  /// Heads of keys and values, a divisor of `queryHeads`; neighboring query heads share one (Ainslie et al. 2023,
  /// arXiv:2305.13245).
  public let keyHeads: Int
  /// Numbers in one head's query, key or value.
  public let headWidth: Int
  /// The factor applied to the products of queries and keys.
  public let scale: Float
  /// Sliding window: a query attends only to keys fewer than this many positions away; `nil` for all keys (Beltagy et
  /// al. 2020, arXiv:2004.05150).
  public let window: Int?
  /// Scaled scores s become `softCap · tanh(s / softCap)`; `nil` for no cap (Gemma 2, arXiv:2408.00118).
  public let softCap: Float?

  /// A shape; `keyHeads` is `queryHeads` where it is left out, and `scale` 1 / √headWidth.
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

  /// The width of all queries of a row.
  public var queryWidth: Int { queryHeads * headWidth }
  /// The width of all keys of a row, and of all values.
  public var keyWidth: Int { keyHeads * headWidth }

  /// Queries, keys and values that lie side by side in a stacked projection: `[rows, queryWidth]`,
  /// `[rows, keyWidth]`, `[rows, keyWidth]`.
  public func split(_ stacked: Tensor) -> (queries: TensorColumns, keys: TensorColumns, values: TensorColumns) {
    let (first, second) = (queryWidth, queryWidth + keyWidth)
    return (
      TensorColumns(stacked, 0..<first), TensorColumns(stacked, first..<second),
      TensorColumns(stacked, second..<second + keyWidth)
    )
  }
}

/// Rows of queries that look at the same keys and values.
public struct AttentionRun: Sendable {
  /// The rows of the queries.
  public var rows: Range<Int>
  /// The keys and values, 16 positions a block.
  public var blocks: [KeyValueBlock]
  /// The layer within the blocks.
  public var layer: Int
  /// Positions that are there.
  public var keyCount: Int
  /// True when the queries are the last positions, and each sees itself and what lies before it; else all see all.
  public var isCausal: Bool
  /// Added to the scaled scores: `[heads, rows.count, keyCount]`.
  public var bias: Tensor?
  /// The keys and values as they were computed, where a recorder follows the queries.
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

  /// What the queries see: query i the keys from `begin + i · beginStep` to `limit + i · limitStep`, as far as there are
  /// such keys.
  func sight(_ window: Int?) -> (begin: Int, beginStep: Int, limit: Int, limitStep: Int) {
    let position = keyCount - rows.count
    guard let window else { return isCausal ? (0, 0, position + 1, 1) : (0, 0, keyCount, 0) }
    // Beyond the last key there is nothing to see, and no window of a hostile size overflows.
    let reach = min(window, keyCount)
    return (position + 1 - reach, 1, isCausal ? position + 1 : position + reach, 1)
  }
}

/// Keys and values as they were computed, kept beside the cache for the gradient.
///
/// A reference, so that a run without one stays small.
public final class KeyValueSource: Sendable {
  /// `[keys, keyWidth]`
  public let keys: TensorColumns
  /// `[keys, keyWidth]`
  public let values: TensorColumns

  /// Keys and values of the positions from 0 on.
  public init(keys: TensorColumns, values: TensorColumns) {
    precondition(keys.rowCount == values.rowCount, "\(keys.rowCount) keys and \(values.rowCount) values")
    self.keys = keys.unrecorded
    self.values = values.unrecorded
  }
}
