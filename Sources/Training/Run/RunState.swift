import EngineAPI
import JSONText

/// What a checkpoint holds beside weights and the state of the optimizer. The place in the data and all random numbers
/// follow from the step and the seed.
struct RunState {
  /// Steps of the optimizer so far.
  var step = 0
  /// The last losses, from which a spike is told.
  var losses: [Double] = []
  /// The best evaluation: its step and figure.
  var best: (step: Int, value: Double)?
  /// Evaluations since the best one.
  var evaluationsWithoutGain = 0
  /// Lines of the log, for `trainer_state.json`.
  var log: [JSONObject] = []

  /// The number of losses that are kept.
  private static let lossesKept = 50

  /// Adds the loss of a step.
  mutating func add(loss: Double) {
    losses.append(loss)
    if losses.count > Self.lossesKept { losses.removeFirst() }
  }

  /// The median of the last losses; `nil` if they are too few.
  var median: Double? {
    guard losses.count >= 10 else { return nil }
    return losses.sorted()[losses.count / 2]
  }

  /// `trainer_state.json`, with the names that transformers uses and our own.
  func json(steps: Int, epoch: Double, options: TrainingOptions) -> JSONObject {
    var object: JSONObject = [
      "best_global_step": best.map { .integer($0.step) } ?? .null,
      "best_metric": best.map { .double($0.value) } ?? .null, "epoch": .double(epoch), "global_step": .integer(step),
      "is_local_process_zero": .bool(true), "is_world_process_zero": .bool(true),
      "log_history": .array(log.map(JSONValue.object)), "logging_steps": .integer(options.loggingSteps),
      "max_steps": .integer(steps), "save_steps": .integer(options.saveSteps),
      "train_batch_size": .integer(options.perDeviceTrainBatchSize),
    ]
    // As bits, so that a resumed run compares with the same numbers.
    object["triptych"] = [
      "losses": .array(losses.map { JSONValue(String($0.bitPattern, radix: 16)) }),
      "best": best.map { JSONValue(String($0.value.bitPattern, radix: 16)) } ?? .null,
      "evaluations_without_gain": .integer(evaluationsWithoutGain), "seed": JSONValue("\(options.seed)"),
      "optim": JSONValue(options.optim.rawValue),
    ]
    return object
  }

  /// The seed and the optimizer of the run that was read; `nil` for a new one.
  private(set) var seed: String?
  private(set) var optimizer: String?

  init() {}

  /// Reads `trainer_state.json`.
  init(path: String) throws(TrainingError) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue(contentsOfFile: path) } catch { throw TrainingError(.model, error) }
    func bits(_ value: JSONValue?) -> Double? {
      value?.string.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
    }
    guard let step = value["global_step"]?.int, step >= 0, let own = value["triptych"] else {
      throw TrainingError(
        .model, "not the state of a run", at: path, expected: "global_step and triptych", found: "others")
    }
    self.step = step
    losses = own["losses"]?.array?.compactMap(bits) ?? []
    if let step = value["best_global_step"]?.int, let best = bits(own["best"]) { self.best = (step, best) }
    evaluationsWithoutGain = own["evaluations_without_gain"]?.int ?? 0
    seed = own["seed"]?.string
    optimizer = own["optim"]?.string
    log = value["log_history"]?.array?.compactMap(\.object) ?? []
  }
}
