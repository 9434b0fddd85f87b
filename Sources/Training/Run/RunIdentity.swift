import EngineAPI
import JSONText
import Models

/// The inputs that determine a run's weights, as names and values. A run resumes only if they are unchanged.
///
/// The number of steps is not part of it: a run may be made longer.
struct RunIdentity: Equatable {
  private(set) var values: [(name: String, value: String)]

  /// The name of the model's value.
  private static let model = "model"

  static func == (a: Self, b: Self) -> Bool { a.values.elementsEqual(b.values, by: ==) }

  /// The identity of a request.
  /// - Parameters:
  ///   - model: the model to start from.
  ///   - files: checksums of the files of examples.
  ///   - heldOut: that of the file of held-out examples.
  init(_ request: TrainRequest, model: String, files: [UInt32], heldOut: UInt32?) {
    let options = request.options
    func text(_ value: Double) -> String { "\(value)" }
    func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "none" }
    func text(_ files: [UInt32]) -> String {
      files.map { String($0, radix: 16) }.joined(separator: " ")
    }
    values = [
      (Self.model, model), ("objective", request.objective.rawValue), ("from_scratch", "\(request.fromScratch)"),
      ("contents of train_file", text(files)), ("contents of validation_file", heldOut.map { text([$0]) } ?? "none"),
      ("text_column", text(options.textColumn)), ("label_column", text(options.labelColumn)),
      ("source_column", text(options.sourceColumn)), ("target_column", text(options.targetColumn)),
      ("pair_column", text(options.pairColumn)),
      ("column_names", text(options.columnNames?.joined(separator: ","))),
      ("skip_invalid_lines", "\(options.skipInvalidLines)"), ("source_prefix", options.sourcePrefix),
      ("block_size", text(options.blockSize)), ("max_target_length", text(options.maxTargetLength)),
      ("line_by_line", "\(options.lineByLine)"), ("validation_split", text(options.validationSplit)),
      ("mlm_probability", text(options.mlmProbability)), ("whole_word_masking", "\(options.wholeWordMasking)"),
      ("span_corruption", "\(options.spanCorruption)"), ("problem_type", text(options.problemType)),
      // The same examples in other batches give the same bits.
      (
        "per_device_train_batch_size × gradient_accumulation_steps",
        "\(options.perDeviceTrainBatchSize * options.gradientAccumulationSteps)"
      ),
      ("seed", "\(options.seed)"), ("dropout", text(options.dropout)), ("learning_rate", text(options.learningRate)),
      ("lr_scheduler_type", options.lrSchedulerType.rawValue), ("warmup_steps", text(options.warmupSteps)),
      ("optim", options.optim.rawValue), ("weight_decay", text(options.weightDecay)),
      ("adam_beta1", text(options.adamBeta1)), ("adam_beta2", text(options.adamBeta2)),
      ("adam_epsilon", text(options.adamEpsilon)), ("momentum", text(options.momentum)),
      ("max_grad_norm", text(options.maxGradNorm)), ("label_smoothing_factor", text(options.labelSmoothingFactor)),
      ("beta", text(options.beta)), ("freeze", options.freeze.joined(separator: ",")),
      ("ema_decay", text(options.emaDecay)),
      ("lora_r", "\(options.loraR)"), ("lora_alpha", text(options.loraAlpha)),
      ("lora_target_modules", options.loraTargetModules.joined(separator: ",")), ("use_dora", "\(options.useDora)"),
      ("lora_dropout", text(options.loraDropout)),
    ]
  }

  /// The identity that a checkpoint holds.
  init(_ object: JSONObject) { values = object.members.map { ("\($0.key)", $0.value.string ?? "") } }

  /// The architecture and a checksum of a configuration, which tell one model from another.
  static func summary(_ configuration: JSONObject) -> String {
    let sum = Checksum.crc(Array(JSONValue.object(configuration).serialized().utf8))
    return "\(ArchitectureNames.stem(configuration)) (\(String(sum, radix: 16)))"
  }

  /// As a checkpoint holds it.
  var json: JSONObject {
    JSONObject(values.map { (key: ByteString($0.name), value: JSONValue($0.value)) })
  }

  /// Refuses a run that is not this one, and names what differs.
  /// - Parameter path: the file that holds this identity.
  func check(_ given: RunIdentity, path: String) throws(TrainingError) {
    let own = Dictionary(values.map { ($0.name, $0.value) }) { $1 }
    let different = given.values.filter { own[$0.name] != $0.value }
    guard !different.isEmpty else { return }
    if let other = different.first(where: { $0.name == Self.model }) {
      throw TrainingError(
        .usage, "the checkpoint is of another model", at: path, expected: own[other.name] ?? "the model of the run",
        found: other.value, hint: "resume with the model of the run, or begin a new run in another folder")
    }
    func list(_ value: (String, String) -> String) -> String {
      different.map { "\($0.name) \(value($0.name, $0.value))" }.joined(separator: ", ")
    }
    throw TrainingError(
      .usage, "the checkpoint is of a run with other options", at: path,
      expected: list { name, _ in own[name] ?? "as it was" }, found: list { $1 },
      hint: "resume with the options of the run, or begin a new one in another folder")
  }
}
