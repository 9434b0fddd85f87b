import CommandLineTool
import EngineAPI
import JSONText
import PlaygroundApp
import Testing

/// `models`, `bench`, `play`, and errors that several commands share.
struct ListingTests {
  private static let listed = [
    ModelSummary(
      name: "storyteller", path: "/m/storyteller", family: .causal, architecture: "gpt2", parameters: 21_300_000,
      dtype: "bf16", bytes: 42_600_000, context: .tokens(1024), source: "bundled"),
    ModelSummary(
      name: "stories260K", path: "/m/stories", family: nil, architecture: "llama", parameters: 260_032, dtype: "f32",
      bytes: 1_040_128, context: .unlimited, source: "folder"),
  ]

  @Test func modelsAreListedAsATable() async {
    let outcome = await CommandWorld(engine: FakeEngine(listed: Self.listed)).run("models")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            name         family         architecture  weights  dtype     size  context  source   path
            storyteller  causal         gpt2           21.3 M  bf16   42.6 MB    1,024  bundled  /m/storyteller
            stories260K  not supported  llama         260.0 k  f32     1.0 MB        -  folder   /m/stories

            """, errors: ""))
  }

  @Test func modelsAsJSONAreOneObject() async {
    let outcome = await CommandWorld(engine: FakeEngine(listed: Self.listed)).run("models", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            {"schema":1,"models":[{"name":"storyteller","path":"/m/storyteller","family":"causal",\
            "architecture":"gpt2","parameters":21300000,"dtype":"bf16","bytes":42600000,"context_length":1024,\
            "source":"bundled"},{"name":"stories260K","path":"/m/stories","family":null,"architecture":"llama",\
            "parameters":260032,"dtype":"f32","bytes":1040128,"context_length":null,"source":"folder"}]}

            """, errors: ""))
  }

  private static let broken = ModelSummary(
    name: "hf:org/half", path: "/c/half", family: nil, architecture: "", parameters: nil, dtype: nil, bytes: 7,
    context: .unknown, source: "hf", reason: "the download is not complete")

  @Test func whatCanNotOpenIsListedWithTheReason() async throws {
    let world = CommandWorld(engine: FakeEngine(listed: [Self.broken]))
    #expect(
      await world.run("models").output == """
        name         family      architecture    weights  dtype      size    context  source  path
        hf:org/half  can't open  not known     not known  not known   7 B  not known  hf      /c/half: the download is not complete

        """)
    let other = CommandWorld(engine: FakeEngine(listed: [Self.broken]))
    let json = try JSONValue(parsing: Array(await other.run("models", "--json").output.utf8))
    let model = try #require(json["models"]?[0])
    #expect(model["reason"]?.string == "the download is not complete" && model["architecture"] == .null)
  }

  @Test func aModelAloneIsListedWithItsMemory() async throws {
    var model = Self.listed[0]
    model.memory = MemoryEstimate(
      weights: [.f32: 85_200_000, .q4: 12_000_000], cachePerToken: 1_000, contextLength: 1024)
    let world = CommandWorld(engine: FakeEngine(listed: [model]))
    let lines = await world.run("models", "storyteller").output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.dropFirst(3).prefix(3) == [
        "format  weights  cache a token  tokens  together", "f32     85.2 MB        1,000 B   1,024   86.2 MB",
        "q4      12.0 MB        1,000 B   1,024   13.0 MB",
      ])
    let other = CommandWorld(engine: FakeEngine(listed: [model]))
    let json = try JSONValue(parsing: Array(await other.run("models", "storyteller", "--json").output.utf8))
    let memory = try #require(json["models"]?[0]?["memory"])
    #expect(memory["weights"]?["q4"]?.int == 12_000_000 && memory["cache_bytes_per_token"]?.int == 1_000)
    #expect(await world.run("models", "nobody").exitCode == 1)
  }

  @Test func anEmptyListSaysSo() async {
    let outcome = await CommandWorld(engine: FakeEngine(listed: [])).run("models")
    #expect(
      outcome
        == .init(
          exitCode: 0, output: "",
          errors: "note: no models found; a folder in Hugging Face layout opens by its path: -m ./gpt2\n"))
  }

  private static var bench: FakeEngine {
    FakeEngine(measuring: { request in
      var model = ScriptedModels.information("storyteller")
      model.loadSeconds = 0.25
      model.weightBytes = 85_200_000
      return BenchResult(
        model: model, threads: 2, instructionSet: "avx512", peakResidentBytes: 99_000_000,
        promptTokensPerSecond: Spread([4000.5, 3000, 5000]), decodeTokensPerSecond: Spread([80, 81.5]),
        endToEndTokensPerSecond: nil,
        kernels: request.kernels ? [KernelFigure(name: "matvec f32", value: 9, unit: "GB/s", limit: 12)] : [])
    })
  }

  @Test func benchTextShowsSpeeds() async {
    let outcome = await CommandWorld(engine: Self.bench).run("bench", "--kernels")
    #expect(
      outcome
        == .init(
          exitCode: 0,
          output: """
            storyteller · causal · f32 · 2 threads · avx512 · loaded in 0.25 s · weights 85.2 MB · peak memory 99.0 MB
            tokens a second  median  lowest  highest
            prompt             4001    3000     5000
            decode            80.75   80.00    81.50

            kernel      reached  limit  unit  share
            matvec f32     9.00  12.00  GB/s   75 %

            """, errors: ""))
  }

  @Test func benchJSONIsOneObject() async {
    let engine = Self.bench
    let outcome = await CommandWorld(engine: engine).run(
      "bench", "--json", "-m", "storyteller@bf16", "--prompt-tokens", "64", "-n", "8", "--num-beams", "2", "--streams",
      "4", "--runs", "3")
    let head = """
      {"schema":1,"model":"storyteller","family":"causal","dtype":"f32","threads":2,"isa":"avx512","load_s":0.25,\
      "weight_bytes":85200000,"peak_rss_bytes":99000000,\
      "prompt_tokens_per_s":{"min":3000.0,"median":4000.5,"max":5000.0},\
      "decode_tokens_per_s":{"min":80.0,"median":80.75,"max":81.5},"end_to_end_tokens_per_s":null
      """
    #expect(outcome == .init(exitCode: 0, output: head + "}\n", errors: ""))
    #expect(
      engine.asked.entries.last
        == .bench(
          BenchRequest(
            model: ModelReference("storyteller", format: .bf16), promptTokens: 64, newTokens: 8, beams: 2, streams: 4,
            runs: 3)))
    let kernels = await CommandWorld(engine: engine).run("bench", "--json", "--kernels")
    #expect(
      kernels.output
        == head + #","kernels":[{"name":"matvec f32","value":9.0,"unit":"GB/s","limit":12.0}]}"# + "\n")
  }

  @Test func benchReportsTheSizeOfTheCache() async {
    let measured = FakeEngine(measuring: { _ in
      BenchResult(
        model: ScriptedModels.information("storyteller"), threads: 1, instructionSet: "neon",
        peakResidentBytes: 99_000_000, cacheFormat: .bf16, cacheBytes: 9_437_184, promptTokens: 448,
        promptTokensPerSecond: Spread([9]),
        decodeTokensPerSecond: nil, endToEndTokensPerSecond: nil)
    })
    let object = await CommandWorld(engine: measured).run("bench", "--json", "--cache-type", "bf16")
    #expect(
      object.output.hasSuffix(
        #""end_to_end_tokens_per_s":null,"prompt_tokens":448,"cache_type":"bf16","cache_bytes":9437184}"# + "\n"))
    #expect(measured.asked.entries.contains(.cacheFormat(.bf16)))
    let text = await CommandWorld(engine: measured).run("bench")
    #expect(text.output.contains(" · cache 9.4 MB bf16 · peak memory 99.0 MB\n"))
    #expect(text.output.contains("\nprompt of 448 "))
  }

  private static let terminal = TerminalFacts(input: true, output: true, error: true)

  @Test func thePlaygroundOpens() async {
    let world = CommandWorld(terminal: Self.terminal, environment: ["TERM": "xterm"])
    #expect(await world.run([]) == .init(exitCode: 0, output: "", errors: ""))
    #expect(await world.run("--theme", "paper").exitCode == 0)
    _ = await world.run(
      "play", "-m", "a@q8", "-m", "./b", "--theme", "x", "--task", "fill-mask", "--lesson", "8", "-t", "2",
      "--cache-type", "bf16",
      "--color", "never")
    #expect(
      world.played == [
        PlayRequest(), PlayRequest(theme: "paper"),
        PlayRequest(
          models: [ModelReference("a", format: .q8), ModelReference("./b")], theme: "x", task: .fillMask, lesson: 8,
          threads: 2,
          cacheFormat: .bf16, color: .never),
      ])
  }

  @Test(arguments: [
    (TerminalFacts(output: true), ["TERM": "xterm"], "standard input: expected a terminal, found a file or a pipe"),
    (TerminalFacts(input: true), ["TERM": "xterm"], "standard output: expected a terminal, found a file or a pipe"),
    (terminal, [:], "TERM: expected a terminal, found no terminal type"),
  ])
  func thePlaygroundNeedsATerminal(facts: TerminalFacts, environment: [String: String], where place: String) async {
    let world = CommandWorld(terminal: facts, environment: environment)
    #expect(
      await world.run([])
        == .init(
          exitCode: 1, output: "",
          errors: """
            error: the playground needs a terminal, \(place)
            hint: 'triptych --linear' and commands such as 'triptych generate' work without one

            """))
    #expect(world.played == [])
  }

  @Test func linesComeInPlaceOfAScreenIfAskedForOrOnADumbTerminal() async {
    let piped = CommandWorld(input: Array("one\r\ntwo".utf8))
    #expect(await piped.run("--linear") == .init(exitCode: 0, output: "one\ntwo\n", errors: ""))
    let dumb = CommandWorld(input: Array("one\n".utf8), terminal: Self.terminal, environment: ["TERM": "dumb"])
    #expect(
      await dumb.run([])
        == .init(
          exitCode: 0, output: "one\n",
          errors: "note: TERM is 'dumb', so there are lines in place of a screen, as with --linear\n"))
    let broken = await CommandWorld(input: [0x41, 0xFF]).run("play", "--linear")
    #expect(broken.errors.contains("standard input: expected UTF-8, found byte 0xFF at offset 1"), "\(broken.errors)")
  }

  @Test(arguments: ["generate", "next", "score", "tokenize", "bench"])
  func aModelThatCanNotBeOpenedIsAnError(command: String) async {
    let missing = await CommandWorld(input: []).run(command, "-m", "nope")
    #expect(
      missing
        == .init(
          exitCode: 1, output: "",
          errors: """
            error: no such model, nope: expected a bundled name or a folder, found neither
            hint: `triptych models` lists what can be opened

            """))
    let broken = await CommandWorld(input: []).run(command, "-m", "broken", "--dtype", "f32")
    #expect(broken.exitCode == 1)
    #expect(
      broken.errors == """
        error: can't open the weights, /models/broken/model.safetensors: expected a header of 812 bytes, found a file \
        of 17 bytes
        hint: fetch the file again

        """)
  }
}
