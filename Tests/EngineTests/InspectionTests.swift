import EngineAPI
import Engines
import Foundation
import Sampling
import Testing

/// Distributions, scores, masks and beams on the bundled models.
@Suite struct InspectionTests {
  let engine = BundledEngine.make()

  @Test func distributionsAlongAStreamAreThoseItsTokensWereDrawnFrom() async throws {
    let request = try await engine.request("The old man looked at", maxTokens: 8)
    let heard = await Heard(engine.generate(request))
    var context = request.context
    context.ids += heard.ids
    for asked in [engine, BundledEngine.make()] {
      for (index, token) in heard.tokens.enumerated() {
        let answer = try await asked.distribution(
          DistributionRequest(
            context: context, position: request.context.ids.count + index, promptCount: request.context.ids.count,
            settings: request.settings))
        #expect(answer.actual?.ranked.logprob == token.logprob)
        #expect(answer.actual?.ranked.rank == token.rank)
        #expect(answer.entropy == token.entropy)
        #expect(try #require(answer.kept) <= 41)
      }
    }
  }

  @Test func windowsPageThroughTheWholeVocabulary() async throws {
    let context = ModelContext(model: BundledEngine.mini, ids: try await engine.ids("The sea was", BundledEngine.mini))
    var request = DistributionRequest(context: context, position: context.ids.count, window: 0..<100_000)
    let all = try await engine.distribution(request)
    #expect(all.candidates.count == all.vocabularySize)
    #expect(all.candidates.map(\.ranked.rank) == (1...(try #require(all.vocabularySize))).map(Optional.init))
    #expect(abs((all.candidates.last?.cumulative ?? 0) - 1) < 1e-6)
    request.window = 100..<110
    let page = try await engine.distribution(request)
    #expect(page.candidates.map(\.ranked) == all.candidates[100..<110].map(\.ranked))
    #expect(page.offset == 100)
  }

  @Test func searchFindsTokensByTheirText() async throws {
    let context = ModelContext(model: BundledEngine.mini, ids: try await engine.ids("The sea was", BundledEngine.mini))
    let answer = try await engine.distribution(
      DistributionRequest(context: context, position: context.ids.count, search: "ship"))
    #expect(answer.matches > 0 && answer.matches < 100)
    #expect(answer.candidates.allSatisfy { $0.ranked.token.text.lowercased().contains("ship") })
  }

  @Test func scoresEqualTheDistributionsAtEachToken() async throws {
    let ids = try await engine.ids("The sea was calm and blue.", BundledEngine.mini)
    let context = ModelContext(model: BundledEngine.mini, ids: ids)
    let scored = try await engine.score(ScoreRequest(context: context, topCount: 2), progress: { _ in })
    #expect(scored.count == ids.count)
    #expect(scored[0].logprob == nil && scored[0].rank == nil && scored[0].entropy == nil)
    for index in 1..<ids.count {
      let answer = try await engine.distribution(DistributionRequest(context: context, position: index))
      #expect(answer.actual?.ranked.logprob == scored[index].logprob)
      #expect(scored[index].top.map(\.rank) == [1, 2])
    }
  }

  /// A model with a text of several parts: of a causal model longer than the context of 512 tokens, so that windows
  /// slide.
  private static let scored: [(model: ModelReference, text: String)] = [
    (
      BundledEngine.mini,
      String(repeating: "The sea was calm and blue, and the old man looked at the ship. ", count: 40)
    ),
    (BundledEngine.cloze, String(repeating: "the king had a boat by the sea. ", count: 3)),
  ]

  @Test(arguments: 0..<2)
  func partsOfAScoreAreTheWholeScore(index: Int) async throws {
    let (model, text) = Self.scored[index]
    let ids = try await engine.ids(text, model)
    let request = ScoreRequest(context: ModelContext(model: model, ids: ids), topCount: 1)
    let (parts, send) = AsyncStream<ScoredPart>.makeStream()
    try await engine.scoreInParts(request) { send.yield($0) }
    send.finish()
    var found: [ScoredToken] = []
    var count = 0
    for await part in parts {
      #expect(part.first == found.count)
      found += part.tokens
      count += 1
    }
    #expect(ids.count > (index == 0 ? 520 : 20) && count > (index == 0 ? 2 : 1))
    #expect(found == (try await engine.score(request, progress: { _ in })))
  }

  @Test func otherSettingsReuseTheDistribution() async throws {
    let context = ModelContext(model: BundledEngine.mini, ids: try await engine.ids("The sea was", BundledEngine.mini))
    var request = DistributionRequest(context: context, position: context.ids.count, window: 0..<40)
    let plain = try await engine.distribution(request)
    request.settings.topK = 20
    request.settings.temperature = 0.7
    let (moved, new) = (try await engine.distribution(request), try await BundledEngine.make().distribution(request))
    #expect(moved == new && moved.entropy == plain.entropy)
    #expect(moved.steps.map(\.kind) == [.model, .stage(.temperature), .stage(.topK)])
    for candidate in moved.candidates {
      #expect(candidate.steps.count == 3 && candidate.steps.last == candidate.chainProbability)
      #expect((candidate.removedBy == .topK) == (candidate.steps[2] == 0))
    }
  }

  @Test func masksAreFilledSeparatelyAndJointly() async throws {
    let ids = try await engine.ids("the [MASK] of the [MASK].", BundledEngine.cloze)
    let request = FillMaskRequest(context: ModelContext(model: BundledEngine.cloze, ids: ids), topK: 3)
    let result = try await engine.fillMask(request)
    #expect(result.masks.count == 2)
    #expect(result.masks.allSatisfy { $0.candidates.count == 3 })
    #expect(result.masks[0].candidates[0].sequence.contains("[MASK]"))
    #expect(result.joint.count == 20)
    #expect(result.joint.map(\.logprob) == result.joint.map(\.logprob).sorted(by: >))
    #expect(result.joint.allSatisfy { !$0.sequence.contains("[MASK]") })
  }

  @Test func aTextWithoutAMaskIsAnError() async throws {
    let ids = try await engine.ids("no gap here", BundledEngine.cloze)
    await #expect(throws: EngineError.self) {
      try await engine.fillMask(FillMaskRequest(context: ModelContext(model: BundledEngine.cloze, ids: ids)))
    }
  }

  @Test func beamsAreSortedByScore() async throws {
    let prefix = try await engine.translationPrefix(from: "en", to: "fr", model: BundledEngine.interpreter)
    #expect(prefix == "translate English to French: ")
    let source = try await engine.ids(prefix + "Thank you very much.", BundledEngine.interpreter)
    let context = ModelContext(model: BundledEngine.interpreter, encoderIDs: source, ids: [])
    let result = try await engine.beamSearch(
      BeamRequest(context: context, beams: 4, returned: 4, maxTokens: 40), progress: { _ in })
    let scores = result.completions.compactMap(\.score)
    #expect(scores.count == 4 && scores == scores.sorted(by: >))
    #expect(result.completions[0].text.hasPrefix("Merci"))
    #expect(result.completions[0].finishReason == .endOfText)
  }

  @Test func aDecoderHasDistributions() async throws {
    let source = try await engine.ids("translate English to French: Good night.", BundledEngine.interpreter)
    let context = ModelContext(model: BundledEngine.interpreter, encoderIDs: source, ids: [])
    let answer = try await engine.distribution(DistributionRequest(context: context, position: 0))
    #expect(answer.candidates.count == 32 && answer.vocabularySize == 6000)
  }

  @Test func unknownLanguagesAreErrorsThatNameThem() async throws {
    let model = BundledEngine.interpreter
    for (source, target, wrong) in [("en", "xx", "xx"), ("de", "fr", "de"), ("fr", "de", "de")] {
      let error = await #expect(throws: EngineError.self) {
        try await engine.translationPrefix(from: source, to: target, model: model)
      }
      #expect(
        error?.description == "no such language, model 'interpreter': expected en or fr, found '\(wrong)'")
    }
    let twice = await #expect(throws: EngineError.self) {
      try await engine.translationPrefix(from: "fr", to: "FR", model: model)
    }
    #expect(
      twice?.description
        == "the same language twice, model 'interpreter': expected two languages, found 'fr' twice")
    #expect(
      try await engine.translationPrefix(from: "FR", to: "en", model: model) == "translate French to English: ")
  }

  @Test func theErrorForAMissingMaskNamesItByItsText() async throws {
    let ids = try await engine.ids("no gap", BundledEngine.cloze)
    let error = await #expect(throws: EngineError.self) {
      try await engine.fillMask(
        FillMaskRequest(context: ModelContext(model: BundledEngine.cloze, ids: ids), topK: 5))
    }
    #expect(
      error?.description
        == "no mask, the text: expected [MASK], the mask token of model 'cloze', found none")
    #expect(error?.hint == "write [MASK] where a word is missing")
  }
}
