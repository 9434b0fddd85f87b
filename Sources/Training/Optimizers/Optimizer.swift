import CKernels
import EngineAPI
import Tensors

/// Values of one step of an optimizer.
struct OptimizerStep {
  /// Steps so far, from 1.
  let number: Int
  let rate: Double
  /// Every gradient is multiplied by this: the clipping.
  let factor: Float
}

/// A rule that changes parameters by their gradients.
///
/// Its state is a list of named tensors for each parameter, which checkpoints hold.
protocol Optimizer: AnyObject {
  /// Changes a parameter. Only elementwise work or sums in a fixed order: the result has the same bits on every
  /// machine.
  func update(_ parameter: Parameter, _ step: OptimizerStep)

  /// The tensors that a checkpoint must hold, by `<kind>.<name of the parameter>`.
  var state: [(name: String, value: Tensor)] { get }

  /// Takes the tensors of a checkpoint.
  func restore(_ tensor: (String) -> Tensor?, for parameters: [Parameter])
}

/// Named tensors of an optimizer for each parameter.
struct OptimizerState {
  private var values: [String: Tensor] = [:]
  private var order: [String] = []

  /// The tensor of a kind, initially zero.
  mutating func tensor(_ kind: String, _ parameter: Parameter, shape: Shape? = nil) -> Tensor {
    let name = "\(kind).\(parameter.name)"
    let shape = shape ?? parameter.shape
    // A tensor of another shape comes from a damaged checkpoint.
    if let known = values[name], known.shape == shape { return known }
    let made = Tensor.zeros(shape).detached()
    if values.updateValue(made, forKey: name) == nil { order.append(name) }
    return made
  }

  /// All tensors in the order in which they were made.
  var all: [(name: String, value: Tensor)] { order.compactMap { name in values[name].map { (name, $0) } } }

  /// Takes tensors of a checkpoint.
  mutating func restore(_ tensor: (String) -> Tensor?, kinds: [String], for parameters: [Parameter]) {
    for parameter in parameters {
      for kind in kinds {
        let name = "\(kind).\(parameter.name)"
        guard let found = tensor(name) else { continue }
        values[name] = found.detached()
        order.append(name)
      }
    }
  }
}

/// Whether weight decay applies to a parameter: not to biases and weights of norms, which have one axis.
func decays(_ parameter: Parameter) -> Bool { parameter.shape.count > 1 }

/// Calls `body` with a parameter's values and gradient.
func withValues(
  _ parameter: Parameter,
  _ body: (_ values: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ count: Int) -> Void
) {
  _ = parameter.withGradient { gradient in
    guard let gradient = gradient.baseAddress else { return }
    parameter.update { values in
      if let base = values.baseAddress { body(base, gradient, values.count) }
    }
  }
}

/// The optimizer of a run.
func makeOptimizer(_ options: TrainingOptions) -> any Optimizer {
  switch options.optim {
  case .adamw: AdamW(options)
  case .sgd: StochasticGradientDescent(options)
  case .adafactor: Adafactor(options)
  case .muon: Muon(options)
  }
}

/// The norm of all gradients: squares are summed in double precision over fixed pieces in order.
func gradientNorm(_ parameters: [Parameter]) -> Double {
  let piece = 1 << 16
  var total = 0.0
  for parameter in parameters where !parameter.isFrozen {
    total +=
      parameter.withGradient { gradient in
        let count = (gradient.count + piece - 1) / piece
        guard let base = gradient.baseAddress, count > 0 else { return 0 }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { sums in
          ThreadTeam.parallel(count, grain: 1) { range in
            for index in range {
              sums[index] = kernels.square_sum(base + index * piece, min(piece, gradient.count - index * piece))
            }
          }
          return sums.reduce(0, +)
        }
      } ?? 0
  }
  return total.squareRoot()
}
