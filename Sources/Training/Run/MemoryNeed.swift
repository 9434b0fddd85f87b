import EngineAPI
import Models
import Tensors
import Terms

/// The memory that a run needs, estimated before its first step.
struct MemoryNeed {
  /// Weights, gradients and the optimizer's state, in bytes.
  let weights: Int
  /// Activations of one token, in bytes; of a layer that is computed again, those of the largest one.
  let perToken: Double
  /// Tokens of the largest of the first batches.
  let tokens: Int

  /// Gradients of activations that exist beside them at one time, as a share of them.
  private static let gradientShare = 0.25

  /// - Parameter trained: the parameters that the optimizer changes.
  init(_ plan: TrainingPlan, trained: [Parameter], options: TrainingOptions) throws(TrainingError) {
    let size = MemoryLayout<Float>.stride
    let all = plan.trainable.parameters.all.reduce(0) { $0 + $1.count }
    let changed = trained.reduce(0) { $0 + $1.count }
    weights = size * (2 * all + changed * Self.numbers(perTrainedWeight: options))
    let batch = plan.batches(0).max { Self.tokens($0) < Self.tokens($1) } ?? []
    tokens = Self.tokens(batch)
    // One example is read to see what a pass keeps.
    guard let example = batch.max(by: { $0.tokens < $1.tokens }), example.targets.count > 0 else {
      perToken = 0
      return
    }
    let recorder = Recorder(
      dropout: RandomKey(seed: options.seed), recomputesLayers: options.gradientCheckpointing)
    do throws(ModelError) {
      let pass = try LossPass(model: plan.trainable.model(), smoothing: 0).forward([example], recorder: recorder)
      let operations = recorder.takeAll() + pass.tapes.flatMap(\.operations)
      func numbers(_ operations: [RecordedOperation]) -> Int { operations.reduce(0) { $0 + $1.output.count } }
      let again = operations.map { operation in
        if case .layer(let layer) = operation { numbers(layer.record().operations) } else { 0 }
      }
      let count = numbers(operations) + (again.max() ?? 0)
      perToken = Double(count * size) / Double(max(1, example.tokens))
    } catch {
      throw TrainingError(.model, error)
    }
  }

  /// Numbers beside its value for each weight that is changed: its gradient and the state of the optimizer.
  private static func numbers(perTrainedWeight options: TrainingOptions) -> Int {
    let states =
      switch options.optim {
      case .adamw: 2
      case .sgd, .muon: 1
      case .adafactor: 0
      }
    return 1 + states + (options.emaDecay > 0 ? 1 : 0)
  }

  /// The number of weights of a model of which at most the state fits in memory, before anything of it is read or made.
  static func mostWeights(_ free: Int?, _ options: TrainingOptions) -> Int? {
    // A weight is held as a parameter and in panels. How many of them are frozen is not known yet.
    let isWhole = options.loraR == 0 && options.freeze.isEmpty
    return free.map { $0 / (MemoryLayout<Float>.stride * (2 + (isWhole ? numbers(perTrainedWeight: options) : 0))) }
  }

  private static func tokens(_ batch: [TrainingExample]) -> Int { batch.reduce(0) { $0 + $1.tokens } }

  private var activations: Int { Int(perToken * Double(tokens) * (1 + Self.gradientShare)) }

  /// All of it, in bytes.
  var total: Int { weights + activations }

  /// Refuses a run that does not fit.
  func check(_ free: Int?, _ options: TrainingOptions) throws(TrainingError) {
    guard let free, total > free else { return }
    let fitting = activations > 0 ? max(0, (free - weights)) * options.perDeviceTrainBatchSize / activations : 0
    throw TrainingError(
      .resources, "the run does not fit in memory", expected: "at most \(free >> 20) MiB",
      found: "\(weights >> 20) MiB for weights and optimizer, \(activations >> 20) MiB for activations",
      hint: fitting > 0
        ? "a batch of \(fitting) fits (per_device_train_batch_size), with more accumulation for the same step"
          + (options.gradientCheckpointing ? "" : "; gradient_checkpointing needs less")
        : "choose a smaller model, or optim adafactor or sgd")
  }
}
