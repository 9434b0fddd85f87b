import Dispatch
import EngineAPI
import Engines
import Synchronization
import TestSupport
import Testing

/// Opening models, and errors of opening.
@Suite struct OpeningTests {
  let engine = BundledEngine.make()

  /// The first portion comes before a later place is read: reading it waits until the portion has arrived.
  @Test func theModelsOfAPlaceComeBeforeTheNextPlaceIsRead() async throws {
    let hasArrived = DispatchSemaphore(value: 0)
    let place: @Sendable (Int) -> ModelPlace = { ModelPlace(name: "m\($0)", path: "/missing/\($0)", source: "folder") }
    let catalog = ModelCatalog(
      list: { found in
        found([place(0)])
        hasArrived.wait()
        found([])
        found((1...1_100).map { place($0) })
      }, resolve: { _ throws(EngineError) in place(0) })
    var counts: [Int] = []
    var names: [String] = []
    for try await portion in LocalEngine(catalog: catalog).modelPortions() {
      if counts.isEmpty { hasArrived.signal() }
      counts.append(portion.count)
      names += portion.map(\.name)
    }
    #expect(counts == [1, 512, 512, 76])
    #expect(names == (0...1_100).map { "m\($0)" })
  }

  @Test func theListDescribesAllBundledModels() async throws {
    let models = try await engine.models()
    #expect(models.map(\.name) == ["storyteller", "storyteller-mini", "cloze", "interpreter"])
    #expect(models.map(\.family) == [.causal, .causal, .masked, .seq2seq])
    #expect(models.allSatisfy { ($0.parameters ?? 0) > 1_000_000 && ($0.bytes ?? 0) > 2_000_000 && $0.dtype == "bf16" })
    #expect(models.allSatisfy { $0.card?.isEmpty == false })
  }

  @Test func openingReportsProgressAndIsSharedByCallers() async throws {
    final class Log: Sendable {
      let fractions = Mutex<[Double]>([])
    }
    let log = Log()
    async let first = engine.load(BundledEngine.interpreter) { progress in
      log.fractions.withLock { $0.append(progress.fraction) }
    }
    async let second = engine.load(BundledEngine.interpreter)
    let (a, b) = try await (first, second)
    #expect(a == b)
    #expect(a.family == .seq2seq && a.languages == ["en", "fr"])
    let fractions = log.fractions.withLock { $0 }
    #expect(fractions == fractions.sorted() && fractions.last == 1)
  }

  @Test func aMissingModelIsAnError() async {
    await #expect(throws: EngineError.self) { try await engine.load(ModelReference("nobody")) }
  }

  @Test func everyFormatGivesNearlyTheSameEntropy() async throws {
    let ids = try await engine.ids("The sea was calm and the old man", BundledEngine.mini)
    func entropy(_ format: NumberFormat) async throws -> Double {
      let model = ModelReference("storyteller-mini", format: format)
      let context = ModelContext(model: model, ids: ids)
      return try #require(
        try await engine.distribution(DistributionRequest(context: context, position: ids.count)).entropy)
    }
    let exact = try await entropy(.f32)
    for (format, tolerance) in [(NumberFormat.bf16, 0.1), (.q8, 0.3), (.q4, 1.5)] {
      #expect(abs(try await entropy(format) - exact) < tolerance, "\(format)")
    }
  }

  @Test func anEmptyFolderIsAnError() async throws {
    let folder = try Fixtures.withScratchFolder { $0 }
    let engine = LocalEngine(catalog: .paths)
    await #expect(throws: EngineError.self) { try await engine.load(ModelReference(folder)) }
  }

  @Test func tokenizingDoesNotOpenTheModel() async throws {
    let spans = try await engine.tokenize("Hello, world", model: BundledEngine.mini)
    #expect(spans.first?.range.lowerBound == 0 && spans.last?.range.upperBound == 12)
    await #expect(throws: EngineError.self) {
      try await engine.detokenize([1_000_000], model: BundledEngine.mini, skippingSpecialTokens: true)
    }
  }

  @Test func benchMeasuresEachFamily() async throws {
    for (model, hasDecoder) in [
      (BundledEngine.mini, true), (BundledEngine.cloze, false), (BundledEngine.interpreter, true),
    ] {
      let result = try await engine.bench(
        BenchRequest(model: model, promptTokens: 8, newTokens: 2, beams: 2, streams: 2, runs: 2), progress: { _ in })
      #expect((result.promptTokensPerSecond?.min ?? 0) > 0)
      #expect((result.decodeTokensPerSecond != nil) == hasDecoder)
      #expect(result.peakResidentBytes > 1_000_000)
    }
  }

  @Test func benchDoesNotExceedTheContext() async throws {
    let engine = BundledEngine.make()
    // The context of 1,024 positions leaves 308 for the prompt, fewer than the default of 512.
    let fitting = try await engine.bench(
      BenchRequest(model: BundledEngine.mini, newTokens: 716, runs: 1), progress: { _ in })
    #expect(fitting.promptTokens == 308)
    let failed = await #expect(throws: EngineError.self) {
      try await engine.bench(
        BenchRequest(model: BundledEngine.mini, promptTokens: 1021, newTokens: 4, runs: 1), progress: { _ in })
    }
    #expect(failed?.expected == "at most 1024 tokens" && failed?.found == "1025")
  }

  @Test func theCacheFormatAppliesToModelsOpenedLater() async throws {
    let engine = BundledEngine.make()
    func cacheBytes(_ model: ModelReference) async throws -> Int? {
      let request = BenchRequest(model: model, promptTokens: 40, newTokens: 2, runs: 1)
      return try await engine.bench(request, progress: { _ in }).cacheBytes
    }
    let whole = try await cacheBytes(BundledEngine.mini)
    // 42 positions need three blocks of 16 positions; keys and values of five layers of width 128.
    #expect(whole == 48 * 2 * 5 * 128 * 4)
    await engine.setCacheFormat(.bf16)
    #expect(try await cacheBytes(BundledEngine.mini) == whole)
    #expect(try await cacheBytes(ModelReference("storyteller-mini", format: .q8)) == whole.map { $0 / 2 })
  }
}
