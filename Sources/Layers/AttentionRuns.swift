import Tensors

/// The rows of a ragged batch and what they look at, layer after layer in the same memory: a layer then allocates
/// nothing for it.
///
/// Fill it, call ``attend(_:heads:headWidth:scale:)``, which leaves it empty again: a copy of a cache that stayed would
/// make the next append copy a block.
public final class AttentionRuns {
  private var runs: [AttentionRun] = []

  /// No rows yet.
  public init() {}

  /// Adds a sequence's rows.
  public func add(_ segment: AttentionSegment) {
    runs.append(
      segment.cache.run(segment.rows, layer: segment.layer, isCausal: segment.isCausal, bias: segment.bias))
  }

  /// softmax(queries · keysᵀ · scale + bias) · values for all rows that were added. `[rows, heads * headWidth]` →
  /// `[rows, heads * headWidth]`
  public func attend(_ queries: TensorColumns, heads: Int, headWidth: Int, scale: Float) -> Tensor {
    defer { runs.removeAll(keepingCapacity: true) }
    return attention(queries: queries, runs: runs, heads: heads, headWidth: headWidth, scale: scale)
  }
}
