import EngineAPI
import Tensors

/// Muon (Jordan et al. 2024): the momentum of a layer's matrix is made nearly orthogonal by five Newton-Schulz steps.
/// Vectors, embeddings and heads are updated by AdamW, as its authors do.
final class Muon: Optimizer {
  private let momentum: Float
  private let weightDecay: Double
  private let others: AdamW
  private var memory = OptimizerState()

  init(_ options: TrainingOptions) {
    momentum = Float(options.momentum)
    weightDecay = options.weightDecay
    others = AdamW(options)
  }

  /// Whether a parameter is a matrix inside a layer: its name has a layer's number.
  private static func isInner(_ parameter: Parameter) -> Bool {
    parameter.shape.count == 2 && parameter.name.split(separator: ".").contains { Int($0) != nil }
  }

  func update(_ parameter: Parameter, _ step: OptimizerStep) {
    guard Self.isInner(parameter) else { return others.update(parameter, step) }
    let velocity = memory.tensor("velocity", parameter)
    let (rows, columns) = (parameter.shape[0], parameter.shape[1])
    withValues(parameter) { values, gradient, total in
      let direction = Tensor.zeros(parameter.shape).detached()
      elementwise(total) { range in
        let begin = range.lowerBound
        let (v, d) = (velocity.sums + begin, direction.sums + begin)
        // v ← momentum · v + g, then Nesterov's g + momentum · v.
        kernels.scale(v, momentum, v, range.count)
        kernels.scale_add(gradient + begin, step.factor, v, range.count)
        kernels.scale_add(gradient + begin, step.factor, d, range.count)
        kernels.scale_add(v, momentum, d, range.count)
      }
      let orthogonal = Self.orthogonal(direction)
      let scale = max(1, Double(rows) / Double(columns)).squareRoot()
      elementwise(total) { range in
        let target = values + range.lowerBound
        if weightDecay != 0 {
          kernels.scale_add(target, Float(-step.rate * weightDecay), target, range.count)
        }
        kernels.scale_add(
          orthogonal.pointer + range.lowerBound, Float(-step.rate * scale), target, range.count)
      }
    }
  }

  /// A matrix with nearly the same singular vectors and singular values near 1.
  static func orthogonal(_ matrix: Tensor) -> Tensor {
    let isTall = matrix.shape[0] > matrix.shape[1]
    let norm = kernels.square_sum(matrix.pointer, matrix.count).squareRoot()
    var x = scale(isTall ? transposed(matrix) : matrix, Float(1 / (norm + 1e-7)))
    for _ in 0..<5 {
      // A = X · Xᵀ; B = b · A + c · A · A; X ← a · X + B · X, with the coefficients of the authors.
      let a = product(x, x)
      let b = add(scale(a, -4.7750), scale(product(a, a), 2.0315))
      x = add(scale(x, 3.4445), product(b, transposed(x)))
    }
    return isTall ? transposed(x) : x
  }

  /// a · bᵀ
  private static func product(_ a: Tensor, _ b: Tensor) -> Tensor {
    linear(a, PackedMatrix(b, layout: .outputsByInputs))
  }

  /// `[rows, columns]` → `[columns, rows]`
  static func transposed(_ x: Tensor) -> Tensor {
    let (rows, columns) = (x.shape[0], x.shape[1])
    return Tensor(uninitialized: Shape(columns, rows)) { out in
      rowWise(columns, width: rows) { range in
        for column in range { for row in 0..<rows { out[column * rows + row] = x.pointer[row * columns + column] } }
      }
    }
  }

  var state: [(name: String, value: Tensor)] { memory.all + others.state }

  func restore(_ tensor: (String) -> Tensor?, for parameters: [Parameter]) {
    memory.restore(tensor, kinds: ["velocity"], for: parameters.filter(Self.isInner))
    others.restore(tensor, for: parameters.filter { !Self.isInner($0) })
  }
}
