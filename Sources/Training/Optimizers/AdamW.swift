import CKernels
import EngineAPI
import Tensors

/// Adam with decoupled weight decay (Kingma, Ba 2015, arXiv:1412.6980; Loshchilov, Hutter 2019, arXiv:1711.05101).
final class AdamW: Optimizer {
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double
  private let weightDecay: Double
  private var memory = OptimizerState()

  init(_ options: TrainingOptions) {
    beta1 = options.adamBeta1
    beta2 = options.adamBeta2
    epsilon = options.adamEpsilon
    weightDecay = options.weightDecay
  }

  func update(_ parameter: Parameter, _ step: OptimizerStep) {
    let (first, second) = (memory.tensor("first", parameter), memory.tensor("second", parameter))
    let count = Double(step.number)
    // 1 − betaⁿ, with our own exp and log.
    let firstCorrection = 1 - ck_exp(count * ck_log(beta1))
    let secondCorrection = 1 - ck_exp(count * ck_log(beta2))
    var settings = ck_adam(
      gradient_factor: step.factor, beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
      decay: Float(1 - (decays(parameter) ? step.rate * weightDecay : 0)),
      step_size: Float(step.rate / firstCorrection), second_factor: Float(1 / secondCorrection.squareRoot()))
    withValues(parameter) { values, gradient, total in
      withUnsafePointer(to: &settings) { settings in
        elementwise(total) { range in
          let begin = range.lowerBound
          kernels.adam(
            settings, gradient + begin, values + begin, first.sums + begin, second.sums + begin, range.count)
        }
      }
    }
  }

  var state: [(name: String, value: Tensor)] { memory.all }

  func restore(_ tensor: (String) -> Tensor?, for parameters: [Parameter]) {
    memory.restore(tensor, kinds: ["first", "second"], for: parameters)
  }
}

/// Gradient descent with momentum, as in PyTorch: v ← momentum · v + g, w ← w − rate · v. Weight decay is added to the
/// gradient.
final class StochasticGradientDescent: Optimizer {
  private let momentum: Float
  private let weightDecay: Double
  private var memory = OptimizerState()

  init(_ options: TrainingOptions) {
    momentum = Float(options.momentum)
    weightDecay = options.weightDecay
  }

  func update(_ parameter: Parameter, _ step: OptimizerStep) {
    let velocity = memory.tensor("velocity", parameter)
    let decay = decays(parameter) ? Float(weightDecay) : 0
    withValues(parameter) { values, gradient, total in
      elementwise(total) { range in
        let begin = range.lowerBound
        let v = velocity.sums + begin
        kernels.scale(v, momentum, v, range.count)
        kernels.scale_add(gradient + begin, step.factor, v, range.count)
        if decay != 0 { kernels.scale_add(values + begin, decay, v, range.count) }
        kernels.scale_add(v, Float(-step.rate), values + begin, range.count)
      }
    }
  }

  var state: [(name: String, value: Tensor)] { memory.all }

  func restore(_ tensor: (String) -> Tensor?, for parameters: [Parameter]) {
    memory.restore(tensor, kinds: ["velocity"], for: parameters)
  }
}
