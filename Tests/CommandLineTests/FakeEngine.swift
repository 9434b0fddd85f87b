import EngineAPI
import Sampling
import ScriptedSupport

/// The scripted engine with some answers replaced by a test, and a log of its requests.
struct FakeEngine:
  Engine, Tokenizing, ChatRendering, Generating, BeamSearching, Distributing, Scoring, MaskFilling, Translating,
  Summarizing,
  Classifying, Tagging, Inspecting, Benchmarking, Quantizing, Computing
{
  /// A request that reached the engine.
  enum Request: Equatable, Sendable {
    case generate(GenerationRequest)
    case beams(BeamRequest)
    case distribution(DistributionRequest)
    case score(ScoreRequest)
    case fillMask(FillMaskRequest)
    case inspect(InspectionRequest)
    case classify(ClassifyRequest)
    case tag(TagRequest)
    case bench(BenchRequest)
    case quantize(QuantizeRequest)
    case threads(Int)
    case cacheFormat(CacheFormat)
    case load(ModelReference)
    case tokenize(String)
  }

  var base = ScriptedEngine()
  /// Changes the information of a model.
  var adjusting: @Sendable (inout ModelInformation) -> Void = { _ in }
  /// The events of a stream.
  var events: (@Sendable (GenerationRequest) -> [TokenEvent])?
  /// Called after a stream's last event. The stream then stays open until its reader stops.
  var hanging: (@Sendable () -> Void)?
  var tokenizing: (@Sendable (String) -> [TokenSpan])?
  var searching: (@Sendable (BeamRequest) async throws(EngineError) -> BeamResult)?
  var distributing: (@Sendable (DistributionRequest) -> DistributionAnswer)?
  var scoring: (@Sendable (ScoreRequest) async throws(EngineError) -> [ScoredToken])?
  var filling: (@Sendable (FillMaskRequest) -> FillMaskResult)?
  /// The settings of summaries.
  var summarizing = DecodingDefaults()
  var classifying: (@Sendable (ClassifyRequest) -> ClassifyResult)?
  var tagging: (@Sendable (TagRequest) -> TagResult)?
  var quantizing: (@Sendable (QuantizeRequest) async throws(EngineError) -> QuantizeResult)?
  var measuring: (@Sendable (BenchRequest) -> BenchResult)?
  var listed: [ModelSummary]?
  let asked = Log<Request>()

  func models() async throws(EngineError) -> [ModelSummary] {
    if let listed { listed } else { await base.models() }
  }

  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation {
    asked.add(.load(reference))
    var information = try await base.load(reference, progress: progress)
    adjusting(&information)
    return information
  }

  func unload(_ reference: ModelReference) async {}

  func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan] {
    asked.add(.tokenize(text))
    if let tokenizing { return tokenizing(text) }
    return try await base.tokenize(text, model: model, addingSpecialTokens: addingSpecialTokens)
  }

  func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    try await base.detokenize(ids, model: model, skippingSpecialTokens: skippingSpecialTokens)
  }

  func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    try await base.tokens(of: ids, model: model)
  }

  func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String { try await base.chatText(request) }

  func chatPrompt(_ request: ChatTextRequest) async throws(EngineError) -> ChatPrompt {
    try await base.chatPrompt(request)
  }

  func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent> {
    asked.add(.generate(request))
    guard let events else { return base.generate(request) }
    let (stream, continuation) = AsyncStream<TokenEvent>.makeStream()
    for event in events(request) { continuation.yield(event) }
    if let hanging { hanging() } else { continuation.finish() }
    return stream
  }

  func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    asked.add(.beams(request))
    if let searching { return try await searching(request) }
    return try await base.beamSearch(request, progress: progress)
  }

  func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    asked.add(.distribution(request))
    if let distributing { return distributing(request) }
    return try await base.distribution(request)
  }

  func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] {
    asked.add(.score(request))
    if let scoring { return try await scoring(request) }
    return try await base.score(request, progress: progress)
  }

  func inspect(_ request: InspectionRequest) async throws(EngineError) -> InspectionAnswer {
    asked.add(.inspect(request))
    return try await base.inspect(request)
  }

  func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult {
    asked.add(.fillMask(request))
    if let filling { return filling(request) }
    return try await base.fillMask(request)
  }

  func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String {
    try await base.translationPrefix(from: source, to: target, model: model)
  }

  func summarySettings(
    prefix: String?, model: ModelReference
  ) async throws(EngineError) -> SummarySettings {
    var settings = try await base.summarySettings(prefix: prefix, model: model)
    settings.decoding = summarizing
    return settings
  }

  func classify(_ request: ClassifyRequest) async throws(EngineError) -> ClassifyResult {
    asked.add(.classify(request))
    if let classifying { return classifying(request) }
    return try await base.classify(request)
  }

  func tag(_ request: TagRequest) async throws(EngineError) -> TagResult {
    asked.add(.tag(request))
    if let tagging { return tagging(request) }
    return try await base.tag(request)
  }

  func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult {
    asked.add(.bench(request))
    if let measuring { return measuring(request) }
    return try await base.bench(request, progress: progress)
  }

  func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult {
    asked.add(.quantize(request))
    if let quantizing { return try await quantizing(request) }
    return try await base.quantize(request, progress: progress)
  }

  func setThreads(_ count: Int) async throws(EngineError) { asked.add(.threads(count)) }

  func setCacheFormat(_ format: CacheFormat) async { asked.add(.cacheFormat(format)) }

  /// The generation request, if there was exactly one.
  var onlyGeneration: GenerationRequest? {
    let requests = asked.entries.compactMap { if case .generate(let request) = $0 { request } else { nil } }
    return requests.count == 1 ? requests[0] : nil
  }

  /// The requested beam searches.
  var searches: [BeamRequest] {
    asked.entries.compactMap { if case .beams(let request) = $0 { request } else { nil } }
  }
}
