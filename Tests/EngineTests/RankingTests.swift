import EngineAPI
import JSONText
import TestSupport
import Testing

@testable import Engines

/// Given continuations and fillings, and translations back, as front ends ask for them.
struct RankingTests {
  private let router = EngineRouter(LocalEngine(catalog: .paths))

  private func request(
    _ choices: [String], after text: String, isUnconditional: Bool = false, _ name: String
  ) async throws -> ChoiceRequest {
    let model = ModelReference(Fixtures.path(name))
    return ChoiceRequest(
      choices, after: text, isUnconditional: isUnconditional, model: model, try await router.load(model))
  }

  /// The error that a call throws.
  private func failure(_ body: () async throws -> Void) async -> EngineError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? EngineError
    }
  }

  @Test(arguments: ["causal", "encoder-decoder", "masked"])
  func rankedChoicesEqualThoseOfTheReference(family: String) async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("comparisons/expected.json"))
    let expected = try #require(all["choices"]?[family])
    let references = try #require(expected["choices"]?.array)
    let texts = references.compactMap { $0["text"]?.string }
    let asked = try await request(
      texts.reversed(), after: try #require(expected["text"]?.string), isUnconditional: true, "program/\(family)")
    let ranking = try await router.rank(asked)
    #expect(Set(ranking.choices.map(\.text)) == Set(texts) && ranking.choices.count == texts.count)
    let order = ranking.choices.compactMap(\.corrected)
    #expect(order.count == texts.count && order == order.sorted(by: >))
    for reference in references {
      let own = try #require(ranking.choices.first { $0.text == reference["text"]?.string })
      #expect(own.tokens.map(\.token.id) == reference["ids"]?.array?.compactMap(\.int))
      for (number, key) in [
        (own.logprob, "logprob"), (own.logprobPerToken, "logprob_per_token"), (own.corrected, "corrected"),
      ] {
        #expect(abs(try #require(number) - (try #require(reference[key]?.double))) < 1e-3, "\(key)")
      }
    }
  }

  @Test func aTextNeedsExactlyOneMask() async throws {
    for (text, found) in [("The sea", "0"), ("[MASK] and [MASK]", "2")] {
      let asked = try await request(["a"], after: text, "program/masked")
      let error = await failure { _ = try await router.rank(asked) }
      #expect(error?.what == "no single gap to fill" && error?.found == found && error?.kind == .input)
    }
  }

  @Test func aTargetWithoutTokensIsNamedAndUnknownCharactersAreOnePiece() async throws {
    // The normalizer of BERT drops control characters; what the vocabulary lacks is one unknown token.
    let asked = try await request(["\u{1}"], after: "The [MASK] sea", "program/masked")
    let error = await failure { _ = try await router.rank(asked) }
    #expect(error?.what == "a choice without tokens" && error?.place == "the choices" && error?.found == "'\u{1}'")
    let unknown = try await request(["\u{2603}"], after: "The [MASK] sea", "program/masked")
    let ranked = try await router.rank(unknown).choices
    #expect(ranked.count == 1 && ranked[0].tokens.count == 1 && ranked[0].logprob != nil)
    let none = try await request([], after: "The [MASK] sea", "program/masked")
    let empty = try await router.rank(none)
    #expect(empty == ChoiceRanking(choices: []))
  }

  private func backTranslation(
    _ name: String, from source: String, to target: String
  ) async throws -> BackTranslationRequest {
    let model = ModelReference(Fixtures.path("translation/\(name)"))
    _ = try await router.load(model)
    let (line, prefix) = ("the sea", try await router.translationPrefix(from: source, to: target, model: model))
    let context = ModelContext(
      model: model, encoderIDs: try await router.tokenize(prefix + line, model: model).map(\.token.id), ids: [])
    let search = BeamRequest(context: context, beams: 2, maxTokens: 5)
    let beams = try await router.beamSearch(search) { _ in }
    let best = try #require(beams.completions.first)
    var whole = context
    whole.ids = best.tokens.map(\.token.id)
    return BackTranslationRequest(
      original: line, translation: best.text.isEmpty ? "la mer" : best.text, from: source, to: target, context: whole,
      search: search)
  }

  @Test func bothDirectionsHaveTheBitsOfScoredTexts() async throws {
    let asked = try await backTranslation("nllb", from: "fr", to: "de")
    let found = try await router.translateBack(asked)
    let forward = try await router.score(ScoreRequest(context: asked.context)) { _ in }
    #expect(found.forward == forward)
    let prefix = try await router.translationPrefix(from: "de", to: "fr", model: asked.context.model)
    var back = ModelContext(
      model: asked.context.model,
      encoderIDs: try await router.tokenize(prefix + asked.translation, model: asked.context.model).map(\.token.id),
      ids: found.backward.map(\.token.id))
    let backward = try await router.score(ScoreRequest(context: back)) { _ in }
    #expect(found.backward == backward)
    // The original text begins with the token of its language, as the model's own translations do.
    back.ids = []
    var search = asked.search
    search.context = back
    let beams = try await router.beamSearch(search) { _ in }
    let best = try #require(beams.completions.first)
    #expect(best.tokens.first?.token.id == found.backward.first?.token.id && best.text == found.text)
    #expect(best.score == found.score && found.forward.logprob != nil && found.backward.logprob != nil)
  }

  @Test func aModelOfOneDirectionSaysWhichOneItHas() async throws {
    let asked = try await backTranslation("marian", from: "en", to: "fr")
    let error = await failure { _ = try await router.translateBack(asked) }
    #expect(error?.what == "no such language" && error?.found == "'fr'" && error?.kind == .usage)
    #expect(error?.settings.contains(.sourceLanguage) == true)
  }

  @Test func aSumIsUnknownIfOneTokenIs() {
    let token = TokenValue(id: 1, bytes: [])
    let known = ScoredToken(token: token, logprob: -1, rank: nil, entropy: nil)
    let unknown = ScoredToken(token: token, logprob: nil, rank: nil, entropy: nil)
    #expect([known, known].logprob == -2 && [known, known].logprobPerToken == -1)
    #expect([known, unknown].logprob == nil && [ScoredToken]().logprob == nil)
    #expect(RankedChoice(text: "a", tokens: [known], alone: [unknown]).corrected == nil)
  }
}
