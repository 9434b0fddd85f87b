import Tensors

/// Query rows of one sequence in a ragged batch, and the keys and values that they attend to.
public struct AttentionSegment: Sendable {
  /// The query rows of this sequence within the batch.
  public var rows: Range<Int>
  /// The KV cache. For self-attention, it already holds the keys and values of these rows.
  public var cache: KeyValueCache
  /// The layer of the cache to attend to.
  public var layer: Int
  /// True for causal attention: the rows are the last positions of the cache, and each attends to itself and earlier
  /// positions. False: every row attends to all positions.
  public var isCausal: Bool
  /// Added to the scaled scores: `[heads, rows.count, cache.count(layer:)]`.
  public var bias: Tensor?
  /// The keys and values in single precision for the gradient; needed only if a recorder is attached to the queries.
  public var source: KeyValueSource?

  /// A segment of the given rows over one layer of a cache.
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

/// A reusable list of attention runs. One list serves every layer of a forward pass, so that no layer allocates memory
/// for it.
///
/// Add the sequences' rows, then call ``attend(_:_:slopes:dropout:weights:)``, which empties the list again. An empty
/// list holds no copy of a cache, which would force the next append to copy a block.
public final class AttentionRuns {
  private var runs: [AttentionRun] = []

  /// An empty list.
  public init() {}

  /// Adds the rows of one sequence.
  public func add(_ segment: AttentionSegment) { runs.append(segment.run) }

  /// softmax(queries · keysᵀ · scale + bias) · values for all added rows, then empties the list. `[rows, queryWidth]` →
  /// `[rows, queryWidth]`
  /// - Parameters:
  ///   - dropout: the probabilities that are set to zero, with a key for each row and head.
  ///   - weights: if given, called with the attention probabilities of the rows of each sequence in the order in which
  ///     they were added, `[heads, rows, keys]`.
  public func attend(
    _ queries: TensorColumns, _ shape: AttentionShape, slopes: [Float] = [], dropout: DropoutMask? = nil,
    weights: ((_ run: Int, _ weights: Tensor) -> Void)? = nil
  ) -> Tensor {
    defer { runs.removeAll(keepingCapacity: true) }
    return attention(
      queries: queries, runs: runs, shape: shape, slopes: slopes, dropout: dropout, weights: weights)
  }
}

/// Computes softmax(queries · keysᵀ · scale + bias) · values for several sequences at once, each with its own keys and
/// values.
///
/// - Parameters:
///   - queries: `[rows, queryWidth]`.
///   - segments: disjoint ranges of rows.
///   - shape: heads, scale, window and soft cap; `keyHeads` must equal the heads of the caches.
///   - slopes: ALiBi slopes, see ``Tensors/attention(queries:runs:shape:slopes:dropout:weights:)``.
///   - weights: if given, called with each segment's attention probabilities, `[heads, rows, keys]`, for display.
/// - Returns: `[rows, queryWidth]`. A row's result does not depend on other rows or on how its sequence was split into
///   passes.
public func attention(
  queries: TensorColumns, segments: [AttentionSegment], shape: AttentionShape, slopes: [Float] = [],
  weights: ((_ segment: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  attention(queries: queries, runs: segments.map(\.run), shape: shape, slopes: slopes, weights: weights)
}

/// The same, with all columns of a tensor as the queries.
public func attention(
  queries: Tensor, segments: [AttentionSegment], shape: AttentionShape, slopes: [Float] = [],
  weights: ((_ segment: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  attention(queries: TensorColumns(queries), segments: segments, shape: shape, slopes: slopes, weights: weights)
}
