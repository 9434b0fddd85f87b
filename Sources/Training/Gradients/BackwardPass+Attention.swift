import CKernels
import Tensors

/// The gradient of an expanded position bias, before it is added to the gradient of the weights.
struct BiasGradient {
  /// `[buckets, heads]`
  let weight: Tensor
  let buckets: [Int]
  /// The number of queries.
  let rows: Int
  let keyCount: Int
  /// `[heads, queries, keys]`
  let gradient: Tensor
}

extension BackwardPass {
  /// Adds a position bias's gradient to that of its weights, over queries and keys in order. The biases of all
  /// sequences are one use of the weights.
  mutating func addWeights(of bias: BiasGradient) {
    uses[bias.weight.place.memory] = nil
    let (heads, rows, keys) = (bias.weight.width, bias.rows, bias.keyCount)
    let dy = bias.gradient.pointer
    add(bias.weight) { sum in
      ThreadTeam.parallel(heads, grain: max(1, 4096 / max(1, rows * keys))) { range in
        for head in range {
          for row in 0..<rows {
            let source = dy + (head * rows + row) * keys
            for key in 0..<keys { sum[bias.buckets[rows - 1 - row + key] * heads + head] += source[key] }
          }
        }
      }
    }
  }

  /// Rotation: the gradient is rotated by the opposite angles.
  mutating func propagate(
    throughRotation input: TensorColumns, _ angles: Tensor, _ headWidth: Int, _ layout: RotationPairs,
    _ dy: UnsafePointer<Float>
  ) {
    let (pairs, width) = (angles.width / 2, input.width)
    let place = input.place
    add(place) { sum in
      rowWise(input.rowCount, width: width) { rows in
        withScratch(width + pairs) { rotated in
          let sines = rotated + width
          for row in rows {
            let (source, target) = (dy + row * width, sum + row * place.stride)
            let cosines = angles.pointer + row * 2 * pairs
            kernels.scale(cosines + pairs, -1, sines, pairs)
            for start in stride(from: 0, to: width, by: headWidth) {
              kernels.rotate(source + start, cosines, sines, pairs, layout == .interleaved, rotated + start)
              (rotated + start + 2 * pairs).update(from: source + start + 2 * pairs, count: headWidth - 2 * pairs)
            }
            kernels.add(target, rotated, target, width)
          }
        }
      }
    }
  }

  /// Attention: one task for each head of keys of each sequence.
  mutating func propagate(through attention: RecordedAttention, _ dy: UnsafePointer<Float>) {
    let queries = gradientOrScratch(attention.queries)
    // Runs that read the same keys are computed by one task, one after the other.
    var groups: [TensorPlace: Int] = [:]
    var calls: [[AttentionGradientCall]] = []
    for run in attention.runs {
      let call = AttentionGradientCall(
        run: run, queries: queries, keys: gradientOrScratch(run.keys), values: gradientOrScratch(run.values),
        bias: run.bias.flatMap { needsGradient($0) ? activations($0.place).sums + $0.place.offset : nil })
      if let group = groups[run.keys.place] {
        calls[group].append(call)
      } else {
        groups[run.keys.place] = calls.count
        calls.append([call])
      }
    }
    let heads = attention.shape.keyHeads
    ThreadTeam.parallel(calls.count * heads, grain: 1) { range in
      for index in range {
        for call in calls[index / heads] { call.run(attention, dy, keyHead: index % heads) }
      }
    }
    withExtendedLifetime(queries) {}
  }

  /// The gradient of a view of activations, or memory for one that is not needed.
  private mutating func gradientOrScratch(_ view: TensorColumns) -> GradientView {
    let place = view.place
    let tensor = needsGradient(view) ? activations(place) : Tensor.zeros(Shape(place.capacity))
    return GradientView(tensor: tensor, offset: place.offset, stride: place.stride)
  }

  private func needsGradient(_ view: TensorColumns) -> Bool { needsGradient(memory: view.place.memory) }
}

/// A gradient of rows `stride` apart.
private struct GradientView {
  let tensor: Tensor
  let offset: Int
  let stride: Int

  var pointer: UnsafeMutablePointer<Float> { tensor.sums + offset }
}

/// The gradients of one run of an attention.
private struct AttentionGradientCall {
  let run: RecordedAttention.Run
  let queries: GradientView
  let keys: GradientView
  let values: GradientView
  /// `[queryHeads, queries, keys]`
  let bias: UnsafeMutablePointer<Float>?

  /// Computes the gradients of the query heads that share a head of keys.
  func run(_ attention: RecordedAttention, _ dy: UnsafePointer<Float>, keyHead: Int) {
    let (shape, rows, keyCount) = (attention.shape, run.rows, run.keys.rowCount)
    let group = shape.queryHeads / shape.keyHeads
    let (head, width) = (keyHead * group, shape.headWidth)
    let (column, keyColumn) = (head * width, keyHead * width)
    let sight = run.sight(shape.window)
    let biasStart = head * rows.count * keyCount
    let output = attention.output
    guard keyCount > 0, !rows.isEmpty else { return }
    withScratch(ck_attention_gradient_scratch(width, keyCount)) { scratch in
      DropoutMask.with(attention.dropout, heads: shape.queryHeads) { mask in
        attention.slopes.withUnsafeBufferPointer { slopes in
          var mask = mask
          mask.keys = mask.keys.map { $0 + rows.lowerBound * shape.queryHeads + head }
          var call = ck_attention_gradient(
            queries: attention.queries.pointer + rows.lowerBound * attention.queries.stride + column,
            query_stride: attention.queries.stride, query_count: rows.count, heads: group, head_width: width,
            keys: run.keys.pointer + keyColumn, values: run.values.pointer + keyColumn, key_stride: run.keys.stride,
            value_stride: run.values.stride, key_count: keyCount,
            output: output.pointer + rows.lowerBound * shape.queryWidth + column,
            output_gradient: dy + rows.lowerBound * shape.queryWidth + column, output_stride: shape.queryWidth,
            output_gradient_stride: shape.queryWidth,
            log_sums: attention.logSums.pointer + rows.lowerBound * shape.queryHeads + head,
            log_sums_stride: shape.queryHeads, first_limit: sight.limit, limit_step: sight.limitStep,
            first_begin: Int64(sight.begin), begin_step: sight.beginStep, scale: shape.scale,
            soft_cap: shape.softCap ?? 0, slopes: slopes.isEmpty ? nil : slopes.baseAddress.map { $0 + head },
            bias: run.bias.map { $0.pointer + biasStart }, bias_gradient: bias.map { $0 + biasStart },
            query_gradient: queries.pointer + rows.lowerBound * queries.stride + column,
            key_gradient: keys.pointer + keyColumn, value_gradient: values.pointer + keyColumn,
            query_gradient_stride: queries.stride, key_gradient_stride: keys.stride,
            value_gradient_stride: values.stride, dropout: mask,
            scratch: scratch)
          kernels.attend_back(&call)
        }
      }
    }
  }
}
