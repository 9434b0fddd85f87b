import EngineAPI
import ScriptedSupport

/// The scripted engine with two latches for tests: one delays calls, the other opens when a stream is canceled.
struct TestEngine:
  Engine, Tokenizing, Generating, BeamSearching, Distributing, Scoring, MaskFilling, Translating, Benchmarking,
  Quantizing, Computing
{
  var base = ScriptedEngine()
  /// All calls except `generate` wait here; `nil` for no waiting.
  var door: Latch?
  /// Opened when a stream is canceled before its end.
  var left = Latch()
  /// Called before a distribution is returned.
  var beforeDistribution: @Sendable (DistributionRequest) async -> Void = { _ in }

  func models() async throws(EngineError) -> [ModelSummary] {
    await door?.wait()
    return await base.models()
  }

  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation {
    await door?.wait()
    return try await base.load(reference, progress: progress)
  }

  func unload(_ reference: ModelReference) async { await base.unload(reference) }

  func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan] {
    await door?.wait()
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

  func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent> {
    let events = base.generate(request)
    return AsyncStream { continuation in
      let task = Task {
        for await event in events { continuation.yield(event) }
        continuation.finish()
      }
      continuation.onTermination = { [left] reason in
        task.cancel()
        if case .cancelled = reason { Task { await left.open() } }
      }
    }
  }

  func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    await door?.wait()
    return try await base.beamSearch(request, progress: progress)
  }

  func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    await door?.wait()
    await beforeDistribution(request)
    return try await base.distribution(request)
  }

  func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] { try await base.score(request, progress: progress) }

  func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult {
    await door?.wait()
    return try await base.fillMask(request)
  }

  func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String {
    await door?.wait()
    return try await base.translationPrefix(from: source, to: target, model: model)
  }

  func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult { try await base.bench(request, progress: progress) }

  func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult { try await base.quantize(request, progress: progress) }

  func setThreads(_ count: Int) async throws(EngineError) { try await base.setThreads(count) }

  func setCacheFormat(_ format: CacheFormat) async { base.setCacheFormat(format) }
}
