import EngineAPI
import JSONText
import ScriptedSupport
import TestSupport
import Testing

/// Commands on an engine that only generates and knows 20 candidates per position.
@Suite struct LackingEngineTests {
  private var world: CommandWorld { CommandWorld(schemes: ["top20": TopTwentyEngine()]) }

  @Test(arguments: [
    (["score", "Once upon"], "storyteller", "scoring"),
    (["generate", "Once upon", "--num-beams", "3"], "storyteller", "beam search"),
    (["fill-mask", "[MASK] is"], "cloze", "mask filling"),
    (["translate", "How are you?", "--from", "en", "--to", "fr"], "interpreter", "translation prefixes"),
    (["translate", "How are you?", "--prefix", ""], "interpreter", "beam search"),
    (["summarize", "How are you?"], "interpreter", "summaries"),
    (["bench"], "storyteller", "benchmarking"),
    (["quantize", "--dtype", "q8", "-o", "/nowhere/q8"], "storyteller@q8", "quantizing"),
  ])
  func aCommandThatNeedsMoreEndsInOneErrorThatNamesIt(command: [String], model: String, capability: String) async {
    let outcome = await world.run(command + ["-m", "top20:\(model)", "--quiet"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output == "")
    #expect(
      outcome.errors == """
        error: no \(capability), model 'top20:\(model)': expected an engine that supports \(capability), found one with only \
        tokenizing, generating, distributions
        hint: use a model of the local engine: 'triptych models' lists them

        """)
  }

  @Test func textOfADistributionSaysWhatIsNotKnown() async throws {
    let outcome = await world.run("next", "-m", "top20:storyteller", "Once upon", "--top-logprobs", "3")
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    let mass = try await self.mass(of: "Once upon")
    #expect(
      lines[0] == """
        model: entropy not known over a vocabulary of unknown size; known: 20 candidates, \
        ≥ \(mass) % of the probability
        """)
    #expect(lines[2...4].allSatisfy { $0.hasSuffix("not known") })
    #expect(lines.contains("what the stages do is not known"))
  }

  @Test func objectOfADistributionHasNullForWhatIsNotKnown() async throws {
    let outcome = await world.run("next", "-m", "top20:storyteller", "Once upon", "--json")
    let object = try JSONValue(parsing: Array(outcome.output.utf8))
    for name in ["entropy", "vocabulary_size", "stages"] { #expect(object[name] == .null) }
    #expect(object["coverage"]?["candidates"]?.int == 20)
    #expect(object["top"]?[0]?["rank"]?.int == 1)
  }

  @Test func tokensOfAStreamTellTheirCoverage() async throws {
    let outcome = await world.run(
      "generate", "-m", "top20:storyteller", "Once upon a time", "-n", "4", "--temperature", "0", "--quiet",
      "--top-logprobs", "2",
      "--json")
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    let object = try JSONValue(parsing: Array(outcome.output.utf8))
    let token = try #require(object["completions"]?[0]?["tokens"]?[0])
    #expect(token["entropy"] == .null && token["sampled_logprob"] == .null)
    #expect(token["rank"]?.int == 1)
    #expect(token["coverage"]?["candidates"]?.int == 20)
    #expect(token["top"]?[2] == nil)
  }

  @Test func aWholeDistributionHasNoCoverageInJSON() async {
    let outcome = await world.run("next", "-m", "storyteller", "Once upon", "--json")
    #expect(outcome.exitCode == 0)
    #expect(!outcome.output.contains("coverage"))
  }

  @Test func theListingHoldsTheModelsOfAllEngines() async throws {
    let text = await world.run("models").output.split(separator: "\n")
    let line = try #require(text.first { $0.hasPrefix("top20:storyteller ") })
    #expect(line.matches(of: /not known/).count == 4)
    let object = try JSONValue(parsing: Array(await world.run("models", "--json").output.utf8))
    let models = try #require(object["models"]?.array)
    let own = models.firstIndex { $0["name"]?.string == "storyteller" }
    let other = try #require(models.firstIndex { $0["name"]?.string == "top20:storyteller" })
    #expect(try #require(own) < other)
    for name in ["parameters", "dtype", "bytes", "context_length"] { #expect(models[other][name] == .null) }
  }

  @Test func anUnknownSchemeIsAnError() async {
    let outcome = await world.run("next", "-m", "top2:storyteller", "Once upon")
    #expect(
      outcome
        == .init(
          exitCode: 1, output: "",
          errors: """
            error: unknown scheme, model 'top2:storyteller': expected a model's name, a path, or top20:NAME, found \
            'top2:'
            hint: a folder of this name opens as ./top2:storyteller

            """))
  }

  @Test func aTotalWithUnknownTermsIsNotKnown() async throws {
    let engine = FakeEngine(scoring: { _ throws(EngineError) in
      let token = TokenValue(id: 300, bytes: Array(" sea".utf8))
      return [
        ScoredToken(token: token, logprob: nil, rank: nil, entropy: nil),
        ScoredToken(token: token, logprob: -1, rank: 1, entropy: nil, coverage: .partial(candidates: 20, mass: 0.9)),
        ScoredToken(token: token, logprob: nil, rank: nil, entropy: nil, coverage: .partial(candidates: 20, mass: 0.9)),
      ]
    })
    let object = try JSONValue(
      parsing: Array(await CommandWorld(engine: engine).run("score", "x", "--json").output.utf8))
    for name in ["total_logprob", "perplexity", "bits_per_byte"] { #expect(object[name] == .null) }
    let lines = await CommandWorld(engine: engine).run("score", "x").output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("perplexity") && $0.hasSuffix("not known") })
    #expect(lines[1].contains(" - ") && !lines[1].contains("not known"))
    #expect(lines[3].matches(of: /not known/).count == 4)
  }

  /// The probability of the 20 most probable tokens after a prompt, in percent with one decimal, rounded down.
  private func mass(of prompt: String) async throws -> String {
    let engine = ScriptedEngine()
    let model = ModelReference("storyteller")
    let ids = try await engine.tokenize(prompt, model: model).map(\.token.id)
    let answer = try await engine.distribution(
      DistributionRequest(context: ModelContext(model: model, ids: ids), position: ids.count, window: 0..<20))
    let tenths = Int((answer.candidates.last?.cumulative ?? 0) * 1000)
    return "\(tenths / 10).\(tenths % 10)"
  }
}
