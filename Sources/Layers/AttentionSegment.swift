import Tensors

/// Rows of one sequence in a ragged batch, and the keys and values that they look at.
public struct AttentionSegment: Sendable {
  /// The rows of the queries.
  public var rows: Range<Int>
  /// The keys and values; the rows' own must have been appended already where they look at themselves.
  public var cache: KeyValueCache
  /// The layer of the cache.
  public var layer: Int
  /// True when the rows are the cache's last positions and none sees a later one; else all see all.
  public var isCausal: Bool
  /// Added to the scaled scores: `[heads, rows.count, cache.count(layer:)]`.
  public var bias: Tensor?

  /// Rows that look at a layer of a cache.
  public init(rows: Range<Int>, cache: KeyValueCache, layer: Int, isCausal: Bool, bias: Tensor? = nil) {
    self.rows = rows
    self.cache = cache
    self.layer = layer
    self.isCausal = isCausal
    self.bias = bias
  }
}

/// softmax(queries · keysᵀ · scale + bias) · values for several sequences at once, each with its own keys and values.
///
/// - Parameters:
///   - queries: `[rows, heads * headWidth]`.
///   - segments: disjoint runs of the rows.
///   - heads: heads of the queries; a multiple of the caches' heads.
///   - weights: when given, is handed each segment's attention probabilities `[heads, rows, keys]`, for looking at.
/// - Returns: `[rows, heads * headWidth]`. No row depends on other rows, or on where its sequence was cut into passes.
public func attention(
  queries: TensorColumns, segments: [AttentionSegment], heads: Int, headWidth: Int, scale: Float,
  weights: ((_ segment: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  let runs = segments.map { $0.cache.run($0.rows, layer: $0.layer, isCausal: $0.isCausal, bias: $0.bias) }
  return attention(
    queries: queries, runs: runs, heads: heads, headWidth: headWidth, scale: scale, weights: weights)
}

/// The same with all columns of a tensor as the queries.
public func attention(
  queries: Tensor, segments: [AttentionSegment], heads: Int, headWidth: Int, scale: Float,
  weights: ((_ segment: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  attention(
    queries: TensorColumns(queries), segments: segments, heads: heads, headWidth: headWidth, scale: scale,
    weights: weights)
}
