import EngineAPI
import PlaygroundApp
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// Effects and the messages that they post.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct EffectTests {
  private let model = ModelReference("storyteller")
  private let mailbox = Mailbox()
  private let terminal = MemoryTerminal()

  private func runner(_ engine: any Engine = TestEngine(), clock: any RuntimeClock = SkippingClock()) -> EffectRunner {
    EffectRunner(
      engine: EngineRouter(engine), terminal: terminal, mailbox: mailbox, clock: clock,
      history: HistoryKeeper(nil, writer: StateWriter(), mailbox: mailbox),
      sessions: SessionKeeper(nil, writer: StateWriter(), mailbox: mailbox, clock: clock),
      screens: ScreenKeeper(folder: "/none", time: { .now }, writer: StateWriter(), mailbox: mailbox),
      presets: PresetKeeper(file: nil, writer: StateWriter(), mailbox: mailbox),
      editor: { text, _ in .success(text + "!") }, log: .none)
  }

  /// All messages posted until a condition is true for them.
  private func messages(until isEnough: ([Message]) -> Bool) async -> [Message] {
    var found: [Message] = []
    for await _ in mailbox.wakes {
      found += mailbox.take()
      if isEnough(found) { break }
    }
    return found
  }

  private func request(_ ids: [Int] = [300], position: Int = 1) -> DistributionRequest {
    DistributionRequest(context: ModelContext(model: model, ids: ids), position: position)
  }

  @Test func thePromptOfADialogueIsRenderedAtTheLocalTime() async {
    let ticket = Ticket(.chatPrompt, version: 1)
    let request = ChatTextRequest(model: model, messages: [ChatMessage("user", "Hi")], localSeconds: 0)
    _ = runner(ScriptedEngine()).run([.chatPrompt(ticket, request)])
    let answers = await messages { $0.contains { if case .chatPrompt(ticket, _) = $0 { true } else { false } } }
    guard case .chatPrompt(_, .success(let prompt)) = answers.last else {
      Issue.record("expected a prompt, found \(answers)")
      return
    }
    #expect(prompt.text == "User: Hi\nAssistant:" && prompt.isTranscript)
    // A year has some 31,557,600 seconds, and this is written in 2026.
    #expect(MonotonicClock().localSeconds > 56 * 31_557_600)
  }

  @Test func everyEffectPostsItsResult() async {
    let runner = runner()
    let context = ModelContext(model: model, ids: [300, 301])
    let tickets = (0..<5).map { Ticket(.candidates(.generate, list: $0), version: $0) }
    let ending = runner.run([
      .listModels, .load(model), .tokenize(tickets[0], text: "Once", model: model),
      .translationPrefix(TranslationDirection(from: "en", to: "fr"), model: ModelReference("interpreter")),
      .distribution(tickets[1], request()), .beamSearch(tickets[2], BeamRequest(context: context)),
      .fillMask(tickets[3], FillMaskRequest(context: ModelContext(model: ModelReference("cloze"), ids: [260, 1]))),
      .generate(tickets[4], GenerationRequest(context: context)), .copy("text"), .captureMouse(true),
    ])
    #expect(ending == nil)
    #expect(terminal.copied == ["text"])
    #expect(terminal.reportsMouse)
    var missing: Set<String> = [
      "models", "loaded", "tokenized", "prefix", "distribution", "beams", "fillings", "stream",
    ]
    _ = await messages { found in
      for message in found { hear(message) }
      return missing.isEmpty
    }
    func hear(_ message: Message) {
      switch message {
      case .models(let models): if !models.isEmpty { missing.remove("models") }
      case .loaded(_, .success): missing.remove("loaded")
      case .tokenized(tickets[0], .success): missing.remove("tokenized")
      case .translationPrefix(_, _, .success): missing.remove("prefix")
      case .distribution(tickets[1], .success): missing.remove("distribution")
      case .beams(tickets[2], .success): missing.remove("beams")
      case .fillings(tickets[3], .success): missing.remove("fillings")
      case .stream(tickets[4], .finished, _): missing.remove("stream")
      default: break
      }
    }
  }

  @Test func aPromptIsScoredOnceItHasStoodStill() async {
    let clock = SkippingClock()
    let runner = runner(clock: clock)
    let slot = Slot.scores(.generate)
    let request = ScoreRequest(context: ModelContext(model: model, ids: [300, 301, 302]))
    _ = runner.run([.score(Ticket(slot, version: 1), request), .score(Ticket(slot, version: 2), request)])
    let answers = await messages {
      $0.contains { if case .scored(Ticket(slot, version: 2), _) = $0 { true } else { false } }
    }
    guard case .scored(_, .success(let tokens)) = answers.last else {
      Issue.record("expected scores, found \(answers)")
      return
    }
    #expect(tokens.map(\.token.id) == [300, 301, 302] && tokens[0].logprob == nil && tokens[1].logprob != nil)
    #expect(clock.now >= EngineCalls.stillness)
  }

  @Test func labelsComeAtOnceAndThoseOfChangedTextsOnceTheTextStandsStill() async {
    let clock = SkippingClock()
    let runner = runner(ScriptedEngine(catalogue: ScriptedModel.labelers), clock: clock)
    let (mood, names) = (ModelReference("mood"), ModelReference("names"))
    let tickets = [Slot.labels, .words, .entities].map { Ticket($0, version: 1) }
    _ = runner.run([
      .classify(tickets[0], ClassifyRequest(model: mood, text: "a joy")),
      .classifyAll(tickets[1], ClassifyBatchRequest(model: mood, texts: ["a", "joy"])),
      .tag(tickets[2], TagRequest(model: names, text: "in Rome")),
    ])
    var counts: [Ticket: Int] = [:]
    _ = await messages { found in
      for message in found {
        switch message {
        case .labels(let ticket, .success(let result)): counts[ticket] = result.labels.count
        case .labelsOfAll(let ticket, .success(let results)): counts[ticket] = results.count
        case .tagged(let ticket, .success(let result)): counts[ticket] = result.entities.count
        default: break
        }
      }
      return counts.count == 3
    }
    #expect(counts == [tickets[0]: 2, tickets[1]: 2, tickets[2]: 1])
    #expect(clock.now >= EngineCalls.stillness)
  }

  @Test func targetsAreRankedAndATranslationIsTranslatedBackOnceNoNewerRequestComes() async throws {
    let clock = SkippingClock()
    let engine = ScriptedEngine()
    let runner = runner(engine, clock: clock)
    let tickets = [Ticket(Slot(.fillMask, "targets"), version: 1), Ticket(Slot(.translate, "back"), version: 2)]
    let (cloze, interpreter) = (ModelReference("cloze"), ModelReference("interpreter"))
    let context = ModelContext(model: interpreter, encoderIDs: [270], ids: [271])
    _ = runner.run([
      .rankChoices(
        tickets[0],
        ChoiceRequest(
          ["paris", "red green"], after: "The [MASK].", model: cloze, try await engine.load(cloze, progress: { _ in }))),
      .translateBack(
        tickets[1],
        BackTranslationRequest(
          original: "How are you?", translation: "Vous va ?", from: "en", to: "fr", context: context,
          search: BeamRequest(context: context, maxTokens: 4))),
    ])
    var found: [Ticket: Int] = [:]
    _ = await messages { messages in
      for message in messages {
        switch message {
        case .choicesRanked(let ticket, .success(let ranking)): found[ticket] = ranking.choices.count
        case .translatedBack(let ticket, .success(let back)): found[ticket] = back.forward.count
        case .choicesRanked(let ticket, .failure(let error)), .translatedBack(let ticket, .failure(let error)):
          if found.updateValue(-1, forKey: ticket) == nil { Issue.record("\(ticket.slot.name): \(error)") }
        default: break
        }
      }
      return found.count == 2
    }
    #expect(found == [tickets[0]: 2, tickets[1]: 1])
    #expect(clock.now >= EngineCalls.stillness)
  }

  @Test func positionsOfAComparisonComeBeforeItsEndOnceTheTextStandsStill() async throws {
    let clock = SkippingClock()
    let runner = runner(ScriptedEngine(), clock: clock)
    let ticket = Ticket(.comparison, version: 3)
    let sides = Array(
      repeating: ComparedSide(context: ModelContext(model: ModelReference("storyteller"), ids: [300, 301, 302])),
      count: 2)
    _ = runner.run([.compare(ticket, ComparisonRequest(sides: sides))])
    let answers = await messages { $0.contains { if case .compared = $0 { true } else { false } } }
    let positions = answers.flatMap { message in
      if case .comparing(ticket, let part) = message { part.positions } else { [ComparedPosition]() }
    }
    #expect(positions.map(\.index) == [1, 2] && positions.allSatisfy { $0.pairs[0].divergence.forward == 0 })
    guard case .compared(ticket, .success(let costs)) = answers.last else {
      Issue.record("expected the end of the comparison, found \(answers)")
      return
    }
    #expect(costs.count == 2 && clock.now >= EngineCalls.stillness)
  }

  @Test func onlyTheNewestQuestionAboutTheInsideIsAnswered() async {
    let clock = SkippingClock()
    let runner = runner(ScriptedEngine(), clock: clock)
    let request = InspectionRequest(
      context: ModelContext(model: ModelReference("storyteller"), ids: [300, 301]), parts: [.lens])
    _ = runner.run([.inspect(Ticket(.insideLook, version: 1), request)])
    let newest = Ticket(.insideLook, version: 2)
    _ = runner.run([.inspect(newest, request)])
    let answers = await messages { $0.contains { if case .inspected = $0 { true } else { false } } }
    guard case .inspected(newest, .success(let answer)) = answers.last, answers.count == 1 else {
      Issue.record("expected one answer, found \(answers)")
      return
    }
    #expect(answer.lens.count == 3 && clock.now >= EngineCalls.pause)
  }

  @Test func aNewEffectCancelsTheOlderOneOfItsSlot() async {
    let cancelled = Latch()
    let runner = runner(
      TestEngine(beforeDistribution: { request in
        guard request.position == 0 else { return }
        // Wait until the task is canceled.
        try? await Task.sleep(for: .seconds(3600))
        await cancelled.open()
      }))
    let slot = Slot.candidates(.generate, list: 0)
    _ = runner.run([.distribution(Ticket(slot, version: 1), request(position: 0))])
    _ = runner.run([.distribution(Ticket(slot, version: 2), request())])
    await cancelled.wait()
    let answers = await messages { $0.contains { if case .distribution = $0 { true } else { false } } }
    #expect(answers.count == 1)
    guard case .distribution(Ticket(slot, version: 2), .success) = answers[0] else {
      Issue.record("expected the second answer, found \(answers)")
      return
    }
  }

  @Test func aCanceledStreamPostsItsEnd() async {
    let gate = ScriptedGate(open: 3)
    let engine = TestEngine(base: ScriptedEngine(gate: gate))
    let runner = runner(engine)
    let ticket = Ticket(.stream(0), version: 1)
    _ = runner.run([.generate(ticket, GenerationRequest(context: ModelContext(model: model, ids: [300])))])
    _ = await messages { found in
      found.count { if case .stream(ticket, .token, _) = $0 { true } else { false } } == 3
    }
    _ = runner.run([.cancel(.stream(0))])
    let last = await messages { $0.contains { if case .stream(_, .finished, _) = $0 { true } else { false } } }
    guard case .stream(ticket, .finished(.interrupted, _, let timing), _) = last.last else {
      Issue.record("expected the stream's end, found \(last)")
      return
    }
    #expect(timing.tokens == 3)
    await engine.left.wait()
  }

  @Test func anErrorIsPosted() async {
    let runner = runner()
    let none = ModelReference("none")
    _ = runner.run([.load(none)])
    let answers = await messages { $0.contains { if case .loaded = $0 { true } else { false } } }
    guard case .loaded(none, .failure(let error)) = answers.last else {
      Issue.record("expected a failure, found \(answers)")
      return
    }
    #expect(error.kind == .model)
  }

  @Test func effectsAfterLeaveAreNotRun() {
    let runner = runner()
    #expect(runner.run([.leave(code: 3), .copy("never")]) == .left(code: 3))
    #expect(terminal.copied.isEmpty)
  }

  @Test func theEndOfTheSessionEndsTheEditor() async {
    let ended = Latch()
    let runner = EffectRunner(
      engine: EngineRouter(TestEngine()), terminal: terminal, mailbox: mailbox, clock: HeldClock(),
      history: HistoryKeeper(nil, writer: StateWriter(), mailbox: mailbox),
      sessions: SessionKeeper(nil, writer: StateWriter(), mailbox: mailbox, clock: HeldClock()),
      screens: ScreenKeeper(folder: "/none", time: { .now }, writer: StateWriter(), mailbox: mailbox),
      presets: PresetKeeper(file: nil, writer: StateWriter(), mailbox: mailbox),
      editor: { _, _ in
        // Wait until the task is canceled.
        try? await Task.sleep(for: .seconds(3600))
        await ended.open()
        return .success(nil)
      }, log: .none)
    _ = runner.run([.edit("text")])
    await runner.stop()
    await ended.wait()
    #expect(terminal.isSuspended)
  }

  @Test func nothingIsDrawnWhileAnEditorUsesTheTerminal() async {
    let runner = runner()
    _ = runner.run([.edit("text")])
    #expect(terminal.isSuspended)
    #expect(runner.isTerminalAway)
    let answers = await messages { $0.contains { if case .edited = $0 { true } else { false } } }
    #expect(answers.contains(.edited("text!")))
    #expect(!terminal.isSuspended)
    #expect(!runner.isTerminalAway)
  }
}
