import EngineAPI
import Testing

/// `triptych generate`: text, JSON, and requests to the engine.
struct GenerateTests {
  private static let prompt = #"{"text":"Once","tokens":[{"id":258,"text":"Once","bytes":[79,110,99,101]}]}"#
  private static let timing =
    #"{"load_s":0.1,"prompt_s":0.5,"generate_s":0.4,"prompt_tokens_per_s":2.0,"tokens_per_s":10.0}"#

  @Test func stagesThatAreSwitchedOnStandInTheOptionsAndTheChain() async {
    let outcome = await CommandWorld(engine: Samples.engine).run(
      "generate", "x", "--json", "--dry-multiplier", "0.8", "--dry-sequence-breaker", "none", "--xtc-probability",
      "0.5",
      "--mirostat-lr", "0.2", "--dynatemp-range", "0.5")
    for part in [
      #""dynatemp_range":0.5,"top_k""#, #""xtc_probability":0.5,"xtc_threshold":0.1"#,
      #""dry_multiplier":0.8,"dry_base":1.75"#,
      #""dry_allowed_length":2,"dry_penalty_last_n":-1"#, #""dry_sequence_breaker":[]"#,
      #""frequency","dry","no-repeat-ngram""#, #""typical-p","xtc"]"#,
    ] { #expect(outcome.output.contains(part), "\(part)") }
    #expect(!outcome.output.contains("mirostat"))
    let own = await CommandWorld(engine: Samples.engine).run(
      "generate", "x", "--json", "--samplers", "xtc,dry", "--dry-multiplier", "0.8", "--xtc-probability", "0.5")
    #expect(own.output.contains(#""samplers":["xtc","dry"]"#))
  }

  @Test func textIsTheCompletionAlone() async {
    let outcome = await CommandWorld(engine: Samples.engine).run("generate", "Once")
    #expect(
      outcome
        == .init(
          exitCode: 0, output: " seaé\n", errors: "note: seed 1234\nnote: 4 tokens, 10/s, ended by end of text\n"))
  }

  @Test func quietSilencesNotices() async {
    let outcome = await CommandWorld(engine: Samples.engine).run("generate", "Once", "-q")
    #expect(outcome == .init(exitCode: 0, output: " seaé\n", errors: ""))
  }

  @Test func jsonIsOneObject() async {
    let outcome = await CommandWorld(engine: Samples.engine).run("generate", "Once", "--json", "--seed", "7")
    let completion =
      #"{"text":" seaé","finish_reason":"eos","tokens":["# + Samples.storyJSON.joined(separator: ",") + "]}"
    let object =
      #"{"schema":1,"model":"storyteller","seed":7,"options":\#(Samples.options()),"prompt":\#(Self.prompt),"#
      + #""completions":[\#(completion)],"timing":\#(Self.timing)}"#
    #expect(outcome == .init(exitCode: 0, output: object + "\n", errors: "note: seed 7\n"))
  }

  @Test func jsonlIsOneObjectALine() async {
    let outcome = await CommandWorld(engine: Samples.engine).run("generate", "Once", "--jsonl", "-q")
    let tokens = Samples.storyJSON.map { #"{"type":"token","sequence":0,"# + $0.dropFirst() }
    let last =
      #"{"type":"finished","schema":1,"finish_reason":"eos","model":"storyteller","seed":1234,"#
      + #""options":\#(Samples.options()),"prompt":\#(Self.prompt),"#
      + #""completions":[{"text":" seaé","finish_reason":"eos"}],"timing":\#(Self.timing)}"#
    #expect(outcome == .init(exitCode: 0, output: (tokens + [last, ""]).joined(separator: "\n"), errors: ""))
  }

  @Test func severalSequencesComeInOrder() async {
    let engine = FakeEngine(events: { request in
      [
        .token(Samples.sea, text: " sea \(request.sequence)"),
        .finished(.length, text: "", timing: GenerationTiming(generateSeconds: 0.5, tokens: 1)),
      ]
    })
    let outcome = await CommandWorld(engine: engine).run("generate", "Once", "-N", "10", "--seed", "5")
    let texts = (0..<10).map { "── \($0 + 1) of 10 ──\n sea \($0)\n" }
    #expect(
      outcome == .init(exitCode: 0, output: texts.joined(), errors: "note: seed 5\nnote: 10 tokens, 10/s\n"))
    let requests = engine.asked.entries.compactMap { if case .generate(let request) = $0 { request } else { nil } }
    #expect(requests.map(\.sequence) == Array(0..<10))
    #expect(requests.allSatisfy { $0.seed == 5 })
  }

  @Test func speculationReachesTheEngineAndIsCounted() async {
    let engine = FakeEngine(events: { _ in
      [
        .token(Samples.sea, text: " sea"),
        .finished(
          .length, text: "",
          timing: GenerationTiming(generateSeconds: 0.5, tokens: 1, guessed: 40, guessedRight: 30)),
      ]
    })
    let outcome = await CommandWorld(engine: engine).run(
      "generate", "Once", "--draft", "storyteller-mini@q8", "--prompt-lookup", "--draft-max", "5", "--seed", "5")
    #expect(
      outcome
        == .init(
          exitCode: 0, output: " sea\n",
          errors: "note: seed 5\nnote: 1 token, 2.0/s, ended by the limit of tokens, 75 % of 40 guesses right\n"))
    let requests = engine.asked.entries.compactMap { if case .generate(let request) = $0 { request } else { nil } }
    let draft = ModelReference("storyteller-mini", format: .q8)
    #expect(requests.map(\.speculation) == [Speculation(looksUpPrompt: true, draft: draft, most: 5)])
  }

  @Test(arguments: [
    (["--draft-max", "3"], "--draft-max"), (["--num-beams", "2", "--prompt-lookup"], "--prompt-lookup"),
    (["--num-beams", "2", "--draft", "storyteller-mini"], "--draft"), (["--draft", ""], "--draft"),
    (["--draft-max", "0", "--prompt-lookup"], "--draft-max"),
  ]) func speculationOptionsThatDoNotGoTogetherAreRefused(arguments: [String], named: String) async {
    let outcome = await CommandWorld(engine: Samples.engine).run(["generate", "Once"] + arguments)
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains(named))
  }

  @Test func everyOptionReachesTheEngine() async throws {
    let engine = Samples.engine
    let outcome = await CommandWorld(engine: engine).run(
      "generate", "Once", "-m", "storyteller-mini@q8", "-t", "3", "--max-new-tokens", "9", "--temp", "0.5",
      "--top-k", "40", "--top-p", "0.9", "--min-p", "0.05", "--typical-p", "0.8", "--repetition-penalty", "1.2",
      "--presence-penalty", "-0.5", "--frequency-penalty", "0.25", "--no-repeat-ngram-size", "3", "--min-tokens", "4",
      "--logit-bias", "5=-2.5", "--logit-bias", "6=1", "--samplers", "top_k,temperature;min-p", "--stop", "-x",
      "--stop",
      "\n", "--ignore-eos", "--top-logprobs", "2", "--prompt-chunk", "16", "--seed", "99", "--json", "-q",
      "--sequence-bias", "5,6=-2.5", "--sequence-bias", "7=1", "--exponential-decay-length-penalty", "4,1.5",
      "--encoder-repetition-penalty", "1.25", "--encoder-no-repeat-ngram-size", "2", "--renormalize-logits")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "")
    let reference = ModelReference("storyteller-mini", format: .q8)
    var expected = GenerationRequest(context: ModelContext(model: reference, ids: [258]))
    expected.settings.temperature = 0.5
    expected.settings.topK = 40
    expected.settings.topP = 0.9
    expected.settings.minP = 0.05
    expected.settings.typicalP = 0.8
    expected.settings.repetitionPenalty = 1.2
    expected.settings.presencePenalty = -0.5
    expected.settings.frequencyPenalty = 0.25
    expected.settings.noRepeatNGramSize = 3
    expected.settings.minTokens = 4
    expected.settings.logitBias = [5: -2.5, 6: 1]
    expected.settings.order = [.topK, .temperature, .minP]
    expected.settings.rules.sequenceBias = [.init(ids: [5, 6], bias: -2.5), .init(ids: [7], bias: 1)]
    expected.settings.rules.lengthDecay = .init(start: 4, factor: 1.5)
    expected.settings.rules.encoderRepetitionPenalty = 1.25
    expected.settings.rules.encoderNoRepeatNGramSize = 2
    expected.settings.rules.renormalizes = true
    expected.maxTokens = 9
    expected.seed = 99
    expected.stopStrings = ["-x", "\n"]
    expected.ignoresEndOfText = true
    expected.topCount = 2
    expected.promptChunk = 16
    #expect(engine.onlyGeneration == expected)
    #expect(engine.asked.entries.prefix(2) == [.threads(3), .load(reference)])
    let options = Samples.options([
      "max_tokens": "9", "temperature": "0.5", "top_k": "40", "top_p": "0.9", "min_p": "0.05", "typical_p": "0.8",
      "repeat_penalty": "1.2", "presence_penalty": "-0.5", "frequency_penalty": "0.25", "no_repeat_ngram_size": "3",
      "min_tokens": "4", "logit_bias": #"{"5":-2.5,"6":1.0}"#, "samplers": #"["top-k","temperature","min-p"]"#,
      "stop": #"["-x","\n"]"#, "ignore_eos": "true", "top_logprobs": "2", "prompt_chunk": "16",
      "sequence_bias": "[[[5,6],-2.5],[[7],1.0]]", "exponential_decay_length_penalty": "[4,1.5]",
      "encoder_repetition_penalty": "1.25", "encoder_no_repeat_ngram_size": "2", "renormalize_logits": "true",
    ])
    #expect(outcome.output.contains(#""model":"storyteller-mini@q8","seed":99,"options":\#(options),"#))
  }

  @Test func unsetOptionsComeFromTheModel() async {
    let engine = FakeEngine(
      adjusting: {
        $0.decoding.sampling.temperature = 0.25
        $0.decoding.sampling.topK = 50
        $0.decoding.length.maxNewTokens = 20
        $0.unknownGenerationKeys = ["foo", "bar"]
      }, events: { _ in Samples.story })
    let outcome = await CommandWorld(engine: engine).run("generate", "Once", "--top-k", "0")
    #expect(engine.onlyGeneration?.settings.temperature == 0.25)
    #expect(engine.onlyGeneration?.settings.topK == 0)
    #expect(engine.onlyGeneration?.maxTokens == 20)
    #expect(
      outcome.errors == """
        note: generation_config.json of storyteller: these keys are unknown and not used: foo, bar
        note: seed 1234
        note: 4 tokens, 10/s, ended by end of text

        """)
  }

  @Test func theDefaultLengthIsWhatTheContextLeaves() async {
    let engine = FakeEngine(adjusting: { $0.context = .tokens(30) }, events: { _ in Samples.story })
    _ = await CommandWorld(engine: engine).run("generate", "Once upon a time")
    #expect(engine.onlyGeneration?.maxTokens == 26)
    let asked = FakeEngine(adjusting: { $0.context = .tokens(30) }, events: { _ in Samples.story })
    _ = await CommandWorld(engine: asked).run("generate", "Once upon a time", "-n", "100")
    #expect(asked.onlyGeneration?.maxTokens == 100)
  }

  @Test(arguments: [["--min-tokens", "3"], ["--exponential-decay-length-penalty", "3,1.1"]])
  func anOptionAboutTheEndHasNoEffectOnAModelWithoutEndOfText(options: [String]) async {
    let note = "\(options[0]) has no effect: storyteller has no end-of-text token (eos_token_id)"
    for (ids, isNoted) in [([], true), ([0], false)] {
      let engine = FakeEngine(adjusting: { $0.endOfTextIDs = ids }, events: { _ in Samples.story })
      let outcome = await CommandWorld(engine: engine).run(["generate", "Once", "-n", "4"] + options)
      #expect(outcome.exitCode == 0 && outcome.errors.contains(note) == isNoted)
    }
  }

  @Test func aChainWithoutTemperatureIsNotGreedy() async {
    let engine = FakeEngine(adjusting: { $0.decoding.sampling.temperature = 0 }, events: { _ in Samples.story })
    _ = await CommandWorld(engine: engine).run("generate", "Once", "--samplers", "top-k")
    #expect(engine.onlyGeneration?.settings.temperature == 1)
    #expect(engine.onlyGeneration?.settings.order == [.topK])
  }

  @Test func encoderDecoderModelsTakeTheTextAsInput() async {
    let engine = Samples.engine
    let outcome = await CommandWorld(engine: engine).run("generate", "-m", "interpreter", " How are", "-q")
    #expect(outcome == .init(exitCode: 0, output: " seaé\n", errors: ""))
    #expect(
      engine.onlyGeneration?.context
        == ModelContext(model: ModelReference("interpreter"), encoderIDs: [262, 263, 0], ids: []))
    #expect(engine.onlyGeneration?.promptCount == 0)
  }

  @Test func aFailureAfterTheFirstTokensIsAnError() async {
    let failure = EngineError(.resources, "out of memory", at: "cache", expected: "1 GB", found: "none", hint: "use -n")
    let engine = FakeEngine(events: { _ in
      [.token(Samples.sea, text: " sea"), .finished(.failed(failure), text: "", timing: GenerationTiming())]
    })
    let text = await CommandWorld(engine: engine).run("generate", "Once", "-q")
    let errors = "error: out of memory, cache: expected 1 GB, found none\nhint: use -n\n"
    #expect(text == .init(exitCode: 1, output: " sea", errors: errors))
    let object = await CommandWorld(engine: engine).run("generate", "Once", "-q", "--json")
    #expect(object == .init(exitCode: 1, output: "", errors: errors))
  }
}
