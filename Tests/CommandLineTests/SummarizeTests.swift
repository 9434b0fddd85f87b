import EngineAPI
import Sampling
import Testing

/// `triptych summarize`.
struct SummarizeTests {
  /// Answers with the number of encoder tokens.
  private static func engine(
    _ settings: DecodingDefaults = DecodingDefaults(),
    adjusting: @escaping @Sendable (inout ModelInformation) -> Void = { _ in }
  ) -> FakeEngine {
    var engine = FakeEngine(
      adjusting: adjusting,
      searching: { request in
        let count = request.context.encoderIDs?.count ?? 0
        return BeamResult(
          completions: (0..<request.returned).map { number in
            Completion(
              text: "of \(count) (\(number))", tokens: [Samples.sea], finishReason: .endOfText,
              score: -1 - Double(number))
          }, timing: GenerationTiming())
      })
    engine.summarizing = settings
    return engine
  }

  @Test func theWholeTextIsOneSource() async {
    let engine = Self.engine()
    let outcome = await CommandWorld(engine: engine, input: Array("The sea\n\nwas calm.\n".utf8)).run("summarize")
    #expect(outcome.exitCode == 0 && outcome.errors == "" && engine.searches.count == 1)
    #expect(engine.asked.entries.contains(.tokenize("summarize: The sea\n\nwas calm.")))
  }

  @Test func thePrefixCanBeReplaced() async {
    let engine = Self.engine()
    _ = await CommandWorld(engine: engine).run("summarize", "The sea", "--prefix", "tl;dr: ")
    #expect(engine.asked.entries.contains(.tokenize("tl;dr: The sea")))
  }

  @Test func textListsTheCandidatesWithoutTheSource() async {
    let outcome = await CommandWorld(engine: Self.engine()).run("summarize", "How", "-N", "2", "--prefix", "")
    #expect(
      outcome == .init(exitCode: 0, output: "score  summary\n-1.00  of 4 (0)\n-2.00  of 4 (1)\n", errors: ""))
  }

  @Test func jsonIsOneObject() async {
    let outcome = await CommandWorld(engine: Self.engine()).run(
      "summarize", "How", "--num-beams", "2", "--prefix", "", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"summaries":[{"source":"How","text":"of 4 (0)","score":-1.0,"tokens":[\(Samples.seaJSON)],\
            "candidates":[{"text":"of 4 (0)","score":-1.0},{"text":"of 4 (1)","score":-2.0}]}],"model":"interpreter"}

            """, errors: ""))
  }

  @Test func jsonlIsTheSummaryAndTheEnd() async {
    let outcome = await CommandWorld(engine: Self.engine()).run(
      "summarize", "How", "--num-beams", "1", "--prefix", "", "--jsonl")
    let line =
      #"{"type":"summary","source":"How","text":"of 4 (0)","score":-1.0,"tokens":[\#(Samples.seaJSON)],"#
      + #""candidates":[{"text":"of 4 (0)","score":-1.0}]}"#
    let last = #"{"type":"finished","schema":1,"summaries":1,"model":"interpreter"}"#
    #expect(outcome == .init(exitCode: 0, output: [line, last, ""].joined(separator: "\n"), errors: ""))
  }

  @Test func theSettingsOfTheTaskReachTheEngineAndOptionsComeFirst() async {
    var settings = DecodingDefaults()
    settings.length.maxLength = 21
    settings.length.minLength = 6
    settings.beams.count = 3
    settings.beams.lengthPenalty = 2
    settings.beams.earlyStopping = .always
    settings.sampling.noRepeatNGramSize = 3
    let engine = Self.engine(settings, adjusting: { $0.decoding.beams.count = 7 })
    _ = await CommandWorld(engine: engine).run("summarize", " How", "--prefix", "")
    let context = ModelContext(model: ModelReference("interpreter"), encoderIDs: [262, 0], ids: [])
    var expected = BeamRequest(
      context: context, beams: 3, returned: 3, maxTokens: 20, lengthPenalty: 2, earlyStopping: .always)
    expected.settings.noRepeatNGramSize = 3
    expected.settings.minTokens = 5
    #expect(engine.searches == [expected])
    _ = await CommandWorld(engine: engine).run(
      "summarize", " How", "--prefix", "", "--num-beams", "5", "-n", "9", "-N", "2", "--length-penalty", "0.5",
      "--early-stopping", "never", "--top-logprobs", "2")
    expected = BeamRequest(
      context: context, beams: 5, returned: 2, maxTokens: 9, lengthPenalty: 0.5, earlyStopping: .never, topCount: 2)
    expected.settings.noRepeatNGramSize = 3
    expected.settings.minTokens = 5
    #expect(engine.searches.last == expected)
  }

  @Test func aTextLongerThanTheContextIsRefusedUnlessTheUserWantsItsBeginning() async throws {
    let engine = Self.engine(adjusting: { $0.context = .tokens(6) })
    let command = ["summarize", " are are are are are are are", "--prefix", ""]
    let refused = await CommandWorld(engine: engine).run(command)
    #expect(refused.exitCode == 1 && refused.output == "" && engine.searches.isEmpty)
    let count = try #require(await engine.base.count(command[1]))
    #expect(
      refused.errors == """
        error: the text is too long, model 'interpreter': expected at most 6 tokens, found \(count)
        hint: shorten the text, or give --truncate to summarize its beginning

        """)
    let cut = await CommandWorld(engine: engine).run(command + ["--truncate", "--json"])
    #expect(cut.exitCode == 0 && cut.output.contains(#""truncated":true"#))
    #expect(cut.errors == "note: the text has \(count) tokens: only the first 6 are summarized\n")
    let ids = try #require(engine.searches.last?.context.encoderIDs)
    // The token at the end of each text stays.
    #expect(ids.count == 6 && ids.last == 0)
  }

  @Test func anEmptyTextIsRefused() async {
    let outcome = await CommandWorld(engine: Self.engine()).run("summarize", "")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors == "error: the text is empty, the text: expected a text to summarize, found none\n")
  }

  @Test func onlyEncoderDecoderModelsSummarize() async {
    let outcome = await CommandWorld().run("summarize", "-m", "storyteller", "x")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.hasPrefix("error: summarize does not work with this model, storyteller: expected an enc"))
  }
}

extension Engine where Self: Tokenizing {
  /// How many tokens the interpreter's text has.
  fileprivate func count(_ text: String) async -> Int? {
    try? await tokenize(text, model: ModelReference("interpreter"), addingSpecialTokens: true).count
  }
}
