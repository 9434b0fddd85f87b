import EngineAPI
import Engines
import Synchronization
import Testing

@Suite("Changed models in the engine")
struct ChangedModelTests {
  private static let mini = BundledEngine.mini
  private static let ablated = ModelReference("storyteller-mini", changes: [.scale(ModelPart(layer: 0, .whole), by: 0)])

  private func text(_ engine: LocalEngine, _ model: ModelReference) async throws -> [ScoredToken] {
    let context = ModelContext(model: model, ids: try await engine.ids("The old man looked at", model))
    return await Heard(engine.generate(GenerationRequest(context: context, maxTokens: 6, seed: 3))).tokens
  }

  @Test("a changed and the unchanged model share no results")
  func apart() async throws {
    let engine = BundledEngine.make()
    let plain = try await text(engine, Self.mini)
    let changed = try await text(engine, Self.ablated)
    #expect(plain != changed)
    // The caches of the engine hold both by now.
    #expect(try await text(engine, Self.mini) == plain)
    #expect(try await text(BundledEngine.make(), Self.ablated) == changed)
    let neutral = ModelReference("storyteller-mini", changes: [.scale(ModelPart(layer: 0, .whole), by: 1)])
    #expect(try await text(engine, neutral) == plain)
    let answers = try await [Self.mini, Self.ablated].asyncMap { model in
      let ids = try await engine.ids("The sea was", model)
      return try await engine.distribution(
        DistributionRequest(context: ModelContext(model: model, ids: ids), position: ids.count))
    }
    #expect(answers[0].entropy != answers[1].entropy)
  }

  @Test("releasing a model releases its changed forms; many changes are kept bounded")
  func unloading() async throws {
    let engine = BundledEngine.make()
    for factor in 0..<20 {
      let model = ModelReference(
        "storyteller-mini", changes: [.scale(ModelPart(layer: 0, .head(0)), by: Double(factor))])
      #expect(try await engine.load(model).reference == model)
    }
    await engine.unload(Self.mini)
    #expect(try await engine.load(Self.ablated).reference == Self.ablated)
  }

  @Test("a further change in a request gives the prediction of the changed model, and its exact divergence")
  func beside() async throws {
    let engine = BundledEngine.make()
    let ids = try await engine.ids("The old man looked at", Self.mini)
    var request = InspectionRequest(
      context: ModelContext(model: Self.mini, ids: ids), position: 3, parts: [.lens], topCount: 5)
    request.table = LensTable(1..<4)
    let plain = try await engine.inspect(request)
    #expect(plain.changed == nil && plain.table.map { $0[2] } == plain.lens.map { $0.prediction.top[0] })
    request.changes = Self.ablated.changes
    let found = try await engine.inspect(request)
    let changed = try #require(found.changed)
    #expect(found.lens == plain.lens && changed.before == plain.lens.last?.prediction.top)
    request.changes = []
    request.context.model = Self.ablated
    #expect(try await engine.inspect(request).lens.last?.prediction.top == changed.top)
    // The comparison reads the same two distributions.
    let sides = [Self.mini, Self.ablated].map { ComparedSide(context: ModelContext(model: $0, ids: ids)) }
    let parts = Mutex<[ComparisonPart]>([])
    _ = try await engine.compare(ComparisonRequest(sides: sides)) { part in parts.withLock { $0.append(part) } }
    let position = try #require(parts.withLock { $0 }.flatMap(\.positions).first { $0.index == 4 })
    #expect(position.pairs[0].divergence == changed.divergence)
    // A part that the model lacks, and positions that the text lacks.
    request.changes = [.scale(ModelPart(layer: 99, .whole), by: 0)]
    await #expect(throws: EngineError.self) { try await engine.inspect(request) }
    request.changes = []
    request.table = LensTable(2..<40)
    await #expect(throws: EngineError.self) { try await engine.inspect(request) }
  }

  @Test("the beginning of the text is pointed out")
  func beginning() async throws {
    let engine = BundledEngine.make()
    let ids = try await engine.ids("The sea", Self.mini)
    func notices(_ ids: [Int]) async throws -> [String] {
      try await engine.inspect(InspectionRequest(context: ModelContext(model: Self.mini, ids: ids), parts: [.lens]))
        .notices
    }
    let first = try await engine.inspect(
      InspectionRequest(context: ModelContext(model: Self.mini, ids: []), parts: [.lens])
    ).tokens[0].id
    #expect(try await notices([first] + ids).isEmpty)
    #expect(try await notices(ids)[0].hasPrefix("the text has no beginning-of-text token"))
    #expect(try await notices([first, first] + ids)[0].hasSuffix("twice"))
  }
}

extension Sequence where Element: Sendable {
  fileprivate func asyncMap<R>(_ transform: (Element) async throws -> R) async throws -> [R] {
    var results: [R] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
