@testable import CommandLineTool
import EngineAPI
import Foundation
import JSONText
import ScriptedSupport
import Sessions
import TestSupport
import Testing

/// How `chat` behaves: its output, its commands, its errors.
struct ChatCommandTests {
  /// A model that answers each message in the same way, with room for little.
  private static func engine(template: Bool = true, context: Int? = 512) -> ScriptedEngine {
    var model = ScriptedModel("talker", family: .causal, script: " The sea is calm.", contextLength: context)
    model.hasTemplate = template
    return ScriptedEngine(catalogue: [model] + ScriptedModel.bundled)
  }

  private func run(
    _ arguments: [String] = [], input: String = "", engine: any Engine = engine(), files: [String: String] = [:],
    terminal: TerminalFacts = TerminalFacts()
  ) async -> CommandWorld.Outcome {
    let world = CommandWorld(
      engine: engine, input: Array(input.utf8), files: files.mapValues { Array($0.utf8) }, terminal: terminal,
      environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8"])
    return await world.run(["chat", "-m", "talker", "--temperature", "0", "--seed", "1", "-n", "20"] + arguments)
  }

  @Test func aPipeGetsAnswersAndNothingElse() async {
    let outcome = await run(input: "Hello\n\n/template\n/score\n/help\nAnd now?\n")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == "The sea is calm.\n\nThe sea is calm.\n", "\(outcome.output)")
    #expect(outcome.errors.contains("user: Hello<|end|>"), "\(outcome.errors)")
    #expect(outcome.errors.contains("perplexity") && outcome.errors.contains("/system TEXT"))
    let quiet = await run(["-q"], input: "Hello\n")
    #expect(quiet.errors.isEmpty && quiet.output == "The sea is calm.\n")
  }

  @Test func aTerminalShowsThePromptAndTheCommands() async {
    let terminal = TerminalFacts(input: true, output: true, error: true)
    let outcome = await run(["--color", "never"], input: "Hello\n/help\n/wrong\n/quit\n", terminal: terminal)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasPrefix("you> The sea is calm.\nyou> /system TEXT"), "\(outcome.output)")
    #expect(outcome.output.hasSuffix("you> you> "))
    #expect(
      outcome.errors.contains("error: no such command, the dialogue: expected a command of /help, found '/wrong'"))
  }

  @Test func noticesAtATerminalFollowTheLinesThatTheUserEnded() async {
    // The terminal shows what the user types, with its newline; both streams go to it.
    let terminal = TerminalFacts(input: true, output: true, error: true)
    let outcome = await run(["-n", "2", "--color", "never"], input: "Hello\n/quit\n", terminal: terminal)
    #expect(outcome.output == "you> The sea\nyou> ", "\(outcome.output)")
    #expect(outcome.errors.hasSuffix("note: the answer ended at the limit of tokens; /continue goes on\n"))
    #expect(!outcome.errors.contains("\n\n"), "\(outcome.errors)")
  }

  @Test func eachAnswerIsALineOfJSON() async throws {
    let outcome = await run(["--json", "-q"], input: "Hello\nAnd now?\n")
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0["message"] == ["role": "assistant", "content": "The sea is calm."] })
    #expect(lines[0]["schema"]?.int == 1 && lines[0]["options"]?["temperature"]?.double == 0)
    #expect(lines[0]["completions"]?[0]?["finish_reason"]?.string == "eos")
    let stream = await run(["--jsonl", "-q"], input: "Hello\n")
    let tokens = try stream.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(tokens.dropLast().allSatisfy { $0["type"]?.string == "token" } && tokens.count > 2)
    #expect(tokens.last?["type"]?.string == "finished" && tokens.last?["message"]?["content"]?.string != nil)
  }

  @Test func aModelWithoutATemplateReadsATranscript() async throws {
    let outcome = await run(["--json"], input: "Hello\nAnd now?\n", engine: Self.engine(template: false))
    #expect(outcome.errors.components(separatedBy: "has no chat template").count == 2, "\(outcome.errors)")
    let last = try JSONValue(parsing: Array(outcome.output.split(separator: "\n").last ?? "").flatMap { $0.utf8 })
    #expect(
      last["prompt"]?["text"]?.string
        == "User: Hello\nAssistant: The sea is calm.\nUser: And now?\nAssistant:", "\(outcome.output)")
  }

  @Test func aTranscriptEndsBeforeTheNextSpeaker() async throws {
    let token = { @Sendable (text: String) in ScoredToken(unpredicted: TokenValue(id: 5, bytes: Array(text.utf8))) }
    var fake = FakeEngine(base: Self.engine(template: false))
    fake.events = { request in
      #expect(request.stopStrings == ["User:"])
      return [
        .token(token(" Calm."), text: " Calm."), .token(token("\nUser"), text: "\n"), .token(token(":"), text: ""),
        .finished(.stop, text: "", timing: GenerationTiming()),
      ]
    }
    let outcome = await run(input: "Hello\nAnd now?\n", engine: fake)
    #expect(outcome.output == "Calm.\n\nCalm.\n", "\(outcome)")
  }

  @Test func aSystemMessageStandsFirst() async throws {
    for (arguments, input) in [(["--system", "Be calm."], "Hello\n"), ([], "/system Be calm.\nHello\n")] {
      let outcome = await run(["--json", "-q"] + arguments, input: input)
      let object = try JSONValue(parsing: Array(outcome.output.utf8))
      #expect(
        object["prompt"]?["text"]?.string == "system: Be calm.<|end|>\nuser: Hello<|end|>\nassistant:", "\(outcome)")
    }
    let file = await run(
      ["--json", "-q", "--system", "Be calm.", "--messages", "m"], files: ["m": #"[{"role":"user","content":"Hi"}]"#])
    #expect(file.output.contains("Be calm."), "\(file)")
  }

  @Test func aFullContextIsSaidInTimeThenAnError() async {
    let engine = Self.engine(context: 72)
    let lines = "Hello\nHello\nHello\nHello\nHello\n"
    let outcome = await run(input: lines, engine: engine)
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errors.contains("of 72 tokens; when they are full, it ends: --drop-oldest leaves the oldest turns out"),
      "\(outcome.errors)")
    #expect(
      outcome.errors.contains("error: the context is full, the dialogue: expected at most 71 of the 72 tokens of"),
      "\(outcome.errors)")
    let dropping = await run(["--drop-oldest"], input: lines, engine: engine)
    #expect(dropping.exitCode == 0, "\(dropping.errors)")
    #expect(dropping.errors.contains("its oldest turns will be left out"))
    #expect(dropping.errors.contains("the oldest 2 messages are left out"), "\(dropping.errors)")
  }

  @Test(arguments: [
    ("", "chat.json"), ("[", "chat.json"), ("3", "expected a list of messages, or an object with one under 'messages'"),
    ("[]", "expected one message or more, found none"), ("{}", "found none"),
    ("[3]", "chat.json, message 1: expected an object with 'role' and 'content', found a number"),
    (#"[{"role":"usr","content":"x"}]"#, "found 'usr'\nhint: did you mean 'user'?"),
    (#"[{"content":"x"}]"#, "message 1: expected 'system', 'user', 'assistant' or 'tool', found none"),
    (#"[{"role":"user","content":"x"},{"role":"user","content":3}]"#, "message 2: expected a text or a list of parts"),
  ])
  func aWrongConversationIsRefused(text: String, words: String) async {
    let outcome = await run(["--messages", "chat.json"], files: ["chat.json": text])
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: 1) == nil, "\(outcome.errors)")
    let batch = await CommandWorld(engine: Self.engine(), files: ["c": Array(("[]\n" + text).utf8)])
      .run("generate", "-m", "talker", "--chat", "c")
    #expect(batch.exitCode == 1 && batch.output.isEmpty && batch.errors.contains("c line 1"), "\(batch.errors)")
  }

  @Test(arguments: [
    ("/frobnicate", "found '/frobnicate'"), ("/retr", "hint: did you mean '/retry'?"),
    ("/edit", "expected /edit TEXT, found no text"), ("/retry now", "expected /retry, found a text after it"),
    ("/retry", "nothing to answer again"), ("/undo", "nothing to take back"), ("/continue", "nothing to continue"),
    ("/score", "nothing to score"), ("/template", "nothing that the model has read"),
    ("/save /proc/nowhere/at/all", "/proc/nowhere"),
  ])
  func aCommandThatCannotBeDoneEndsAPipe(line: String, words: String) async {
    let outcome = await run(["-q"], input: line + "\nHello\n")
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: 1) == nil, "\(outcome.errors)")
  }

  @Test func twoSlashesBeginAMessage() async throws {
    let outcome = await run(["--json", "-q"], input: "//retry is a word\n")
    #expect(outcome.output.contains("user: /retry is a word<|end|>"))
  }

  @Test func optionsThatDoNotGoTogetherAreWrongUsage() async {
    for arguments in [["--json", "--jsonl"], ["--template", "t", "--template-name", "n"], ["--sample"]] {
      #expect(await run(arguments).exitCode == 2)
    }
    for arguments in [["x", "--chat", "c"], ["--chat", "c", "-N", "2"], ["--chat", "c", "--num-beams", "2"]] {
      #expect(await CommandWorld().run(["generate"] + arguments).exitCode == 2)
    }
    let system = #"[{"role":"system","content":"x"},{"role":"user","content":"y"}]"#
    #expect(await run(["--system", "z", "--messages", "m"], files: ["m": system]).exitCode == 2)
  }

  @Test func ctrlCStopsTheAnswerAndTwiceLeaves() async throws {
    let (signals, send) = AsyncStream<EndSignal>.makeStream()
    var fake = FakeEngine(base: Self.engine())
    fake.events = { _ in [.token(ScoredToken(unpredicted: TokenValue(id: 5, bytes: Array("Wait".utf8))), text: "Wait")]
    }
    fake.hanging = { send.yield(.interrupt) }
    let world = CommandWorld(
      engine: fake, input: Array("Hello\n/quit\n".utf8), terminal: TerminalFacts(input: true, output: true),
      signals: { signals })
    let outcome = await world.run("chat", "-m", "talker", "-n", "20", "--color", "never")
    #expect(outcome.exitCode == 0 && outcome.output.contains("Wait\n"), "\(outcome)")
    let twice = CommandWorld(
      engine: fake, input: Array("Hello\n".utf8), terminal: TerminalFacts(input: true, output: true),
      signals: {
        AsyncStream {
          $0.yield(.interrupt)
          $0.yield(.interrupt)
        }
      })
    #expect(await twice.run("chat", "-m", "talker").exitCode == 130)
  }

  @Test func anAnswerHasItsReasoningApart() {
    let split = { (text: String, prompt: String) in ReasonedText(text, opened: ReasoningMarks.opened(by: prompt)) }
    #expect(split("Hello", "") == ReasonedText("Hello"))
    let whole = split("<think>\nso it is\n</think>\n\nHello", "")
    #expect(whole.reasoning == "so it is" && whole.content == "Hello" && !whole.isReasoning && whole.offset == 27)
    let opened = split("so it is</think>Hello", "assistant\n<think>\n")
    #expect(opened.reasoning == "so it is" && opened.content == "Hello")
    let half = split("[THINK]so", "")
    #expect(half.reasoning == "so" && half.content.isEmpty && half.isReasoning)
    #expect(split("a <think> b </think>", "").reasoning == nil)
  }
}
