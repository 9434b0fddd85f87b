import CKernels
import Tensors

extension BackwardPass {
  /// Layer norm: the gradient of the input row by row, those of weight and bias over the rows in order.
  mutating func propagate(
    throughLayerNorm input: Tensor, _ weight: Tensor, _ bias: Tensor, _ statistics: Tensor, _ dy: UnsafePointer<Float>
  ) {
    let width = weight.count
    let rows = input.count / max(1, width)
    add(input) { sum in
      rowWise(rows, width: width) { range in
        for row in range {
          let first = row * width
          kernels.layer_norm_back(
            input.pointer + first, weight.pointer, statistics.pointer + 2 * row, dy + first, sum + first, width)
        }
      }
    }
    addNormWeights(weight, bias) { dweight, dbias in
      columnWise(width, rows: rows) { columns in
        for row in 0..<rows {
          let first = row * width + columns.lowerBound
          let s = statistics.pointer + 2 * row
          kernels.norm_weights_back(
            input.pointer + first, s[0], s[1], dy + first, dweight + columns.lowerBound,
            dbias.map { $0 + columns.lowerBound }, columns.count)
        }
      }
    }
  }

  /// RMS norm over groups of columns.
  mutating func propagate(
    throughRMSNorm input: TensorColumns, _ weight: Tensor, _ statistics: Tensor, _ dy: UnsafePointer<Float>
  ) {
    let (width, group) = (input.width, weight.count)
    guard group > 0 else { return }
    let (rows, groups) = (input.rowCount, width / group)
    let place = input.place
    add(place) { sum in
      rowWise(rows, width: width) { range in
        for row in range {
          for index in 0..<groups {
            let first = index * group
            kernels.rms_norm_back(
              input.pointer + row * place.stride + first, weight.pointer, statistics.pointer[row * groups + index],
              dy + row * width + first, sum + row * place.stride + first, group)
          }
        }
      }
    }
    addNormWeights(weight, nil) { dweight, _ in
      columnWise(group, rows: rows * groups) { columns in
        for row in 0..<rows {
          for index in 0..<groups {
            let first = index * group + columns.lowerBound
            kernels.norm_weights_back(
              input.pointer + row * place.stride + first, 0, statistics.pointer[row * groups + index],
              dy + row * width + first, dweight + columns.lowerBound, nil, columns.count)
          }
        }
      }
    }
  }

  /// Calls `body` with the sums of a norm's weight and bias. A norm's vectors are whole parameters.
  private mutating func addNormWeights(
    _ weight: Tensor, _ bias: Tensor?,
    _ body: (_ weight: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>?) -> Void
  ) {
    let weights = parameters.isTrained(weight.place.memory) ? parameters.sums(use(weight.place.memory)).first : nil
    let biases = bias.flatMap { bias in
      parameters.isTrained(bias.place.memory) ? parameters.sums(use(bias.place.memory)).first : nil
    }
    guard weights != nil || biases != nil else { return }
    // The sum of a frozen weight is discarded.
    withScratch(weight.count) { unused in
      unused.update(repeating: 0, count: weight.count)
      func withWeight(_ body: (UnsafeMutablePointer<Float>) -> Void) {
        if let weights { weights.add(body) } else { body(unused) }
      }
      withWeight { dweight in
        if let biases { biases.add { body(dweight, $0) } } else { body(dweight, nil) }
      }
    }
  }
}
