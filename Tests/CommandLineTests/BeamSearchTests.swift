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
      $0.decoding.beams.count = 4
      $0.decoding.beams.lengthPenalty = 2
      $0.decoding.beams.earlyStopping = .always
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

  private func searches(
    _ arguments: String..., adjusting: @escaping @Sendable (inout ModelInformation) -> Void = { _ in }
  ) async -> [BeamRequest] {
    let engine = FakeEngine(adjusting: adjusting)
    let outcome = await CommandWorld(engine: engine).run(["generate", "Once", "-n", "2", "-q"] + arguments)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return engine.searches
  }

  @Test func sampleDrawsContinuations() async {
    let given = await searches(
      "--sample", "--num-beams", "4", "--temperature", "0.5", "--top-k", "9", "--seed", "77")
    #expect(given.map(\.seed) == [77] && given[0].settings.temperature == 0.5 && given[0].settings.topK == 9)
    let sampling: @Sendable (inout ModelInformation) -> Void = {
      $0.decoding.samples = true
      $0.decoding.sampling.temperature = 0.7
      $0.decoding.beams.count = 3
    }
    let own = await searches("--seed", "5", adjusting: sampling)
    #expect(own.map(\.seed) == [5] && own[0].beams == 3 && own[0].settings.temperature == 0.7)
    let changed = await searches("--seed", "5", "--top-p", "0.5", adjusting: sampling)
    #expect(changed.map(\.seed) == [5] && changed[0].beams == 3 && changed[0].settings.topP == 0.5)
    // `do_sample: false` in the file does not discard its temperature, which `--sample` uses.
    let against = await searches("--sample", "--num-beams", "2", "--seed", "5") {
      $0.decoding.samples = false
      $0.decoding.sampling.temperature = 0.7
    }
    #expect(against.map(\.seed) == [5] && against[0].settings.temperature == 0.7)
  }

  @Test func temperatureZeroIsPlainBeamSearch() async {
    let plain = await searches("--num-beams", "4", "--temperature", "0")
    #expect(plain.map(\.seed) == [nil] && plain[0].beams == 4)
    let sampling: @Sendable (inout ModelInformation) -> Void = {
      $0.decoding.samples = true
      $0.decoding.beams.count = 3
    }
    let overruled = await searches("--temperature", "0", adjusting: sampling)
    #expect(overruled.map(\.seed) == [nil] && overruled[0].beams == 3)
  }

  @Test func groupsStopStringsAndTimeReachTheEngine() async {
    let given = await searches(
      "--num-beams", "6", "--num-beam-groups", "3", "--diversity-penalty", "0.5", "--max-time", "2.5", "--stop", "x")
    #expect(given.map(\.groups) == [3] && given[0].diversityPenalty == 0.5)
    #expect(given[0].maxSeconds == 2.5 && given[0].stopStrings == ["x"])
    let files: @Sendable (inout ModelInformation) -> Void = {
      $0.decoding.beams.count = 4
      $0.decoding.beams.groups = 2
      $0.decoding.beams.diversityPenalty = 0.25
      $0.decoding.length.stopStrings = ["own"]
      $0.decoding.length.maxTime = 9
    }
    let own = await searches(adjusting: files)
    #expect(own.map(\.groups) == [2] && own[0].diversityPenalty == 0.25)
    #expect(own[0].maxSeconds == 9 && own[0].stopStrings == ["own"])
    let engine = FakeEngine(adjusting: files)
    _ = await CommandWorld(engine: engine).run("generate", "Once", "--num-beams", "1", "-q")
    #expect(engine.onlyGeneration?.stopStrings == ["own"] && engine.onlyGeneration?.maxSeconds == 9)
    let misfit = await CommandWorld(engine: FakeEngine(adjusting: files)).run("generate", "Once", "--num-beams", "3")
    #expect(misfit.exitCode == 1)
    #expect(
      misfit.errors == """
        error: wrong value, num_beam_groups in generation_config.json of storyteller: expected a divisor of 3, the \
        number of beams, found 2
        hint: give --num-beam-groups 1 as well

        """)
  }

  @Test func aTimeLimitThatEndsATextIsReported() async {
    let engine = FakeEngine(searching: { _ in
      BeamResult(
        completions: [
          Completion(text: " sea", tokens: [Samples.sea], finishReason: .time, score: -0.5),
          Completion(text: "", tokens: [Samples.end], finishReason: .endOfText, score: -8),
        ], timing: GenerationTiming())
    })
    let outcome = await CommandWorld(engine: engine).run(
      "generate", "Once", "--num-beams", "2", "-N", "2", "--max-time", "1", "--json")
    #expect(outcome.output.contains(#""finish_reason":"length""#) && outcome.output.contains(#""max_time":1.0"#))
    #expect(outcome.errors.contains("ended by the limit of time"))
  }

  @Test func moreSequencesThanTheModelsBeamsIsWrongUsage() async {
    let engine = FakeEngine(adjusting: { $0.decoding.beams.count = 4 })
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
