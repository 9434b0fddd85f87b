import CKernels
import EngineAPI
import Tensors

/// The cosine in double precision: the same bits on every machine.
func cosine(_ x: Double) -> Double { ck_cos(x) }

/// eˣ in double precision: the same bits on every machine.
func exponential(_ x: Double) -> Double { ck_exp(x) }

/// The learning rate of each step of a run, as transformers' schedules give it.
struct LearningRate {
  /// The highest rate of the options.
  let peak: Double
  /// Peak rates set by the user during the run, each with the step (counted from 0) from which it applies, in order.
  var changes: [(step: Int, peak: Double)] = []
  let schedule: LearningRateSchedule
  /// Steps in which the rate rises from 0 to the peak.
  let warmup: Int
  /// Steps of the whole run.
  let steps: Int

  init(_ options: TrainingOptions, steps: Int) {
    peak = options.learningRate
    schedule = options.lrSchedulerType
    self.steps = steps
    let asked = options.warmupSteps
    warmup = Int((asked < 1 ? asked * Double(steps) : asked).rounded(.up))
  }

  /// The rate of a step, counted from 0.
  func rate(_ step: Int) -> Double { (changes.last { $0.step <= step }?.peak ?? peak) * factor(step) }

  private func factor(_ step: Int) -> Double {
    if schedule == .constant { return 1 }
    if step < warmup { return Double(step) / Double(max(1, warmup)) }
    let rest = Double(max(1, steps - warmup))
    let progress = min(1, Double(step - warmup) / rest)
    switch schedule {
    case .constant, .constantWithWarmup: return 1
    case .linear: return max(0, Double(steps - step) / rest)
    case .cosine: return max(0, 0.5 * (1 + cosine(.pi * progress)))
    case .inverseSquareRoot:
      // The time scale is the warmup, or 10,000 steps without one.
      let scale = Double(warmup > 0 ? warmup : 10_000)
      return 1 / ((Double(step - warmup) + scale) / scale).squareRoot()
    case .warmupStableDecay:
      // The last fifth decays along a cosine.
      let decay = max(1, steps / 5)
      let begin = steps - decay
      guard step >= begin else { return 1 }
      return max(0, 0.5 * (1 + cosine(.pi * Double(step - begin) / Double(decay))))
    }
  }
}
