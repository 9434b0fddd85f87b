import EngineAPI
import Engines
import Testing

/// The choice of the engine for a reference, and errors for roles that it lacks.
@Suite struct RouterTests {
  /// An engine that only lists and opens models.
  private struct BareEngine: Engine {
    func models() async -> [ModelSummary] { [] }
    func load(
      _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
    ) async throws(EngineError) -> ModelInformation {
      ModelInformation(
        reference: reference,
        summary: ModelSummary(
          name: reference.name, path: "", family: .causal, architecture: "none", parameters: nil, dtype: nil,
          bytes: nil, context: .unknown, source: "test"), family: .causal, vocabularySize: nil)
    }
    func unload(_ reference: ModelReference) async {}
  }

  /// An engine that finds models in a store.
  private struct StoreEngine: Engine {
    let bare = BareEngine()
    var schemes: Set<String> { ["hf"] }
    func models() async -> [ModelSummary] {
      [
        ModelSummary(
          name: "hf:a/b", path: "", family: nil, architecture: "", parameters: nil, dtype: nil, bytes: 1,
          context: .unknown, source: "hf", reason: "the download is not complete")
      ]
    }
    func load(
      _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
    ) async throws(EngineError) -> ModelInformation { try await bare.load(reference, progress: progress) }
    func unload(_ reference: ModelReference) async {}
  }

  @Test func namesInTheStoresOfTheFirstEngineBelongToIt() async throws {
    let router = EngineRouter(StoreEngine()).registering(BareEngine(), for: "hf").registering(BareEngine(), for: "far")
    #expect(try router.engine(of: ModelReference("HF:a/b")) is StoreEngine)
    #expect(try router.engine(of: ModelReference("far:a/b")) is BareEngine)
    #expect(try await router.summary(of: ModelReference("hf:a/b")).reason == "the download is not complete")
    await #expect(throws: EngineError.self) { try await router.summary(of: ModelReference("hf:a/c")) }
    #expect {
      _ = try EngineRouter(StoreEngine()).engine(of: ModelReference("other:x"))
    } throws: { ($0 as? EngineError)?.expected == "a model's name, a path, or hf:NAME" }
  }

  /// An engine whose type can tokenize, but which has no tokenizer.
  private struct EmptyTokenizer: Tokenizing {
    let bare = BareEngine()
    var capabilities: Set<Capability> { [] }
    func models() async -> [ModelSummary] { [] }
    func load(
      _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
    ) async throws(EngineError) -> ModelInformation { try await bare.load(reference, progress: progress) }
    func unload(_ reference: ModelReference) async {}
    func tokenize(
      _ text: String, model: ModelReference, addingSpecialTokens: Bool
    ) async throws(EngineError) -> [TokenSpan] { [] }
    func detokenize(
      _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
    ) async throws(EngineError) -> String { "" }
    func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] { [] }
  }

  @Test(arguments: [
    ("storyteller", nil), ("./a:b", nil), ("/models/a:b", nil), ("~/a:b", nil), ("C:", nil), ("c:x", nil), (":x", nil),
    ("", nil), ("a b:c", nil), ("1a:b", nil), ("ollama:llama3:8b", "ollama"), ("OpenAI:gpt", "openai"), ("a+1:", "a+1"),
  ])
  func theSchemeIsTheWordBeforeTheFirstColon(name: String, scheme: String?) {
    #expect(ModelReference(name).scheme == scheme)
  }

  @Test func theNameIsTheRestAfterTheScheme() {
    #expect(ModelReference("ollama:llama3:8b").nameInScheme == "llama3:8b")
    #expect(ModelReference("./a:b").nameInScheme == "./a:b")
  }

  @Test func theSchemeSelectsTheEngine() throws {
    let router = EngineRouter(EmptyTokenizer()).registering(BareEngine(), for: "Bare")
    #expect(try router.engine(of: ModelReference("x")) is EmptyTokenizer)
    #expect(try router.engine(of: ModelReference("./bare:x")) is EmptyTokenizer)
    #expect(try router.engine(of: ModelReference("bare:x")) is BareEngine)
    #expect {
      _ = try router.engine(of: ModelReference("other:x"))
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .model && error.place == "model 'other:x'" && error.found == "'other:'"
        && error.expected == "a model's name, a path, or bare:NAME" && error.hint != nil
    }
  }

  @Test func capabilitiesFollowFromTheProtocolsOfTheType() {
    #expect(BareEngine().capabilities.isEmpty)
    #expect(LocalEngine(catalog: .paths).capabilities == Set(Capability.allCases))
  }

  @Test func anOpenModelHasItsEnginesCapabilities() async throws {
    let information = try await EngineRouter(BareEngine()).load(ModelReference("x"))
    #expect(information.capabilities.isEmpty)
  }

  @Test func aMissingRoleIsAnErrorThatNamesTheRole() async {
    let model = ModelReference("x")
    let context = ModelContext(model: model, ids: [1])
    for router in [EngineRouter(BareEngine()), EngineRouter(EmptyTokenizer())] {
      await expect(.tokenizing) { try await router.tokenize("x", model: model) }
      await expect(.tokenizing) { try await router.tokenizeDraft("x", model: model) }
      await expect(.tokenizing) { try await router.detokenize([1], model: model, skippingSpecialTokens: true) }
      await expect(.tokenizing) { try await router.tokens(of: [1], model: model) }
      await expect(.tokenizing) { try await router.tokenizerNotice(of: model) }
      await expect(.chatRendering) {
        try await router.chatText(ChatTextRequest(model: model, conversation: "[]", localSeconds: 0))
      }
      await expect(.beamSearch) { try await router.beamSearch(BeamRequest(context: context)) { _ in } }
      await expect(.distributions) {
        try await router.distribution(DistributionRequest(context: context, position: 1))
      }
      await expect(.scoring) { try await router.score(ScoreRequest(context: context)) { _ in } }
      await expect(.maskFilling) { try await router.fillMask(FillMaskRequest(context: context)) }
      await expect(.translating) { try await router.translationPrefix(from: "en", to: "fr", model: model) }
      await expect(.summarizing) { try await router.summarySettings(prefix: nil, model: model) }
      await expect(.benchmarking) { try await router.bench(BenchRequest(model: model)) { _ in } }
      await expect(.quantizing) {
        try await router.quantize(QuantizeRequest(model: model, format: .q8, output: "/x")) { _ in }
      }
      await expect(.generating) {
        for await event in router.generate(GenerationRequest(context: context)) {
          if case .finished(.failed(let error), _, _) = event { throw error }
        }
      }
    }
  }

  private func expect<Value>(
    _ capability: Capability, _ location: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Value
  ) async {
    do {
      _ = try await body()
      Issue.record("expected an error that names \(capability.rawValue)", sourceLocation: location)
    } catch {
      guard let error = error as? EngineError else {
        Issue.record("expected an EngineError, found \(error)", sourceLocation: location)
        return
      }
      #expect(error.what == "no \(capability.rawValue)", sourceLocation: location)
      #expect(error.place == "model 'x'", sourceLocation: location)
    }
  }
}
