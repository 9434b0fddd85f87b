import EngineAPI
import JSONText

/// What a checkpoint holds beside weights and the state of the optimizer. The place in the data and all random numbers
/// follow from the step and the seed.
struct RunState {
  /// Steps of the optimizer so far.
  var step = 0
  /// The last losses, whose median tells a spike.
  var losses: [Double] = []
  /// The mean of the first losses; `nil` if there were too few.
  private(set) var firstLoss: Double?
  /// The best evaluation: its step and figure.
  var best: (step: Int, value: Double)?
  /// Evaluations since the best one.
  var evaluationsWithoutGain = 0
  /// Lines of the log, for `trainer_state.json`.
  var log: [JSONObject] = []
  /// The run that the state is of; `nil` for a new one.
  private(set) var identity: RunIdentity?

  /// The number of losses that are kept.
  private static let lossesKept = 50
  /// The number of losses from which a spike can be told.
  private static let lossesNeeded = 10

  /// The name of the state that transformers reads too.
  static let file = "trainer_state.json"
  /// The name of the state that only a run reads.
  static let ownFile = "triptych_state.json"

  /// Adds the loss of a step.
  mutating func add(loss: Double) {
    losses.append(loss)
    if firstLoss == nil, losses.count == Self.lossesNeeded {
      firstLoss = losses.reduce(0, +) / Double(losses.count)
    }
    if losses.count > Self.lossesKept { losses.removeFirst() }
  }

  /// The median of the last losses; `nil` if they are too few.
  private var median: Double? {
    guard losses.count >= Self.lossesNeeded else { return nil }
    return losses.sorted()[losses.count / 2]
  }

  /// The largest loss of a step that is not a spike; `nil` while too few steps are done.
  ///
  /// A spike is more than `factor` times the median of the last losses, and it also exceeds the first ones: near the
  /// end of a classifier's training the median is almost zero, and one example with a wrong label is no reason to stop.
  /// A mean over few targets has a higher variance, so its limit is higher.
  /// - Parameter targets: the targets over which the loss of the step is a mean.
  func largestLoss(factor: Double, targets: Int) -> Double? {
    guard let median else { return nil }
    let scatter = 1 + 10 / Double(max(1, targets)).squareRoot()
    return max(factor * median, (firstLoss ?? 0) * scatter)
  }

  /// `trainer_state.json`, as transformers' `TrainerState` has it.
  /// - Parameters:
  ///   - steps: steps of the whole run.
  ///   - stepsPerEpoch: steps of an epoch.
  ///   - bestCheckpoint: the folder of the best checkpoint.
  func json(steps: Int, stepsPerEpoch: Int, options: TrainingOptions, bestCheckpoint: String?) -> JSONObject {
    let logs = log.map { line in
      JSONValue.object(JSONObject(line.members.sorted { "\($0.key)" < "\($1.key)" }))
    }
    return [
      "best_global_step": best.map { .integer($0.step) } ?? .null,
      "best_metric": best.map { .double($0.value) } ?? .null,
      "best_model_checkpoint": bestCheckpoint.map { JSONValue($0) } ?? .null,
      "epoch": .double(Double(step) / Double(stepsPerEpoch)),
      "eval_steps": .integer(options.evalSteps ?? options.loggingSteps), "global_step": .integer(step),
      "is_hyper_param_search": false, "is_local_process_zero": true, "is_world_process_zero": true,
      "log_history": .array(logs), "logging_steps": .integer(options.loggingSteps), "max_steps": .integer(steps),
      "num_input_tokens_seen": 0, "num_train_epochs": .integer((steps + stepsPerEpoch - 1) / stepsPerEpoch),
      "save_steps": .integer(options.saveSteps), "stateful_callbacks": .object([:]), "total_flos": 0,
      "train_batch_size": .integer(options.perDeviceTrainBatchSize), "trial_name": .null, "trial_params": .null,
    ]
  }

  /// `triptych_state.json`: numbers as bits, so that a resumed run compares with the same ones, and the run's identity.
  func ownJSON(_ identity: RunIdentity) -> JSONObject {
    [
      "losses": .array(losses.map { JSONValue(String($0.bitPattern, radix: 16)) }),
      "first_loss": firstLoss.map { JSONValue(String($0.bitPattern, radix: 16)) } ?? .null,
      "best": best.map { JSONValue(String($0.value.bitPattern, radix: 16)) } ?? .null,
      "evaluations_without_gain": .integer(evaluationsWithoutGain), "run": .object(identity.json),
    ]
  }

  init() {}

  /// Reads the two files of a checkpoint.
  init(checkpoint: String) throws(TrainingError) {
    func read(_ name: String) throws(TrainingError) -> JSONValue {
      do throws(JSONError) { return try JSONValue(contentsOfFile: "\(checkpoint)/\(name)") } catch {
        throw TrainingError(.model, error)
      }
    }
    func bits(_ value: JSONValue?) -> Double? {
      value?.string.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
    }
    let (value, own) = (try read(Self.file), try read(Self.ownFile))
    guard let step = value["global_step"]?.int, step >= 0, let identity = own["run"]?.object else {
      throw TrainingError(
        .model, "not the state of a run", at: checkpoint, expected: "global_step and run", found: "not both")
    }
    self.step = step
    self.identity = RunIdentity(identity)
    losses = own["losses"]?.array?.compactMap(bits) ?? []
    firstLoss = bits(own["first_loss"])
    if let step = value["best_global_step"]?.int, let best = bits(own["best"]) { self.best = (step, best) }
    evaluationsWithoutGain = own["evaluations_without_gain"]?.int ?? 0
    log = value["log_history"]?.array?.compactMap(\.object) ?? []
  }
}
