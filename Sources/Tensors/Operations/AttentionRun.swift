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

  /// A run over the blocks of one sequence.
  public init(
    rows: Range<Int>, blocks: [KeyValueBlock], layer: Int, keyCount: Int, isCausal: Bool, bias: Tensor? = nil
  ) {
    self.rows = rows
    self.blocks = blocks
    self.layer = layer
    self.keyCount = keyCount
    self.isCausal = isCausal
    self.bias = bias
  }

  /// Keys that the first query sees, and how many more each query after it.
  var limits: (first: Int, step: Int) { isCausal ? (keyCount - rows.count + 1, 1) : (keyCount, 0) }
}
