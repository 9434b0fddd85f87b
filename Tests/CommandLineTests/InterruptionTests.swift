import CommandLineTool
import EngineAPI
import Testing

/// Signals during a run, closed pipes, full disks.
struct InterruptionTests {
  /// A stream of signals and a function that sends them.
  private static func signals() -> (@Sendable (EndSignal) -> Void, @Sendable () -> AsyncStream<EndSignal>) {
    let (stream, continuation) = AsyncStream<EndSignal>.makeStream()
    return ({ continuation.yield($0) }, { stream })
  }

  private static let begun: [TokenEvent] = Array(Samples.story.prefix(2))

  @Test(arguments: [(EndSignal.interrupt, Int32(130)), (.terminate, 143), (.hangUp, 129)])
  func anInterruptedStreamStillPrintsItsObject(signal: EndSignal, code: Int32) async {
    let (send, signals) = Self.signals()
    let engine = FakeEngine(events: { _ in Self.begun }, hanging: { send(signal) })
    let outcome = await CommandWorld(engine: engine, signals: signals).run("generate", "Once", "--json", "-q")
    #expect(outcome.exitCode == code)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasPrefix(#"{"schema":1,"model":"storyteller","seed":1234,"options":{"max_tokens":256,"#))
    #expect(
      outcome.output.contains(
        #""completions":[{"text":" sea","finish_reason":"interrupted","tokens":[\#(Samples.seaJSON)]}],"#
          + #""timing":{"load_s":0.1,"prompt_s":"#))
    #expect(outcome.output.hasSuffix("}}\n"))
    // The times are measured, although the stream has no last event.
    #expect(Self.number("prompt_s", in: outcome.output) ?? 0 > 0)
    #expect(Self.number("generate_s", in: outcome.output) ?? 0 > 0)
    #expect(Self.number("prompt_tokens_per_s", in: outcome.output) ?? 0 > 0)
    #expect(Self.number("tokens_per_s", in: outcome.output) ?? 0 > 0)
  }

  /// The number under a key of a JSON text.
  private static func number(_ key: String, in text: String) -> Double? {
    text.firstRange(of: "\"\(key)\":").flatMap { Double(text[$0.upperBound...].prefix { !",}".contains($0) }) }
  }

  @Test func linesEndWithTheReason() async {
    let (send, signals) = Self.signals()
    let engine = FakeEngine(events: { _ in Self.begun }, hanging: { send(.interrupt) })
    let outcome = await CommandWorld(engine: engine, signals: signals).run("generate", "Once", "--jsonl", "-q")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.exitCode == 130)
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix(#"{"type":"finished","schema":1,"finish_reason":"interrupted","#))
  }

  @Test func textEndsWithANewline() async {
    let (send, signals) = Self.signals()
    let engine = FakeEngine(events: { _ in Self.begun }, hanging: { send(.interrupt) })
    let outcome = await CommandWorld(engine: engine, signals: signals).run("generate", "Once", "-N", "3")
    #expect(outcome.exitCode == 130 && outcome.output == "── 1 of 3 ──\n sea\n")
    #expect(outcome.errors.hasPrefix("note: seed 1234\nnote: 1 token, "))
    #expect(outcome.errors.hasSuffix(", ended by a signal\n"))
  }

  @Test func anInterruptedSearchPrintsNoText() async {
    let (send, signals) = Self.signals()
    let engine = FakeEngine(searching: { _ throws(EngineError) in
      send(.interrupt)
      try await Self.untilCancelled()
    })
    let outcome = await CommandWorld(engine: engine, signals: signals).run(
      "generate", "Once", "--num-beams", "2", "--json", "-q")
    #expect(outcome.exitCode == 130)
    #expect(
      outcome.output.contains(#""completions":[{"text":"","finish_reason":"interrupted","tokens":[]}],"timing""#))
    #expect(Self.number("generate_s", in: outcome.output) ?? 0 > 0)
  }

  @Test func anInterruptedTranslationKeepsItsFinishedLines() async {
    let (send, signals) = Self.signals()
    let done = Completion(text: "Bonjour", tokens: [], finishReason: .endOfText, score: -1)
    let engine = FakeEngine(searching: { request throws(EngineError) in
      if (request.context.encoderIDs?.count ?? 0) < 20 { return BeamResult(completions: [done], timing: .init()) }
      send(.terminate)
      try await Self.untilCancelled()
    })
    let outcome = await CommandWorld(engine: engine, signals: signals).run(
      "translate", "Hi\na line that is long enough to hang\nnever", "--json")
    #expect(
      outcome
        == .init(
          exitCode: 143,
          output: """
            {"schema":1,"translations":[{"source":"Hi","text":"Bonjour","score":-1.0,"tokens":[],\
            "candidates":[{"text":"Bonjour","score":-1.0}]}],"model":"interpreter","finish_reason":"interrupted"}

            """, errors: ""))
  }

  @Test(arguments: [
    ("--json", #"{"schema":1,"finish_reason":"interrupted"}"# + "\n"),
    ("--jsonl", #"{"type":"finished","schema":1,"finish_reason":"interrupted"}"# + "\n"), ("-q", ""),
  ])
  func anInterruptedScoringPrintsNoTokens(form: String, output: String) async {
    let (send, signals) = Self.signals()
    let engine = FakeEngine(scoring: { _ throws(EngineError) in
      send(.interrupt)
      try await Self.untilCancelled()
    })
    let outcome = await CommandWorld(engine: engine, signals: signals).run("score", "Once", form)
    #expect(outcome == .init(exitCode: 130, output: output, errors: ""))
  }

  @Test func aSecondSignalDoesNotWait() async {
    let (send, signals) = Self.signals()
    let (end, ending) = AsyncStream<Void>.makeStream()
    let engine = FakeEngine(searching: { _ throws(EngineError) in
      send(.interrupt)
      send(.terminate)
      // Ignores cancellation, like a long pass over a prompt.
      await Task { for await _ in end {} }.value
      throw EngineError(.interrupted, "interrupted")
    })
    let outcome = await CommandWorld(engine: engine, signals: signals).run(
      "generate", "Once", "--num-beams", "2", "--json", "-q")
    #expect(outcome == .init(exitCode: 143, output: "", errors: ""))
    ending.finish()
  }

  @Test(arguments: [0, 1, 2])
  func aClosedPipeEndsSilently(writes: Int) async {
    let outcome = await CommandWorld(engine: Samples.engine, closingAfter: writes).run("generate", "Once", "--jsonl")
    #expect(outcome.exitCode == 141)
    #expect(outcome.errors == "note: seed 1234\n")
    #expect(outcome.output.split(separator: "\n").count == writes)
  }

  @Test(arguments: ["--help", "--version", "--generate-completion-script=bash"])
  func helpEndsSilentlyOnAClosedPipe(option: String) async {
    let outcome = await CommandWorld(closingAfter: 0).run(option)
    #expect(outcome == .init(exitCode: 141, output: "", errors: ""))
  }

  @Test func aFullDiskIsAnError() async {
    let outcome = await CommandWorld(engine: Samples.engine, outputFailure: "no space left on device").run(
      "generate", "Once", "-q")
    #expect(outcome.exitCode == 1)
    #expect(outcome.output == "")
    #expect(
      outcome.errors
        == "error: can't write, standard output: expected room for all of the output, found no space left on device\n")
  }

  /// Waits until the calling task is canceled, then throws as an engine does.
  private static func untilCancelled() async throws(EngineError) -> Never {
    let (never, continuation) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    continuation.finish()
    throw EngineError(.interrupted, "interrupted")
  }
}
