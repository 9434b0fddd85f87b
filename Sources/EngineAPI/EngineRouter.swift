/// The one door between front ends and engines: passes each request to the engine of its model.
///
/// A plain name or path belongs to the first engine, `scheme:…` to the engine that is registered for the scheme. Requests
/// and answers pass through unchanged, scheme included. A request that needs a role which the engine lacks fails with an
/// error that names the ``Capability``.
public struct EngineRouter: Sendable {
  private let plain: any Engine
  private var others: [(scheme: String, engine: any Engine)] = []

  /// A router that gives plain names and paths to `plain`.
  public init(_ plain: any Engine) { self.plain = plain }

  /// The router with one more engine, for references that begin with `scheme:`. A scheme is registered once.
  public func registering(_ engine: any Engine, for scheme: String) -> EngineRouter {
    var router = self
    router.others.removeAll { $0.scheme == scheme.lowercased() }
    router.others.append((scheme.lowercased(), engine))
    return router
  }

  /// The engine of a model.
  /// - Throws: an error of kind `.model` for a scheme that no engine is registered for.
  public func engine(of reference: ModelReference) throws(EngineError) -> any Engine {
    guard let scheme = reference.scheme else { return plain }
    if let known = others.first(where: { $0.scheme == scheme }) { return known.engine }
    let known = others.map { ", or \($0.scheme):NAME" }.joined()
    throw EngineError(
      .model, "unknown scheme", at: "model '\(reference)'", expected: "a model's name, a path\(known)",
      found: "'\(scheme):'", hint: "a folder of this name opens as ./\(reference.name)")
  }

  /// What can be done with a model, by its engine alone.
  public func capabilities(of reference: ModelReference) throws(EngineError) -> Set<Capability> {
    try engine(of: reference).capabilities
  }

  /// The engine of a model in one of its roles.
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
  /// The models of all engines, those of the first engine first.
  public func models() async -> [ModelSummary] {
    var models = await plain.models()
    for other in others { models += await other.engine.models() }
    return models
  }

  /// The family of a model that need not be open; `nil` where only opening tells.
  public func family(of reference: ModelReference) throws(EngineError) -> ModelFamily? {
    try engine(of: reference).family(of: reference)
  }

  /// Opens a model. Its ``ModelInformation/capabilities`` are those that its engine has.
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

  /// The tokens of a text that is being written.
  public func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self).tokenizeDraft(text, model: model)
  }

  /// The text of ids.
  public func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self)
      .detokenize(ids, model: model, skippingSpecialTokens: skippingSpecialTokens)
  }

  /// The tokens of ids.
  public func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self).tokens(of: ids, model: model)
  }

  /// A sentence about the model's tokenizer that the user should read.
  public func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? {
    try await role(.tokenizing, of: model, as: (any Tokenizing).self).tokenizerNotice(of: model)
  }

  /// Starts a stream. One that can't start consists of its end.
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

  /// Beam search.
  public func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    try await role(.beamSearch, of: request.context.model, as: (any BeamSearching).self)
      .beamSearch(request, progress: progress)
  }

  /// The distribution at one place.
  public func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer {
    try await role(.distributions, of: request.context.model, as: (any Distributing).self).distribution(request)
  }

  /// The tokens of a text under the model.
  public func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] {
    try await role(.scoring, of: request.context.model, as: (any Scoring).self).score(request, progress: progress)
  }

  /// Fills the masks of a text.
  public func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult {
    try await role(.maskFilling, of: request.context.model, as: (any MaskFilling).self).fillMask(request)
  }

  /// The prefix that tells an encoder-decoder model to translate.
  public func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String {
    try await role(.translating, of: model, as: (any Translating).self)
      .translationPrefix(from: source, to: target, model: model)
  }

  /// Measures speed.
  public func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult {
    try await role(.benchmarking, of: request.model, as: (any Benchmarking).self).bench(request, progress: progress)
  }

  /// Writes a model in a number format.
  public func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult {
    try await role(.quantizing, of: request.model, as: (any Quantizing).self).quantize(request, progress: progress)
  }

  /// How many threads compute, in every engine that computes in this process.
  public func setThreads(_ count: Int) async throws(EngineError) {
    for engine in computing { try await engine.setThreads(count) }
  }

  /// The number format of caches, in every engine that computes in this process.
  public func setCacheFormat(_ format: CacheFormat) async {
    for engine in computing { await engine.setCacheFormat(format) }
  }

  private var computing: [any Computing] {
    ([plain] + others.map(\.engine)).compactMap { $0 as? any Computing }
  }
}
