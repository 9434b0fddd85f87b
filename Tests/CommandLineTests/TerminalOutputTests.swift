import CommandLineTool
import EngineAPI
import Testing

/// Output to a terminal: colors, the prompt, progress bars, and no raw control characters.
struct TerminalOutputTests {
  private static let terminal = TerminalFacts(input: true, output: true, error: true, columns: 80)
  private static let environment = ["TERM": "xterm-256color", "LANG": "en_GB.UTF-8"]
  private static var nasty: FakeEngine {
    FakeEngine(events: { _ in
      [
        .token(Samples.sea, text: "\u{1B}[31m\u{9B}x\r\n\t\u{7}\u{202E}y"),
        .finished(.length, text: "\u{0}", timing: GenerationTiming()),
      ]
    })
  }

  private func world(_ engine: FakeEngine, _ environment: [String: String] = Self.environment) -> CommandWorld {
    CommandWorld(engine: engine, terminal: Self.terminal, environment: environment)
  }

  @Test func controlCharactersAreSpelledOutOnATerminal() async {
    let outcome = await world(Self.nasty).run("generate", "a\u{8}b", "-q", "--color", "never")
    #expect(outcome.output == "a\\x08b\\x1b[31m\\x9bx\\x0d\n\t\\x07\\u{202e}y\\x00\n")
  }

  @Test func pipesGetExactBytes() async {
    let outcome = await CommandWorld(engine: Self.nasty).run("generate", "a\u{8}b", "-q")
    #expect(outcome.output == "\u{1B}[31m\u{9B}x\r\n\t\u{7}\u{202E}y\u{0}\n")
  }

  @Test func textIsColoredByProbability() async {
    let outcome = await world(Samples.engine).run("generate", "Once", "-q")
    // The prompt is dim; probable tokens (log p -0.5 and -0.125) have the terminal's own color.
    let parts = outcome.output.split(separator: "\u{1B}[0m")
    #expect(parts.count == 2)
    #expect(parts[0].hasSuffix("mOnce"))
    #expect(parts[0].hasPrefix("\u{1B}[38;5;"))
    #expect(parts[1] == " seaé\n")
  }

  @Test(arguments: [["TERM": "linux"], ["TERM": "xterm-256color"], ["TERM": "xterm", "COLORTERM": "truecolor"]])
  func surpriseGrowsWarmer(environment: [String: String]) async {
    let engine = FakeEngine(events: { _ in
      // Probabilities of 90, 30, 5 and 0.1 %.
      [-0.105, -1.204, -2.996, -6.908].map { logprob in
        var token = Samples.sea
        token.logprob = logprob
        return .token(token, text: "x")
      } + [.finished(.length, text: "", timing: GenerationTiming())]
    })
    let outcome = await world(engine, environment).run("generate", "Once", "-q")
    // After the prompt: the first without color, each of the others in a different color.
    let parts = outcome.output.split(separator: "\u{1B}[0m").dropFirst()
    #expect(parts.first?.hasPrefix("x\u{1B}[") == true)
    #expect(Set(parts.prefix(3).map { $0.drop { $0 == "x" } }).count == 3)
  }

  @Test(arguments: [
    (["NO_COLOR": "1"], "auto", false), (["NO_COLOR": ""], "auto", true), (["NO_COLOR": "1"], "always", true),
    ([:], "never", false), (["TERM": "dumb"], "auto", false), (["COLORTERM": "truecolor"], "auto", true),
    (["TERM": "linux"], "auto", true),
  ])
  func colorFollowsChoiceAndTerminal(changes: [String: String], choice: String, isColored: Bool) async {
    let environment = Self.environment.merging(changes) { $1 }
    let outcome = await world(Samples.engine, environment).run("generate", "Once", "-q", "--color", choice)
    #expect(outcome.output.contains("\u{1B}[") == isColored)
    let plain = outcome.output.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
    #expect(plain == "Once seaé\n")
  }

  @Test func pipesHaveNoColorUnlessAsked() async {
    #expect(await !CommandWorld(engine: Samples.engine).run("next", "Once").output.contains("\u{1B}"))
    let asked = await CommandWorld(engine: Samples.engine).run("next", "Once", "--color", "always")
    #expect(asked.output.contains("\u{1B}["))
  }

  @Test func depthFollowsTheTerminal() async {
    let trueColor = await world(Samples.engine, ["TERM": "xterm", "COLORTERM": "truecolor"]).run("generate", "Once")
    #expect(trueColor.output.contains("\u{1B}[38;2;"))
    let sixteen = await world(Samples.engine, ["TERM": "linux"]).run("generate", "Once")
    #expect(!sixteen.output.contains("38;"))
    #expect(sixteen.output.contains("\u{1B}["))
  }

  @Test func aProgressBarIsShownWhileAModelLoads() async {
    let outcome = await world(Samples.engine).run("generate", "Once", "--color", "never")
    let bar = { (blocks: String, percent: String) in
      "\r\u{1B}[Kloading storyteller \(blocks)\(String(repeating: " ", count: 20 - blocks.count)) \(percent)"
    }
    #expect(
      outcome.errors
        == bar("██", " 10 %") + bar(String(repeating: "█", count: 12), " 60 %")
        + bar(String(repeating: "█", count: 20), "100 %")
        + "\r\u{1B}[Knote: seed 1234\nnote: 4 tokens, 10/s, ended by end of text\n")
    #expect(outcome.output == "Once seaé\n")
  }

  @Test(arguments: [["TERM": "dumb"], ["TERM": "xterm"]])
  func quietRunsAndDumbTerminalsShowNoProgressBar(environment: [String: String]) async {
    let isDumb = environment["TERM"] == "dumb"
    let outcome = await world(Samples.engine, environment).run(["generate", "Once"] + (isDumb ? [] : ["-q"]))
    #expect(!outcome.errors.contains("\r"))
  }

  @Test func errorsStayOnOneLine() async {
    let outcome = await CommandWorld(engine: FakeEngine()).run("generate", "Once", "-m", "a\nb\u{1B}[2J")
    #expect(
      outcome.errors == """
        error: no such model, a\\nb\\x1b[2J: expected a bundled name or a folder, found neither
        hint: `triptych models` lists what can be opened

        """)
  }

  private static let failing = FakeEngine(events: { _ in
    [
      .prompt(done: 1, total: 2), .token(Samples.sea, text: " sea"),
      .finished(
        .failed(EngineError(.resources, "no memory", at: "the cache", expected: "room", found: "none")), text: "",
        timing: GenerationTiming()),
    ]
  })

  @Test func errorsAndProgressBarsDoNotOverwriteText() async {
    let outcome = await world(Self.failing).run("generate", "Once", "--color", "always")
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == "Once sea")
    // The prompt is on the line, so no progress bar is shown; the error begins on a new line.
    #expect(outcome.errors.hasSuffix("note: seed 1234\n\nerror: no memory, the cache: expected room, found none\n"))
  }

  @Test func separateStreamsGetNoNewlineBeforeNotices() async {
    for (output, errors) in [(true, false), (false, true), (false, false)] {
      let outcome = await CommandWorld(
        engine: Self.failing, terminal: TerminalFacts(output: output, error: errors), environment: Self.environment
      ).run("generate", "Once", "-q")
      #expect(outcome.errors == "error: no memory, the cache: expected room, found none\n")
    }
  }

  @Test func theProgressBarIsRemovedBeforeAnError() async {
    let outcome = await world(FakeEngine()).run("fill-mask", "no gap")
    #expect(outcome.errors.contains("loading cloze"))
    #expect(
      outcome.errors.hasSuffix(
        "100 %\r\u{1B}[Kerror: no mask, the text: expected [MASK], the mask token of model 'cloze', found none\n"
          + "hint: write [MASK] where a word is missing\n"))
  }

  @Test func asciiTerminalsGetAsciiBars() async {
    let outcome = await world(Samples.engine, ["TERM": "vt100", "LANG": "C"]).run(
      "fill-mask", "The [MASK]", "--color", "never", "-q")
    #expect(outcome.output.utf8.allSatisfy { $0 < 0x80 })
    #expect(outcome.output.contains("####"))
  }
}
