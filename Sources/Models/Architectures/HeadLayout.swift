import Layers
import Tensors

/// How a layer's attention is cut into heads.
struct HeadLayout: Sendable {
  let heads: Int
  let headWidth: Int
  /// What queries times keys are multiplied with.
  let scale: Float

  /// Queries, keys and values that lie side by side. `[rows, 3 × width]` → `[rows, width]` each
  func split(_ stacked: Tensor) -> (queries: TensorColumns, keys: TensorColumns, values: TensorColumns) {
    let width = heads * headWidth
    return (
      TensorColumns(stacked, 0..<width), TensorColumns(stacked, width..<2 * width),
      TensorColumns(stacked, 2 * width..<3 * width)
    )
  }

  /// New rows are appended to their sequences and look at all that came before. `[rows, 3 × width]` →
  /// `[rows or wanted, width]`
  ///
  /// - Parameters:
  ///   - bias: added to the scores of a segment. `[heads, rows, keys]`
  ///   - onlyWanted: whether only the rows that are asked for look.
  func attendCausally(
    _ stacked: Tensor, _ segments: [Segment], _ batch: RaggedBatch, layer: Int, bias: [Tensor] = [],
    onlyWanted: Bool = false
  ) -> Tensor {
    let (queries, keys, values) = split(stacked)
    for (segment, rows) in zip(segments, batch.ranges) {
      segment.state.cache.append(layer: layer, keys: keys.rows(rows), values: values.rows(rows))
    }
    // A causal run looks back from a cache's last positions.
    let isNarrow = onlyWanted && bias.isEmpty && batch.wantsEnds
    let ranges = isNarrow ? batch.wantedRanges : batch.ranges
    for index in segments.indices {
      batch.runs.add(
        AttentionSegment(
          rows: ranges[index], cache: segments[index].state.cache, layer: layer, isCausal: true,
          bias: bias.isEmpty ? nil : bias[index]))
    }
    let looking = isNarrow ? split(batch.narrow(stacked)).queries : queries
    let seen = batch.runs.attend(looking, heads: heads, headWidth: headWidth, scale: scale)
    return onlyWanted && !isNarrow ? batch.narrow(seen) : seen
  }

  /// The rows of each sequence look at all rows of the same sequence. `[rows, 3 × width]` → `[rows, width]`
  func attendWithin(_ stacked: Tensor, _ ranges: [Range<Int>]) -> Tensor {
    let (queries, keys, values) = split(stacked)
    let runs = ranges.map { rows in
      let cache = KeyValueCache(keys: keys.rows(rows), values: values.rows(rows), heads: heads, headWidth: headWidth)
      return AttentionSegment(rows: rows, cache: cache, layer: 0, isCausal: false)
    }
    return attention(queries: queries, segments: runs, heads: heads, headWidth: headWidth, scale: scale)
  }

  /// The rows of one sequence look at all of its rows, each pair with its bias. `[rows, 3 × width]` → `[rows, width]`
  func attendWithin(_ stacked: Tensor, bias: SourceBias) -> Tensor {
    let (queries, keys, values) = split(stacked)
    let cache = KeyValueCache(keys: keys, values: values, heads: heads, headWidth: headWidth)
    let parts = bias.slices.map { rows in
      let run = AttentionSegment(rows: 0..<rows.count, cache: cache, layer: 0, isCausal: false, bias: bias(rows))
      return attention(queries: queries.rows(rows), segments: [run], heads: heads, headWidth: headWidth, scale: scale)
    }
    return parts.count == 1 ? parts[0] : Tensor.stackingRows(parts)
  }

  /// Decoder rows look at their sequence's source. `[rows, width]` → `[rows, width]`
  func attendAcross(_ queries: Tensor, _ segments: [Segment], _ batch: RaggedBatch, layer: Int) -> Tensor {
    for (segment, rows) in zip(segments, batch.ranges) {
      guard let encoder = segment.state.encoder else { continue }
      batch.runs.add(AttentionSegment(rows: rows, cache: encoder.cache, layer: layer, isCausal: false))
    }
    return batch.runs.attend(TensorColumns(queries), heads: heads, headWidth: headWidth, scale: scale)
  }
}
