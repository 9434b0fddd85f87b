import EngineAPI
import Testing

/// `triptych translate`.
struct TranslateTests {
  /// Answers with the number of encoder tokens, so that different lines have different answers.
  private static var engine: FakeEngine {
    FakeEngine(searching: { request in
      let count = request.context.encoderIDs?.count ?? 0
      return BeamResult(
        completions: (0..<request.returned).map { number in
          Completion(
            text: "\(count) jetons (\(number))", tokens: [Samples.sea], finishReason: .endOfText, score: -Double(number)
          )
        }, timing: GenerationTiming())
    })
  }

  @Test func linesInOrder() async {
    let outcome = await CommandWorld(engine: Self.engine, input: Array("How\n\n you?\n".utf8)).run(
      "translate", "--prefix", "")
    #expect(outcome == .init(exitCode: 0, output: "4 jetons (0)\n\n3 jetons (0)\n", errors: ""))
  }

  @Test func textListsTheCandidates() async {
    let outcome = await CommandWorld(engine: Self.engine).run("translate", "How", "-N", "2", "--prefix", "")
    #expect(
      outcome
        == .init(exitCode: 0, output: "score  How\n 0.00  4 jetons (0)\n-1.00  4 jetons (1)\n", errors: ""))
  }

  @Test func jsonIsOneObject() async {
    let outcome = await CommandWorld(engine: Self.engine).run(
      "translate", "How\n", "--num-beams", "2", "--prefix", "", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"translations":[{"source":"How","text":"4 jetons (0)","score":0.0,"tokens":[\(Samples.seaJSON)],\
            "candidates":[{"text":"4 jetons (0)","score":0.0},{"text":"4 jetons (1)","score":-1.0}]},\
            {"source":"","text":"","score":null,"tokens":[],"candidates":[]}],"model":"interpreter"}

            """.replacing("score\":0.0", with: "score\":-0.0", maxReplacements: 2), errors: ""))
  }

  @Test func jsonlIsOneObjectALine() async {
    let outcome = await CommandWorld(engine: Self.engine).run(
      "translate", "How\nHow", "--num-beams", "1", "--prefix", "", "--jsonl")
    let line =
      #"{"type":"translation","source":"How","text":"4 jetons (0)","score":-0.0,"tokens":[\#(Samples.seaJSON)],"#
      + #""candidates":[{"text":"4 jetons (0)","score":-0.0}]}"#
    let last = #"{"type":"finished","schema":1,"translations":2,"model":"interpreter"}"#
    #expect(outcome == .init(exitCode: 0, output: [line, line, last, ""].joined(separator: "\n"), errors: ""))
  }

  @Test func theTaskPrefixIsTheModelsOwn() async {
    let engine = Self.engine
    _ = await CommandWorld(engine: engine).run("translate", "How are you?")
    #expect(engine.asked.entries.contains(.tokenize("translate English to French: How are you?")))
    _ = await CommandWorld(engine: engine).run("translate", "Allez", "--from", "fr", "--to", "en")
    #expect(engine.asked.entries.contains(.tokenize("translate French to English: Allez")))
    _ = await CommandWorld(engine: engine).run("translate", "Allez", "--prefix", "-> ")
    #expect(engine.asked.entries.contains(.tokenize("-> Allez")))
  }

  @Test func optionsReachTheEngine() async {
    let engine = Self.engine
    _ = await CommandWorld(engine: engine).run("translate", " How", "--prefix", "")
    let context = ModelContext(model: ModelReference("interpreter"), encoderIDs: [262, 0], ids: [])
    #expect(engine.searches.last == BeamRequest(context: context, beams: 4, returned: 4))
    _ = await CommandWorld(engine: engine).run(
      "translate", " How", "--prefix", "", "--num-beams", "8", "-n", "50", "-N", "3", "--length-penalty", "0.5",
      "--early-stopping", "true", "--top-logprobs", "2")
    #expect(
      engine.searches.last
        == BeamRequest(
          context: context, beams: 8, returned: 3, maxTokens: 50, lengthPenalty: 0.5, earlyStopping: .always,
          topCount: 2))
    let configured = FakeEngine(
      adjusting: {
        $0.decoding.beams.count = 6
        $0.decoding.length.maxNewTokens = 300
        $0.decoding.beams.lengthPenalty = 2
        $0.decoding.beams.earlyStopping = .never
        $0.unknownGenerationKeys = ["odd"]
      }, searching: Self.engine.searching)
    let outcome = await CommandWorld(engine: configured).run("translate", " How", "--prefix", "")
    #expect(
      configured.searches
        == [
          BeamRequest(
            context: context, beams: 6, returned: 6, maxTokens: 300, lengthPenalty: 2, earlyStopping: .never)
        ])
    #expect(outcome.errors == "note: generation_config.json of interpreter: this key is unknown and not used: odd\n")
  }

  @Test func onlyEncoderDecoderModelsTranslate() async {
    let outcome = await CommandWorld().run("translate", "-m", "storyteller", "x")
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errors == """
        error: translate does not work with this model, storyteller: expected an encoder-decoder model, found a causal \
        model
        hint: for causal models use 'triptych generate'

        """)
  }
}
