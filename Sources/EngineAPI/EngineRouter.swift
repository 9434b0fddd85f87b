/// Passes each request of a front end to the engine of its model.
///
/// Plain names and paths belong to the default engine, as do names with the scheme of a store in which it finds models
/// (``Engine/schemes``); any other `scheme:…` belongs to the engine registered for the scheme. Requests and answers
/// pass through unchanged, including the scheme. A request for a role that the engine lacks fails with an error that
/// names the ``Capability``.
public struct EngineRouter: Sendable {
  private let plain: any Engine
  private var others: [(scheme: String, engine: any Engine)] = []

  /// A router with `plain` as the default engine, for names and paths without a scheme.
  public init(_ plain: any Engine) { self.plain = plain }

  /// The router with another engine, for references that begin with `scheme:`. A scheme can be registered only once.
  public func registering(_ engine: any Engine, for scheme: String) -> EngineRouter {
    var router = self
    router.others.removeAll { $0.scheme == scheme.lowercased() }
    router.others.append((scheme.lowercased(), engine))
    return router
  }

  /// The engine of a model.
  /// - Throws: an error of kind `.model` if no engine is registered for the scheme, or if the reference has changes and
  ///   the engine cannot look into models.
  public func engine(of reference: ModelReference) throws(EngineError) -> any Engine {
    let engine = try owner(of: reference)
    // Without the role the changes would have no effect.
    guard reference.changes.isEmpty || engine.capabilities.contains(.inspecting) else {
      throw .lacking(.inspecting, of: reference, having: engine.capabilities)
    }
    return engine
  }

  private func owner(of reference: ModelReference) throws(EngineError) -> any Engine {
    guard let scheme = reference.scheme, !plain.schemes.contains(scheme) else { return plain }
    if let known = others.first(where: { $0.scheme == scheme }) { return known.engine }
    let known = (plain.schemes.sorted() + others.map(\.scheme)).map { ", or \($0):NAME" }.joined()
    throw EngineError(
      .model, "unknown scheme", at: "model '\(reference)'", expected: "a model's name, a path\(known)",
      found: "'\(scheme):'", hint: "a folder of this name opens as ./\(reference.name)")
  }

  /// The scheme for which a model's engine is registered; `nil` for the default engine.
  private func registration(of reference: ModelReference) throws(EngineError) -> String? {
    guard let scheme = reference.scheme, !plain.schemes.contains(scheme) else { return nil }
    _ = try engine(of: reference)
    return scheme
  }

  /// The capabilities of the model's engine. The open model may have fewer.
  public func capabilities(of reference: ModelReference) throws(EngineError) -> Set<Capability> {
    try engine(of: reference).capabilities
  }

  /// The engine of a model, cast to one of its roles.
  private func role<Role>(
    _ capability: Capability, of reference: ModelReference, as type: Role.Type
  ) throws(EngineError) -> Role {
    let engine = try engine(of: reference)
    guard engine.capabilities.contains(capability), let role = engine as? Role else {
      throw .lacking(capability, of: reference, having: engine.capabilities)
    }
    return role
  }
}

// MARK: Models

extension EngineRouter {
  /// The models of all engines; the default engine's come first.
  public func models() async throws(EngineError) -> [ModelSummary] {
    var models = try await plain.models()
    for other in others { models += try await other.engine.models() }
    return models
  }

  /// The models of all engines in portions, as they are found; the default engine's come first.
  public func modelPortions() -> AsyncThrowingStream<[ModelSummary], any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          for engine in [plain] + others.map(\.engine) {
            for try await portion in engine.modelPortions() { continuation.yield(portion) }
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// A model as the listing shows it, by any name that opens it.
  public func summary(of reference: ModelReference) async throws(EngineError) -> ModelSummary {
    try await engine(of: reference).summary(of: reference)
  }

  /// The family of a model, without opening it; `nil` if the family is known only after opening.
  public func family(of reference: ModelReference) throws(EngineError) -> ModelFamily? {
    try engine(of: reference).family(of: reference)
  }

  /// Opens a model. The engine's missing capabilities are removed from its ``ModelInformation/capabilities``.
  public func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws(EngineError) -> ModelInformation {
    let engine = try engine(of: reference)
    var information = try await engine.load(reference, progress: progress)
    information.capabilities.formIntersection(engine.capabilities)
    return information
  }

  /// Releases a model's memory.
  public func unload(_ reference: ModelReference) async { await (try? engine(of: reference))?.unload(reference) }
}

// MARK: Roles

extension EngineRouter {
  /// The tokens of a text.
  public func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool = true
  ) async throws(EngineError) -> [TokenSpan] {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self)
      .tokenize(text, model: model, addingSpecialTokens: addingSpecialTokens)
  }

  /// The tokens of a text that is being edited.
  public func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self).tokenizeDraft(text, model: model)
  }

  /// The text of a list of ids.
  public func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self)
      .detokenize(ids, model: model, skippingSpecialTokens: skippingSpecialTokens)
  }

  /// Whether a token is left out of texts.
  public func isSpecial(_ id: Int, model: ModelReference) async throws(EngineError) -> Bool {
    let shown = try await detokenize([id], model: model, skippingSpecialTokens: true)
    return try await detokenize([id], model: model, skippingSpecialTokens: false) != shown
  }

  /// The tokens of a list of ids.
  public func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self).tokens(of: ids, model: model)
  }

  /// A notice about the model's tokenizer for the user.
  public func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self).tokenizerNotice(of: model)
  }

  /// A conversation as its model's chat template writes it.
  public func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String {
    try await role(.chatRendering, of: request.model, as: (any ChatRendering).self).chatText(request)
  }

  /// A conversation as its model reads it.
  public func chatPrompt(_ request: ChatTextRequest) async throws(EngineError) -> ChatPrompt {
    try await role(.chatRendering, of: request.model, as: (any ChatRendering).self).chatPrompt(request)
  }

  /// Starts a stream of tokens. If it cannot start, the stream contains only `.finished`.
  public func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent> {
    do {
      return try role(.generating, of: request.context.model, as: (any Generating).self).generate(request)
    } catch {
      return AsyncStream { continuation in
        continuation.yield(.finished(.failed(error), text: "", timing: GenerationTiming()))
        continuation.finish()
      }
    }
  }

  /// Runs a beam search.
  public func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    try await role(.beamSearch, of: request.context.model, as: (any BeamSearching).self)
      .beamSearch(request, progress: progress)
  }

  /// The distribution at a position.
  public func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    try await role(.distributions, of: request.context.model, as: (any Distributing).self).distribution(request)
  }

  /// Scores the tokens of a text.
  public func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] {
    try await role(.scoring, of: request.context.model, as: (any Scoring).self).score(request, progress: progress)
  }

  /// Scores the tokens of a text and returns them in parts while they are computed.
  public func scoreInParts(
    _ request: ScoreRequest, receive: @escaping @Sendable (ScoredPart) -> Void
  ) async throws(EngineError) {
    try await role(.scoring, of: request.context.model, as: (any Scoring).self).scoreInParts(request, receive: receive)
  }

  /// Scores several continuations of one text.
  public func score(_ request: ContinuationRequest) async throws(EngineError) -> [[ScoredToken]] {
    try await role(.scoring, of: request.context.model, as: (any Scoring).self).score(request)
  }

  /// Compares sides, which must all have the same engine.
  public func compare(
    _ request: ComparisonRequest, receive: @escaping @Sendable (ComparisonPart) -> Void
  ) async throws(EngineError) -> [SideCost] {
    guard let first = request.sides.first?.context.model else { return [] }
    for side in request.sides where try registration(of: side.context.model) != registration(of: first) {
      throw EngineError(
        .usage, "sides of different engines", at: "model '\(side.context.model)'",
        expected: "the engine of '\(first)'", found: "another one",
        hint: "compare models of one engine: their distributions must be known over the whole vocabulary")
    }
    return try await role(.comparing, of: first, as: (any Comparing).self).compare(request, receive: receive)
  }

  /// Fills the masks of a text.
  public func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult {
    try await role(.maskFilling, of: request.context.model, as: (any MaskFilling).self).fillMask(request)
  }

  /// The prefix that instructs an encoder-decoder model to translate between two languages.
  public func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String {
    try await role(.translating, of: model, as: (any Translating).self)
      .translationPrefix(from: source, to: target, model: model)
  }

  /// The settings with which a model summarizes.
  public func summarySettings(
    prefix: String?, model: ModelReference
  ) async throws(EngineError) -> SummarySettings {
    try await role(.summarizing, of: model, as: (any Summarizing).self).summarySettings(prefix: prefix, model: model)
  }

  /// The labels of a text.
  public func classify(_ request: ClassifyRequest) async throws(EngineError) -> ClassifyResult {
    try await role(.classifying, of: request.model, as: (any Classifying).self).classify(request)
  }

  /// The labels of several texts.
  public func classify(_ request: ClassifyBatchRequest) async throws(EngineError) -> [ClassifyResult] {
    try await role(.classifying, of: request.model, as: (any Classifying).self).classify(request)
  }

  /// The labels of a text's tokens.
  public func tag(_ request: TagRequest) async throws(EngineError) -> TagResult {
    try await role(.tagging, of: request.model, as: (any Tagging).self).tag(request)
  }

  /// What is inside a model while it reads a text.
  public func inspect(_ request: InspectionRequest) async throws(EngineError) -> InspectionAnswer {
    try await role(.inspecting, of: request.context.model, as: (any Inspecting).self).inspect(request)
  }

  /// Sends a request to the engine of its model.
  public func watch(_ request: WatchRequest) async throws(EngineError) -> [[Double?]] {
    try await role(.inspecting, of: request.context.model, as: (any Inspecting).self).watch(request)
  }

  /// Measures the speed of a model.
  public func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult {
    try await role(.benchmarking, of: request.model, as: (any Benchmarking).self).bench(request, progress: progress)
  }

  /// Converts a model to a number format and writes it to a folder.
  public func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult {
    try await role(.quantizing, of: request.model, as: (any Quantizing).self).quantize(request, progress: progress)
  }

  /// Trains a model and writes it to a folder.
  public func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult {
    try await role(.training, of: request.model, as: (any ModelTraining).self).train(request, report: report)
  }

  /// Tells a running run what to do.
  public func steerTraining(_ output: String, _ command: TrainingCommand) async throws(EngineError) {
    try await role(.training, of: ModelReference(output), as: (any ModelTraining).self)
      .steerTraining(output, command)
  }

  /// Reads what a run has recorded, or event files of TensorBoard.
  public func trainingHistory(_ path: String) async throws(EngineError) -> TrainingHistory {
    try await role(.training, of: ModelReference(path), as: (any ModelTraining).self).trainingHistory(path)
  }

  /// Repeats the step that a stopped run kept.
  public func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep {
    try await role(.training, of: ModelReference(bundle), as: (any ModelTraining).self).replayStep(bundle)
  }

  /// Sets the number of threads of every engine that computes in this process.
  public func setThreads(_ count: Int) async throws(EngineError) {
    for engine in computing { try await engine.setThreads(count) }
  }

  /// Sets the number format of KV caches of every engine that computes in this process.
  public func setCacheFormat(_ format: CacheFormat) async {
    for engine in computing { await engine.setCacheFormat(format) }
  }

  private var computing: [any Computing] {
    ([plain] + others.map(\.engine)).compactMap { $0 as? any Computing }
  }
}
