import Checkpoints
import EngineAPI
import JSONText
import Models
import Tensors
import Terms
import Tokenizers

/// Everything that a run needs before its first step: the model with its head, the examples, and the number of steps.
struct TrainingPlan {
  let trainable: TrainableModel
  let tokenizer: Tokenizer
  /// `config.json` of the trained model.
  let configuration: JSONObject
  let labels: [String]
  let training: any ExampleSet
  let evaluation: (any ExampleSet)?
  /// What the model makes of prompts; `nil` if there are none.
  let sampler: PromptSampler?
  /// Writes texts for evaluations; `nil` if none are written.
  let writer: TextWriter?
  /// Examples on which the KL divergence from the initial model is measured; may be empty.
  let fixedExamples: [TrainingExample]
  /// The inputs that determine the run's weights.
  let identity: RunIdentity
  /// Remarks for the user.
  let notices: [String]

  /// Examples in a pass and passes in a step.
  private let batch: Int
  private let accumulation: Int
  private let seed: UInt64
  private let order = EpochOrder()
  /// Steps in an epoch and in the whole run.
  let stepsPerEpoch: Int
  let steps: Int

  /// - Parameters:
  ///   - source: the folder of the model that the run starts from.
  ///   - checkpoint: the folder with the weights of a run that is continued.
  ///   - known: the identity of a run that is continued, and the file that holds it.
  ///   - freeMemory: bytes that the run may use; `nil` if unknown.
  ///   - isInterrupted: whether the run is to end. Checked while new weights are made.
  init(
    _ request: TrainRequest, source: String, checkpoint: String?, known: (identity: RunIdentity, path: String)? = nil,
    freeMemory: Int?, isInterrupted: @escaping () -> Bool = { false }
  ) throws(TrainingError) {
    let options = request.options
    do throws(TokenizerError) { tokenizer = try Tokenizer(folder: source) } catch { throw TrainingError(.model, error) }
    var files: [ExampleFile] = []
    for path in request.trainFiles { files.append(try ExampleFile(path: path, options)) }
    let held = try request.validationFile.map { path throws(TrainingError) in try ExampleFile(path: path, options) }
    let given = try TrainedConfiguration.read(source)
    identity = RunIdentity(
      request, model: RunIdentity.summary(given), files: files.map(\.checksum), heldOut: held?.checksum)
    if let known { try known.identity.check(identity, path: known.path) }
    labels = try Self.labels(request, files, given)
    configuration = TrainedConfiguration.make(
      given, request.objective, labels: labels, problemType: options.problemType,
      dropout: try options.dropout.map { probability throws(TrainingError) in
        (keys: try Self.dropoutKeys(source), probability: probability)
      })
    trainable = try Self.model(
      request, source: source, checkpoint: checkpoint, configuration, freeMemory: freeMemory,
      isInterrupted: isInterrupted)
    var notices: [String] = []
    if checkpoint == nil, !request.fromScratch, !trainable.initialized.isEmpty {
      notices.append("new weights: \(trainable.initialized.joined(separator: ", "))")
    }
    notices += (files + [held].compactMap(\.self)).compactMap(\.skipped)
    self.notices = notices
    let generation: GenerationConfiguration
    do throws(ModelError) { generation = try trainable.generation() } catch { throw TrainingError(.model, error) }
    let reads = request.objective == .causal || request.objective == .preference
    let conversations = reads ? try ConversationReader(folder: source, tokenizer) : nil
    let maker = ExampleMaker(
      objective: request.objective, options: options, tokenizer: tokenizer, limit: trainable.contextLength,
      labels: labels, decoderStart: generation.decoderStartTokenID,
      conversations: conversations,
      start: request.objective == .preference ? try Self.startingModel(source) : nil)
    var sets: [any ExampleSet] = []
    for file in files { sets.append(try maker.examples(file)) }
    let all: any ExampleSet = sets.count == 1 ? sets[0] : JoinedExamples(parts: sets)
    if let held {
      training = all
      evaluation = try maker.examples(held)
    } else if options.validationSplit > 0 {
      (training, evaluation) = try Self.split(all, options.validationSplit)
    } else {
      (training, evaluation) = (all, nil)
    }
    try Self.checkTargets(training, request)
    sampler = try PromptSampler(maker, ends: generation.eosTokenIDs, contextLength: trainable.contextLength)
    writer =
      options.predictWithGenerate
      ? TextWriter(
        tokenizer: tokenizer, start: generation.decoderStartTokenID ?? 0, ends: Set(generation.eosTokenIDs),
        limit: min(options.generationMaxLength, trainable.contextLength ?? .max)) : nil
    fixedExamples =
      try options.klFile.map { path throws(TrainingError) in
        let chosen = StartDrift.examples(try maker.examples(ExampleFile(path: path, options)))
        guard !chosen.isEmpty else {
          throw TrainingError(
            .data, "no distributions to compare", at: path, expected: "examples with tokens that the loss counts",
            found: "none")
        }
        return chosen
      } ?? []
    batch = options.perDeviceTrainBatchSize
    accumulation = options.gradientAccumulationSteps
    seed = options.seed
    let batches = (training.count + batch - 1) / batch
    stepsPerEpoch = max(1, (batches + accumulation - 1) / accumulation)
    steps = options.maxSteps ?? max(1, Int((options.numTrainEpochs * Double(stepsPerEpoch)).rounded(.up)))
  }

  /// The examples of a step, counted from 0, in batches.
  func batches(_ step: Int) -> [[TrainingExample]] {
    let (epoch, index) = (step / stepsPerEpoch, step % stepsPerEpoch)
    let order = order.indices(of: epoch, count: training.count, seed: seed)
    let first = index * batch * accumulation
    let last = min(first + batch * accumulation, order.count)
    return stride(from: first, to: last, by: batch).map { start in
      order[start..<min(start + batch, last)].map { training.example($0, epoch: epoch) }
    }
  }

  /// Whether there is anything to do at an evaluation.
  var isWatched: Bool { evaluation != nil || sampler != nil || !fixedExamples.isEmpty }

  /// The epoch after a number of steps, with its fraction.
  func epoch(_ steps: Int) -> Double { Double(steps) / Double(stepsPerEpoch) }

  // MARK: - Making

  private static func dropoutKeys(_ source: String) throws(TrainingError) -> [String] {
    do throws(ModelError) { return try TrainableModel.dropoutKeys(ModelSource(path: source)) } catch {
      throw TrainingError(.model, error)
    }
  }

  private static func labels(
    _ request: TrainRequest, _ files: [ExampleFile], _ given: JSONObject
  ) throws(TrainingError) -> [String] {
    guard request.objective == .classify || request.objective == .tag else { return [] }
    guard request.options.problemType != "regression" else { return ["LABEL_0"] }
    var found: Set<String> = []
    var ordered: [String] = []
    let known = TrainedConfiguration.labels(given) ?? []
    var unknown: (name: String, place: String)?
    for file in files {
      for (label, line) in try ExampleMaker.labels(request.objective, file, request.options)
      where found.insert(label).inserted {
        ordered.append(label)
        if unknown == nil, !known.contains(label) { unknown = (label, "\(file.path) line \(line)") }
      }
    }
    // A model that already has these labels keeps their order. One without any of them gets a new set.
    guard let unknown else {
      if !found.isEmpty { return known }
      throw tooFewLabels(files, found: "none")
    }
    // The tag outside of entities is that of every tagger.
    if !request.fromScratch, !found.subtracting(["O"]).isDisjoint(with: known) {
      throw TrainingError(
        .data, "a label that the model does not have", at: unknown.place,
        expected: "one of the labels \(known.prefix(20).joined(separator: ", "))", found: unknown.name,
        hint: "to learn other labels, start from a model without labels or use from_scratch")
    }
    guard ordered.count > 1 else {
      throw tooFewLabels(files, found: ordered[0])
    }
    return ordered
  }

  /// The model from which a run on preferences starts, which its pairs are compared with.
  private static func startingModel(_ source: String) throws(TrainingError) -> AnyLanguageModel {
    do throws(ModelError) { return try ModelLoader.open(ModelSource(path: source), format: .f32).model } catch {
      throw TrainingError(.model, error)
    }
  }

  private static func tooFewLabels(_ files: [ExampleFile], found: String) -> TrainingError {
    TrainingError(
      .data, "too few labels", at: files.first?.path, expected: "at least two labels", found: found)
  }

  private static func model(
    _ request: TrainRequest, source: String, checkpoint: String?, _ configuration: JSONObject, freeMemory: Int?,
    isInterrupted: @escaping () -> Bool
  ) throws(TrainingError) -> TrainableModel {
    let initializer = WeightInitializer(
      configuration: configuration, seed: request.options.seed, isInterrupted: isInterrupted)
    let folder = checkpoint ?? source
    let startsEmpty = request.fromScratch && checkpoint == nil
    let generationPath = "\(source)/generation_config.json"
    do {
      var generation: JSONValue?
      if FileBytes.exists(generationPath) { generation = try JSONValue(contentsOfFile: generationPath) }
      let model = try TrainableModel(
        ModelSource(path: folder, configuration: .object(configuration), generation: generation) {
          () throws(CheckpointError) in
          startsEmpty ? EmptyStore(location: folder) : try WeightContainer.open(folder: folder)
        }, initialize: { initializer.values($0, $1) },
        replaces: { name in ["classifier", "score"].contains { name.contains($0) } },
        most: MemoryNeed.mostWeights(freeMemory, request.options))
      if startsEmpty, isInterrupted() {
        throw TrainingError(
          .interrupted, "the run was interrupted before its first step", at: request.output,
          expected: "time to make the weights", found: "an interruption")
      }
      let expected: ModelFamily =
        switch request.objective {
        case .causal, .preference: .causal
        case .masked: .masked
        case .seq2seq: .seq2seq
        case .classify: .classifier
        case .tag: .tagger
        }
      guard model.family == expected else {
        throw TrainingError(
          .model, "the model is of another family", at: source, expected: "a model of the family \(expected.rawValue)",
          found: model.family.rawValue)
      }
      if let checkpoint, let name = model.initialized.first {
        throw TrainingError(
          .model, "the checkpoint is of another model", at: checkpoint, expected: "a tensor \(name)",
          found: "none that fits", hint: "resume with the objective and the model of the run")
      }
      if !startsEmpty, model.initialized.count == model.parameters.all.count {
        throw TrainingError(
          .model, "the weights are those of another model", at: source, expected: "its tensors", found: "none of them")
      }
      for parameter in model.parameters.all {
        // A constant of transformers' models, which nothing trains.
        let isConstant = parameter.name.hasSuffix("final_logits_bias")
        parameter.isFrozen = isConstant || request.options.freeze.contains { parameter.name.contains($0) }
      }
      if let word = request.options.freeze.first(where: { word in
        !model.parameters.all.contains { $0.name.contains(word) }
      }) {
        throw TrainingError(
          .usage, "no weight to freeze", at: "freeze",
          expected: "a part of a weight's name, such as "
            + model.parameters.all.prefix(3).map(\.name).joined(separator: ", "), found: word)
      }
      guard model.parameters.all.contains(where: { !$0.isFrozen }) else {
        throw TrainingError(
          .usage, "nothing is trained", at: "freeze", expected: "weights that are not frozen", found: "none")
      }
      return model
    } catch let error as TrainingError {
      throw error
    } catch let error as ModelError {
      throw TrainingError(.model, error)
    } catch let error as JSONError {
      throw TrainingError(.model, error)
    } catch {
      throw TrainingError(.model, "the model can't be opened", at: source)
    }
  }

  /// Holds out examples by a hash of their tokens, so that an example is always on the same side. At least one is held
  /// out: the one with the smallest number.
  private static func split(
    _ all: any ExampleSet, _ share: Double
  ) throws(TrainingError) -> (kept: any ExampleSet, held: any ExampleSet) {
    let numbers = (0..<all.count).map { index in
      let hash = all.ids(index).reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
      }
      var generator = CounterGenerator(seed: 0, 4, hash)
      return generator.uniform()
    }
    let bound = max(share, (numbers.min() ?? 0).nextUp)
    let kept = numbers.indices.filter { numbers[$0] >= bound }
    guard !kept.isEmpty else {
      throw TrainingError(
        .data, "nothing is left to train on", at: "validation_split \(share)", expected: "examples on both sides",
        found: "\(all.count) examples, all of them held out", hint: "use more examples, or a smaller share")
    }
    return (
      ExampleSubset(base: all, indices: kept),
      ExampleSubset(base: all, indices: numbers.indices.filter { numbers[$0] < bound })
    )
  }

  /// Refuses examples in which nothing counts.
  private static func checkTargets(_ examples: any ExampleSet, _ request: TrainRequest) throws(TrainingError) {
    let counts = (0..<examples.count).contains { examples.example($0, epoch: 0).targets.count > 0 }
    guard !counts else { return }
    throw TrainingError(
      .data, "no target to train on", at: request.trainFiles.joined(separator: ", "),
      expected: "examples with tokens that the loss counts", found: "\(examples.count) examples without any")
  }
}

/// The order of the examples in an epoch, kept for the steps of that epoch.
private final class EpochOrder {
  private var known: (epoch: Int, indices: [Int])?

  func indices(of epoch: Int, count: Int, seed: UInt64) -> [Int] {
    if let known, known.epoch == epoch { return known.indices }
    var generator = CounterGenerator(seed: seed, 3, UInt64(epoch))
    let indices = generator.permutation(count)
    known = (epoch, indices)
    return indices
  }
}

/// The examples of several files.
struct JoinedExamples: ExampleSet {
  let parts: [any ExampleSet]

  var count: Int { parts.reduce(0) { $0 + $1.count } }

  func example(_ index: Int, epoch: Int) -> TrainingExample {
    let (part, rest) = place(index)
    return parts[part].example(rest, epoch: epoch)
  }

  func ids(_ index: Int) -> [Int] {
    let (part, rest) = place(index)
    return parts[part].ids(rest)
  }

  /// The part of an example, and its index there.
  private func place(_ index: Int) -> (part: Int, index: Int) {
    var rest = index
    for (number, part) in parts.enumerated() {
      if rest < part.count { return (number, rest) }
      rest -= part.count
    }
    preconditionFailure("example \(index) of \(count)")
  }
}
