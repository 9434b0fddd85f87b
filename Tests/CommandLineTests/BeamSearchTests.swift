import EngineAPI
import Testing

/// `triptych generate --num-beams`.
struct BeamSearchTests {
  private static var engine: FakeEngine {
    FakeEngine(searching: { _ in
      BeamResult(
        completions: [
          Completion(text: " sea", tokens: [Samples.sea], finishReason: .length, score: -0.5),
          Completion(text: "", tokens: [Samples.end], finishReason: .endOfText, score: -8),
        ], timing: GenerationTiming(promptSeconds: 0.5, generateSeconds: 0.25, promptTokens: 1, tokens: 1))
    })
  }

  @Test func textHasTheScores() async {
    let outcome = await CommandWorld(engine: Self.engine).run("generate", "Once", "--num-beams", "3", "-N", "2", "-q")
    #expect(
      outcome
        == .init(
          exitCode: 0, output: "── 1 of 2 · score -0.5000 ──\n sea\n── 2 of 2 · score -8.0000 ──\n\n", errors: ""))
  }

  @Test func objectsHaveTheScores() async {
    let outcome = await CommandWorld(engine: Self.engine).run(
      "generate", "Once", "--num-beams", "3", "-N", "2", "--json", "-q")
    #expect(
      outcome.output.contains(
        #""completions":[{"text":" sea","finish_reason":"length","score":-0.5,"tokens":[\#(Samples.seaJSON)]},"#
          + #"{"text":"","finish_reason":"eos","score":-8.0,"tokens":[\#(Samples.endJSON)]}],"timing""#))
  }

  @Test func linesHaveTheTokensOfEachSequence() async {
    let outcome = await CommandWorld(engine: Self.engine).run(
      "generate", "Once", "--num-beams", "3", "-N", "2", "--jsonl", "-q")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0] == #"{"type":"token","sequence":0,"# + Samples.seaJSON.dropFirst())
    #expect(lines[1] == #"{"type":"token","sequence":1,"# + Samples.endJSON.dropFirst())
    #expect(lines[2].contains(#""completions":[{"text":" sea","finish_reason":"length","score":-0.5},"#))
  }

  @Test func optionsReachTheEngine() async {
    let engine = FakeEngine()
    let outcome = await CommandWorld(engine: engine).run(
      "generate", "Once", "--num-beams", "3", "-N", "2", "-n", "4", "--length-penalty", "-0.5", "--early-stopping",
      "never", "--repeat-penalty", "1.5", "--stop", "x", "--ignore-eos", "--top-logprobs", "1", "-q")
    #expect(outcome.exitCode == 0)
    var expected = BeamRequest(context: ModelContext(model: ModelReference("storyteller"), ids: [258]))
    expected.beams = 3
    expected.returned = 2
    expected.maxTokens = 4
    expected.lengthPenalty = -0.5
    expected.earlyStopping = .never
    expected.settings.repetitionPenalty = 1.5
    expected.topCount = 1
    expected.stopStrings = ["x"]
    expected.ignoresEndOfText = true
    #expect(engine.searches == [expected])
  }

  @Test func theModelsOwnBeamsGiveWayToSamplingOptions() async {
    let adjusting: @Sendable (inout ModelInformation) -> Void = {
      $0.defaultBeams = 4
      $0.defaultLengthPenalty = 2
      $0.defaultEarlyStopping = .always
    }
    let searching = FakeEngine(adjusting: adjusting)
    _ = await CommandWorld(engine: searching).run("generate", "Once", "-n", "2")
    #expect(searching.searches.map(\.beams) == [4])
    #expect(searching.searches.map(\.lengthPenalty) == [2])
    #expect(searching.searches.map(\.earlyStopping) == [.always])
    let sampling = FakeEngine(adjusting: adjusting)
    _ = await CommandWorld(engine: sampling).run("generate", "Once", "-n", "2", "--temperature", "0.5")
    #expect(sampling.searches == [])
    #expect(sampling.onlyGeneration?.settings.temperature == 0.5)
  }

  @Test func moreSequencesThanTheModelsBeamsIsWrongUsage() async {
    let engine = FakeEngine(adjusting: { $0.defaultBeams = 4 })
    let outcome = await CommandWorld(engine: engine).run("generate", "Once", "-N", "5", "-q")
    #expect(
      outcome
        == .init(
          exitCode: 2, output: "",
          errors: """
            error: wrong value, -N/--num-return-sequences: expected at most 4, the number of beams, found 5
            hint: give --num-beams 5 as well

            """))
  }
}
