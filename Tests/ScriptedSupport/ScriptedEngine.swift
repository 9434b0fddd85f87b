import EngineAPI
import Sampling

/// An engine without weights and clock for tests of front ends. It gives the same answers on every machine.
///
/// Each operation is a synchronous function of `model(_:)` (see `ScriptedModel`), for tests that run effects one by
/// one. The asynchronous protocol calls these functions.
public struct ScriptedEngine:
  Engine, Tokenizing, ChatRendering, Generating, BeamSearching, Distributing, Scoring, MaskFilling, Translating,
  Summarizing, Classifying, Tagging, Inspecting, Benchmarking, Quantizing, Computing
{
  /// The models in listing order.
  public var catalogue: [ScriptedModel]
  /// Holds back the tokens of streams until a test releases them; `nil`: streams are not held back.
  public var gate: ScriptedGate?

  /// An engine with these models.
  public init(catalogue: [ScriptedModel] = ScriptedModel.bundled, gate: ScriptedGate? = nil) {
    self.catalogue = catalogue
    self.gate = gate
  }

  /// The model of a reference. Throws the errors of a real engine: no such model, or a broken one.
  public func model(_ reference: ModelReference) throws(EngineError) -> ScriptedModel {
    guard let model = catalogue.first(where: { $0.summary.name == reference.name }) else {
      throw EngineError(
        .model, "no such model", at: reference.name, expected: "a bundled name or a folder", found: "neither",
        hint: "`triptych models` lists what can be opened")
    }
    if let failure = model.failure { throw failure }
    return model
  }

  /// The list of models.
  public func models() async -> [ModelSummary] { catalogue.map(\.summary) }

  /// Opens a model in three steps.
  public func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation {
    let model = try model(reference)
    for (fraction, step) in ScriptedModel.loadSteps { progress(LoadProgress(fraction: fraction, step: step)) }
    return model.information(reference)
  }

  /// Does nothing, because opening a model keeps nothing.
  public func unload(_ reference: ModelReference) async {}

  /// The tokens of a text.
  public func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan] {
    try self.model(model).tokenize(text, addingSpecialTokens: addingSpecialTokens)
  }

  /// The text of a list of ids.
  public func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    try self.model(model).text(of: ids, skippingSpecialTokens: skippingSpecialTokens)
  }

  /// The tokens of a list of ids.
  public func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    let model = try self.model(model)
    try model.check(ids)
    return ids.map(model.token)
  }

  /// A stream of the model's events; each token waits for the gate, if there is one.
  public func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent> {
    AsyncStream { continuation in
      let task = Task {
        let events: [TokenEvent]
        do throws(EngineError) {
          events = try model(request.context.model).events(request)
        } catch {
          events = [.finished(.failed(error), text: "", timing: GenerationTiming())]
        }
        var made = 0
        for event in events {
          if case .token = event, let gate {
            await gate.pass()
            made += 1
          }
          if Task.isCancelled {
            continuation.yield(.finished(.interrupted, text: "", timing: GenerationTiming(tokens: max(0, made - 1))))
            break
          }
          continuation.yield(event)
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// Runs a beam search.
  public func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    let result = try model(request.context.model).beams(request)
    for count in 1...max(1, result.completions.map(\.tokens.count).max() ?? 1) { progress(count) }
    return result
  }

  /// The distribution at a position.
  public func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    try model(request.context.model).answer(request)
  }

  /// Scores the tokens of a text.
  public func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] {
    let tokens = try model(request.context.model).score(request)
    progress(1)
    return tokens
  }

  /// Scores several continuations of one text, or several fillings of its one mask.
  public func score(_ request: ContinuationRequest) async throws(EngineError) -> [[ScoredToken]] {
    try model(request.context.model).score(request)
  }

  /// What is inside a model.
  public func inspect(_ request: InspectionRequest) async throws(EngineError) -> InspectionAnswer {
    try model(request.context.model).inspect(request)
  }

  /// Fills the masks of a text.
  public func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult {
    try model(request.context.model).fill(request)
  }

  /// The prefix of a translation task.
  public func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String {
    try self.model(model).prefix(from: source, to: target)
  }

  /// T5's prefix, unless there is another one, and no settings.
  public func summarySettings(
    prefix: String?, model: ModelReference
  ) async throws(EngineError) -> SummarySettings {
    _ = try self.model(model)
    return SummarySettings(prefix: prefix ?? "summarize: ", decoding: DecodingDefaults())
  }

  /// The labels of a text.
  public func classify(_ request: ClassifyRequest) async throws(EngineError) -> ClassifyResult {
    try model(request.model).classify(request)
  }

  /// The names in a text.
  public func tag(_ request: TagRequest) async throws(EngineError) -> TagResult {
    try model(request.model).tag(request)
  }

  /// Fixed, made-up figures.
  public func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult {
    let model = try model(request.model)
    let runs = max(1, request.runs)
    for run in 1...runs { progress(Double(run) / Double(runs)) }
    let spread = { (figure: Double) in Spread(Array(repeating: figure, count: runs)) }
    return BenchResult(
      model: model.information(request.model), threads: 2, instructionSet: "generic", peakResidentBytes: 64_000_000,
      promptTokensPerSecond: spread(4000), decodeTokensPerSecond: model.family == .masked ? nil : spread(800),
      endToEndTokensPerSecond: model.family == .masked ? nil : spread(600),
      kernels: request.kernels ? [KernelFigure(name: "scripted", value: 10, unit: "GB/s", limit: 12)] : [])
  }

  /// Returns a result without writing anything; the size is a quarter of the weights'.
  public func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult {
    let model = try model(request.model)
    for (fraction, step) in ScriptedModel.loadSteps { progress(LoadProgress(fraction: fraction, step: step)) }
    let bytes = model.summary.bytes ?? 0
    return QuantizeResult(
      format: request.format, bytes: bytes / 4, sourceBytes: bytes, path: request.output)
  }

  /// Accepts any positive number.
  public func setThreads(_ count: Int) async throws(EngineError) {
    guard count > 0 else {
      throw EngineError(
        .usage, "wrong number of threads", at: "the engine", expected: "1 or more", found: String(count),
        settings: [.threads])
    }
  }

  /// Does nothing, because there is no KV cache.
  public func setCacheFormat(_ format: CacheFormat) {}
}

extension ScriptedEngine {
  /// Scripted models have a template that writes the conversation as it is.
  public func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String {
    try model(request.model).chatPrompt(request).text
  }

  /// A conversation as the model reads it.
  public func chatPrompt(_ request: ChatTextRequest) async throws(EngineError) -> ChatPrompt {
    try model(request.model).chatPrompt(request)
  }
}
