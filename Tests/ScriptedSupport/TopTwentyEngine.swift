import EngineAPI
import Platform
import Sampling

/// An engine that resembles a server: it generates, and lists only the 20 most probable tokens of a position. Entropy,
/// other ranks, sizes and the chain's stages are unknown. It wraps the scripted models under the scheme `top20:`.
///
/// It is also an example of a new engine: one file like this, and one line where the router is created.
public struct TopTwentyEngine: Engine, Tokenizing, Generating, Distributing {
  /// The number of known tokens in a distribution.
  public static let known = 20
  private let scripted = ScriptedEngine()

  /// The engine with the bundled scripted models.
  public init() {}

  /// The scripted models, with the scheme in their names.
  public func models() async -> [ModelSummary] { scripted.catalogue.map { Self.summary($0.summary) } }

  /// Opens a scripted model and reports only its family.
  public func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation {
    let model = try scripted.model(Self.inner(reference))
    let full = model.information(reference)
    return ModelInformation(
      reference: reference, summary: Self.summary(model.summary), family: model.family, vocabularySize: nil,
      endOfTextIDs: full.endOfTextIDs, maskToken: full.maskToken, languages: full.languages)
  }

  /// Does nothing, because opening a model keeps nothing.
  public func unload(_ reference: ModelReference) async {}

  /// The tokens of a text.
  public func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan] {
    try await scripted.tokenize(text, model: Self.inner(model), addingSpecialTokens: addingSpecialTokens)
  }

  /// The text of a list of ids.
  public func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    try await scripted.detokenize(ids, model: Self.inner(model), skippingSpecialTokens: skippingSpecialTokens)
  }

  /// The tokens of a list of ids.
  public func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    try await scripted.tokens(of: ids, model: Self.inner(model))
  }

  /// A scripted stream; each token is reduced to the known values.
  public func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent> {
    var inner = request
    inner.context.model = Self.inner(request.context.model)
    inner.topCount = Self.known
    let events = scripted.generate(inner)
    return AsyncStream { continuation in
      let task = Task {
        for await event in events {
          if case .token(let token, let text) = event {
            continuation.yield(.token(Self.cut(token, topCount: request.topCount), text: text))
          } else {
            continuation.yield(event)
          }
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// The 20 most probable tokens of a position.
  public func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    var inner = request
    inner.context.model = Self.inner(request.context.model)
    inner.settings = SamplingSettings()
    inner.window = 0..<Self.known
    inner.search = ""
    inner.ordersByChain = false
    let full = try await scripted.distribution(inner)
    let known = full.candidates.map { Candidate(ranked: $0.ranked, cumulative: $0.cumulative, chainProbability: nil) }
    let hits = known.filter { request.search.isEmpty || $0.ranked.token.text.contains(request.search) }
    let window = request.window.clamped(to: 0..<hits.count)
    let actual = full.actual.map { actual in
      known.first { $0.ranked.token == actual.ranked.token }
        ?? Candidate(
          ranked: RankedToken(token: actual.ranked.token, logprob: nil, rank: nil), cumulative: nil,
          chainProbability: nil)
    }
    return DistributionAnswer(
      coverage: .partial(candidates: known.count, mass: known.last?.cumulative ?? 0), vocabularySize: nil, entropy: nil,
      matches: hits.count, offset: window.lowerBound, candidates: Array(hits[window]), stages: nil, actual: actual)
  }

  /// The corresponding reference in the scripted engine.
  private static func inner(_ reference: ModelReference) -> ModelReference { ModelReference(reference.nameInScheme) }

  private static func summary(_ summary: ModelSummary) -> ModelSummary {
    ModelSummary(
      name: "top20:" + summary.name, path: "https://models.example/" + summary.name, family: summary.family,
      architecture: summary.architecture, parameters: nil, dtype: nil, bytes: nil, context: .unknown, source: "server")
  }

  /// The token with only the values that follow from the 20 most probable tokens.
  private static func cut(_ token: ScoredToken, topCount: Int) -> ScoredToken {
    let mass = token.top.reduce(0) { $0 + exp($1.logprob ?? -.infinity) }
    let own = token.top.first { $0.token == token.token }
    return ScoredToken(
      token: token.token, logprob: own?.logprob, rank: own?.rank, entropy: nil, top: Array(token.top.prefix(topCount)),
      coverage: .partial(candidates: token.top.count, mass: mass))
  }
}
