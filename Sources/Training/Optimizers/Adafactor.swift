import CKernels
import EngineAPI
import Tensors

/// Adafactor with a given learning rate (Shazeer, Stern 2018, arXiv:1804.04235): second moments of matrices are kept as
/// means of rows and columns, and the update is clipped. As transformers' `Adafactor` with `scale_parameter=False` and
/// `relative_step=False`.
final class Adafactor: Optimizer {
  private static let epsilon = 1e-30
  private static let threshold = 1.0
  private let weightDecay: Double
  private var memory = OptimizerState()

  init(_ options: TrainingOptions) { weightDecay = options.weightDecay }

  func update(_ parameter: Parameter, _ step: OptimizerStep) {
    let keep = 1 - ck_exp(-0.8 * ck_log(Double(step.number)))
    let (rows, columns) = (parameter.shape.first ?? 1, parameter.count / max(1, parameter.shape.first ?? 1))
    let isMatrix = parameter.shape.count > 1
    withValues(parameter) { values, gradient, total in
      let updates = Tensor.zeros(Shape(total)).detached()
      let u = updates.sums
      if isMatrix {
        let rowMeans = memory.tensor("rows", parameter, shape: Shape(rows)).sums
        let columnMeans = memory.tensor("columns", parameter, shape: Shape(columns)).sums
        Self.moments(gradient, step.factor, rows, columns, keep, rowMeans, columnMeans)
        var mean = 0.0
        for row in 0..<rows { mean += Double(rowMeans[row]) / Double(rows) }
        rowWise(rows, width: columns) { range in
          for row in range {
            let factor = (mean / Double(rowMeans[row])).squareRoot()
            for column in 0..<columns {
              let g = Double(gradient[row * columns + column] * step.factor)
              u[row * columns + column] = Float(g * factor / Double(columnMeans[column]).squareRoot())
            }
          }
        }
      } else {
        let second = memory.tensor("second", parameter).sums
        for index in 0..<total {
          let g = Double(gradient[index] * step.factor)
          second[index] = Float(keep * Double(second[index]) + (1 - keep) * (g * g + Self.epsilon))
          u[index] = Float(g / Double(second[index]).squareRoot())
        }
      }
      let rms = (kernels.square_sum(u, total) / Double(max(1, total))).squareRoot()
      let rate = Float(-step.rate / max(1, rms / Self.threshold))
      let decay = decays(parameter) ? Float(-step.rate * weightDecay) : 0
      elementwise(total) { range in
        let target = values + range.lowerBound
        if decay != 0 { kernels.scale_add(target, decay, target, range.count) }
        kernels.scale_add(u + range.lowerBound, rate, target, range.count)
      }
    }
  }

  /// Updates the means of squares of rows and columns, each summed in order.
  private static func moments(
    _ gradient: UnsafePointer<Float>, _ factor: Float, _ rows: Int, _ columns: Int, _ keep: Double,
    _ rowMeans: UnsafeMutablePointer<Float>, _ columnMeans: UnsafeMutablePointer<Float>
  ) {
    func square(_ row: Int, _ column: Int) -> Double {
      let g = Double(gradient[row * columns + column] * factor)
      return g * g + epsilon
    }
    rowWise(rows, width: columns) { range in
      for row in range {
        var sum = 0.0
        for column in 0..<columns { sum += square(row, column) }
        rowMeans[row] = Float(keep * Double(rowMeans[row]) + (1 - keep) * sum / Double(columns))
      }
    }
    columnWise(columns, rows: rows) { range in
      for column in range {
        var sum = 0.0
        for row in 0..<rows { sum += square(row, column) }
        columnMeans[column] = Float(keep * Double(columnMeans[column]) + (1 - keep) * sum / Double(rows))
      }
    }
  }

  var state: [(name: String, value: Tensor)] { memory.all }

  func restore(_ tensor: (String) -> Tensor?, for parameters: [Parameter]) {
    memory.restore(tensor, kinds: ["rows", "columns", "second"], for: parameters)
  }
}
