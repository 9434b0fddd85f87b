import Tensors

/// Rows of one sequence in a ragged batch, and the keys and values that they look at.
public struct AttentionSegment: Sendable {
  /// The rows of the queries.
  public var rows: Range<Int>
  /// The KV cache. For self-attention, the keys and values of these rows are already appended.
  public var cache: KeyValueCache
  /// The layer of the cache.
  public var layer: Int
  /// True when the rows are the cache's last positions and none sees a later one; else all see all.
  public var isCausal: Bool
  /// Added to the scaled scores: `[heads, rows.count, cache.count(layer:)]`.
  public var bias: Tensor?
  /// The keys and values as they were computed, where a recorder follows the queries.
  public var source: KeyValueSource?

  /// Rows that look at a layer of a cache.
  public init(
    rows: Range<Int>, cache: KeyValueCache, layer: Int, isCausal: Bool, bias: Tensor? = nil,
    source: KeyValueSource? = nil
  ) {
    self.rows = rows
    self.cache = cache
    self.layer = layer
    self.isCausal = isCausal
    self.bias = bias
    self.source = source
  }

  fileprivate var run: AttentionRun {
    cache.run(rows, layer: layer, isCausal: isCausal, bias: bias, source: source)
  }
}

/// The rows of a ragged batch and what they look at, layer after layer in the same memory: a layer then allocates
/// nothing for it.
///
/// Fill it, call ``attend(_:_:slopes:)``, which leaves it empty again: a copy of a cache that stayed would make the next
/// append copy a block.
public final class AttentionRuns {
  private var runs: [AttentionRun] = []

  /// No rows yet.
  public init() {}

  /// Adds a sequence's rows.
  public func add(_ segment: AttentionSegment) { runs.append(segment.run) }

  /// softmax(queries · keysᵀ · scale + bias) · values for all rows that were added. `[rows, queryWidth]` →
  /// `[rows, queryWidth]`
  public func attend(_ queries: TensorColumns, _ shape: AttentionShape, slopes: [Float] = []) -> Tensor {
    defer { runs.removeAll(keepingCapacity: true) }
    return attention(queries: queries, runs: runs, shape: shape, slopes: slopes)
  }
}

/// softmax(queries · keysᵀ · scale + bias) · values for several sequences at once, each with its own keys and values.
///
/// - Parameters:
///   - queries: `[rows, queryWidth]`.
///   - segments: disjoint runs of the rows.
///   - shape: its key heads are those of the caches.
///   - slopes: see ``Tensors/attention(queries:runs:shape:slopes:weights:)``.
///   - weights: when given, is handed each segment's attention probabilities `[heads, rows, keys]`, for looking at.
/// - Returns: `[rows, queryWidth]`. No row depends on other rows, or on where its sequence was cut into passes.
public func attention(
  queries: TensorColumns, segments: [AttentionSegment], shape: AttentionShape, slopes: [Float] = [],
  weights: ((_ segment: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  attention(queries: queries, runs: segments.map(\.run), shape: shape, slopes: slopes, weights: weights)
}

/// The same with all columns of a tensor as the queries.
public func attention(
  queries: Tensor, segments: [AttentionSegment], shape: AttentionShape, slopes: [Float] = [],
  weights: ((_ segment: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  attention(queries: TensorColumns(queries), segments: segments, shape: shape, slopes: slopes, weights: weights)
}
