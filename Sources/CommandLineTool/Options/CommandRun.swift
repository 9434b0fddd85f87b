import EngineAPI
import Sampling

/// The context and console of a running command.
struct CommandRun: Sendable {
  let context: CommandContext
  let console: Console

  /// Creates the engine and sets its threads and cache format.
  func engine(threads: Int?, cache: CacheFormat? = nil) async throws -> EngineRouter {
    let engine = try context.makeEngine()
    if let threads { try await engine.setThreads(threads) }
    if let cache { await engine.setCacheFormat(cache) }
    return engine
  }

  /// Opens a model and shows a progress bar.
  func open(
    _ reference: ModelReference, with options: ModelOptions, cache: CacheFormat? = nil
  ) async throws -> OpenModel {
    var open = try await open(reference, on: try await engine(threads: options.threads, cache: cache))
    open.cache = cache
    return open
  }

  /// Opens a model on an engine and shows a progress bar.
  func open(_ reference: ModelReference, on engine: EngineRouter) async throws -> OpenModel {
    let progress = console.progress
    let title = "loading \(reference.shortName)"
    let information = try await engine.load(reference) { progress.show(title, $0.fraction) }
    progress.clear()
    for notice in information.notices { console.note(notice) }
    try Task.checkCancellation()
    return OpenModel(engine: engine, reference: reference, information: information)
  }

  /// Prints a notice about keys of the generation configuration that have no effect.
  func noteUnknownKeys(of model: OpenModel) {
    if let notice = model.information.unknownKeysNotice(name: model.reference.description) { console.note(notice) }
  }

  /// Prints a notice for each option about the end of the text if the model has no token that ends it.
  func noteEndOptions(of model: OpenModel, _ chain: ChainOptions? = nil, _ processors: ProcessorOptions? = nil) {
    guard model.information.endOfTextIDs.isEmpty else { return }
    var options: [String] = []
    if let chain, chain.settings(over: SamplingSettings()).minTokens > 0 { options.append("--min-tokens") }
    if processors?.rules.lengthDecay != nil { options.append("--exponential-decay-length-penalty") }
    for option in options {
      console.note("\(option) has no effect: \(model.reference) has no end-of-text token (eos_token_id)")
    }
  }

  /// The text of a command.
  func text(_ options: TextOptions) async throws(CommandError) -> String {
    try await TextInput(context: context).read(options.text, file: options.file)
  }
}

/// A model that is open, and the engine that holds it.
struct OpenModel: Sendable {
  let engine: EngineRouter
  let reference: ModelReference
  var information: ModelInformation
  /// The number format of its KV cache, if one was given.
  var cache: CacheFormat?

  /// Throws unless the model belongs to one of `families`.
  func require(_ families: ModelFamily..., for command: String, hint: String? = nil) throws(CommandError) {
    try require(families, for: command, hint: hint)
  }

  /// Throws unless the model belongs to one of `families`.
  func require(_ families: [ModelFamily], for command: String, hint: String? = nil) throws(CommandError) {
    guard !families.contains(information.family) else { return }
    throw .wrongFamily(
      command: command, model: reference.description, family: information.family, expected: families, hint: hint)
  }

  /// Refuses biases for ids outside the vocabulary.
  func check(_ chain: ChainOptions) throws(CommandError) {
    try check(chain.logitBias.map { ("--logit-bias", $0.id) })
  }

  /// Refuses biases for ids outside the vocabulary.
  func check(_ processors: ProcessorOptions) throws(CommandError) {
    try check(processors.rules.sequenceBias.flatMap { $0.ids.map { ("--sequence-bias", $0) } })
  }

  private func check(_ ids: [(option: String, id: Int)]) throws(CommandError) {
    // If the size is unknown, the engine checks the ids.
    guard let size = information.vocabularySize, let wrong = ids.first(where: { $0.id >= size }) else { return }
    throw .engine(
      EngineError(
        .input, "no such token in the model", at: wrong.option,
        expected: "an id from 0 to \(size - 1), the vocabulary of \(reference)", found: "\(wrong.id)"))
  }

  /// The tokens of a text, with the special tokens that the tokenizer adds.
  func tokens(_ text: String) async throws -> [TokenSpan] {
    try await engine.tokenize(text, model: reference, addingSpecialTokens: true)
  }

  /// The number of candidates to ask for: `count`, but at most the size of the vocabulary if that is known.
  func listed(_ count: Int) -> Int { min(count, information.vocabularySize ?? count) }

  /// The context to continue after a prompt: an empty decoder input for encoder-decoder models, else the prompt.
  func context(prompt ids: [Int]) -> ModelContext {
    information.family == .seq2seq
      ? ModelContext(model: reference, encoderIDs: ids, ids: []) : ModelContext(model: reference, ids: ids)
  }
}
