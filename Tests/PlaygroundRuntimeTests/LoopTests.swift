import EngineAPI
import LocalFiles
import PlaygroundApp
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// The rules of the main loop.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct LoopTests {
  /// A loop with the test's mailbox.
  private func loop(
    _ mailbox: Mailbox, _ terminal: MemoryTerminal, clock: any RuntimeClock, engine: TestEngine = TestEngine()
  ) -> PlaygroundLoop {
    let writer = StateWriter()
    let history = HistoryKeeper(nil, writer: writer, mailbox: mailbox)
    let sessions = SessionKeeper(nil, writer: writer, mailbox: mailbox, clock: clock)
    let (state, _) = PlaygroundState.initial(size: terminal.size)
    return PlaygroundLoop(
      state: state, terminal: terminal, mailbox: mailbox,
      effects: EffectRunner(
        engine: EngineRouter(engine), terminal: terminal, mailbox: mailbox, clock: clock, history: history,
        sessions: sessions,
        screens: ScreenKeeper(folder: "/none", time: { .now }, writer: writer, mailbox: mailbox),
        presets: PresetKeeper(file: nil, writer: writer, mailbox: mailbox),
        editor: { text, _ in .success(text) }, log: .none),
      drafts: DraftKeeper(nil, history: history, writer: writer, clock: clock, prompts: [:]), sessions: sessions,
      clock: clock, log: .none)
  }

  /// Runs a loop on a clock that stands still, up to its first frame. The task's value is the exit code.
  private func started(
    _ mailbox: Mailbox, _ terminal: MemoryTerminal, _ clock: HeldClock
  ) async -> Task<Int32, Never> {
    let loop = loop(mailbox, terminal, clock: clock, engine: TestEngine(door: Latch()))
    let running = Task { await loop.run([]) }
    _ = await terminal.frame { _ in true }
    return running
  }

  @Test func engineMessagesShareOneFramePerSixtiethOfASecond() async {
    let (clock, mailbox, terminal) = (HeldClock(), Mailbox(), MemoryTerminal())
    let running = await started(mailbox, terminal, clock)
    mailbox.post(.notice("news 0"))
    await clock.waitForSleeper()
    #expect(terminal.frames.count == 1)
    for number in 1...9 { mailbox.post(.notice("news \(number)")) }
    clock.set(PlaygroundLoop.frameTime)
    _ = await terminal.frame(showing: "news 9")
    #expect(terminal.frames.count == 2)
    // If the last frame is old, the next one is drawn immediately.
    clock.set(10)
    mailbox.post(.notice("late news"))
    _ = await terminal.frame(showing: "late news")
    #expect(terminal.frames.count == 3)
    mailbox.post(.input(.signal(.terminate)))
    #expect(await running.value == 143)
    #expect(terminal.frames.count == 3)
  }

  @Test func anAnswerToAKeyDoesNotWaitForTheFrameOfTheKey() async {
    let (clock, mailbox, terminal) = (HeldClock(), Mailbox(), MemoryTerminal())
    let running = await started(mailbox, terminal, clock)
    clock.set(1)
    mailbox.post(.input(.key(KeyStroke("a"))))
    _ = await terminal.frame(showing: "│ a ")
    mailbox.post(.notice("news"))
    _ = await terminal.frame(showing: "news")
    #expect(terminal.frames.count == 3 && clock.now == 1)
    mailbox.post(.input(.signal(.terminate)))
    #expect(await running.value == 143)
  }

  @Test func aKeyIsShownImmediatelyWhileEngineMessagesWait() async {
    let (clock, mailbox, terminal) = (HeldClock(), Mailbox(), MemoryTerminal())
    let running = await started(mailbox, terminal, clock)
    mailbox.post(.notice("news"))
    await clock.waitForSleeper()
    mailbox.post(.input(.key(KeyStroke("a"))))
    // The clock has not moved since the first frame.
    _ = await terminal.frame(showing: "│ a ")
    #expect(terminal.frames.count == 2)
    for character in "bcdefgh" { mailbox.post(.input(.key(KeyStroke(character)))) }
    await clock.waitForSleeper()
    #expect(terminal.frames.count == 2)
    clock.set(1)
    _ = await terminal.frame(showing: "abcdefgh")
    #expect(terminal.frames.count == 3)
    mailbox.post(.input(.signal(.terminate)))
    #expect(await running.value == 143)
  }

  @Test func aSignalEndsTheSessionWhileKeysWait() async {
    let mailbox = Mailbox()
    let terminal = MemoryTerminal()
    // Each reading of the clock takes a millisecond, so the loop processes a few keys at a time.
    let loop = loop(mailbox, terminal, clock: TickingClock(step: 0.001), engine: TestEngine(door: Latch()))
    for _ in 0..<50_000 { mailbox.post(.input(.key(KeyStroke("a")))) }
    let running = Task { await loop.run([]) }
    _ = await terminal.frame(showing: "characters to go, Esc stops it")
    terminal.send(.signal(.terminate))
    #expect(await running.value == 143)
    #expect(!mailbox.isEmpty)
  }

  @Test func aSignalPassesTheKeysThatTheTerminalHolds() async {
    let mailbox = Mailbox()
    let terminal = MemoryTerminal()
    let loop = loop(mailbox, terminal, clock: SkippingClock(), engine: TestEngine(door: Latch()))
    let running = Task { await loop.run([]) }
    _ = await terminal.frame { _ in true }
    // The signal must not wait behind these keys.
    for _ in 0..<100_000 { terminal.send(.key(KeyStroke("a"))) }
    terminal.send(.terminate)
    #expect(await running.value == 143)
  }

  @Test func oneFoldTakesABoundedNumberOfMessagesWhateverTheClockSays() {
    let mailbox = Mailbox()
    let loop = loop(mailbox, MemoryTerminal(), clock: HeldClock())
    for _ in 0..<10_000 { mailbox.post(.input(.key(KeyStroke("a")))) }
    #expect(loop.fold() == nil)
    #expect(mailbox.typed == 10_000 - PlaygroundLoop.foldedMessages)
    #expect(loop.state.prompts[.generate]?.utf8.count == PlaygroundLoop.foldedMessages)
    for _ in 0..<10_000 { mailbox.post(.notice("news")) }
    #expect(loop.fold() == nil && loop.fold() == nil)
    #expect(!mailbox.isEmpty, "other messages count as well")
  }

  @Test func oneFoldTakesABoundedNumberOfPastedBytesWhateverTheClockSays() {
    let mailbox = Mailbox()
    let loop = loop(mailbox, MemoryTerminal(), clock: HeldClock())
    let part = String(repeating: "word ", count: 2_000)
    for _ in 0..<20 { mailbox.post(.input(.paste(part))) }
    #expect(loop.fold() == nil)
    let taken = 20 * part.utf8.count - mailbox.typed
    #expect(taken >= PlaygroundLoop.foldedBytes && taken < PlaygroundLoop.foldedBytes + part.utf8.count)
  }

  @Test func aSignalInTheMailboxEndsTheNextFoldBeforeAnyKey() {
    let mailbox = Mailbox()
    let loop = loop(mailbox, MemoryTerminal(), clock: HeldClock())
    for _ in 0..<10_000 { mailbox.post(.input(.key(KeyStroke("a")))) }
    mailbox.post(.input(.signal(.terminate)))
    #expect(loop.fold() == .signal(.terminate))
    #expect(mailbox.typed == 10_000)
  }

  @Test func escapeStopsALongPaste() async {
    let mailbox = Mailbox()
    let terminal = MemoryTerminal()
    let loop = loop(mailbox, terminal, clock: TickingClock(step: 0.001), engine: TestEngine(door: Latch()))
    for _ in 0..<50_000 { mailbox.post(.input(.key(KeyStroke("a")))) }
    let running = Task { await loop.run([]) }
    _ = await terminal.frame(showing: "characters to go, Esc stops it")
    terminal.send(.key(KeyStroke(.escape)))
    _ = await terminal.frame(showing: "stopped: ")
    let length = loop.state.prompts[.generate]?.utf8.count ?? 0
    #expect(length > 0 && length < 50_000)
    terminal.send(.key(KeyStroke("b")))
    _ = await terminal.frame(showing: "ab ")
    terminal.send(.signal(.terminate))
    #expect(await running.value == 143)
  }

  @Test func aResizeRedrawsTheScreen() async {
    let mailbox = Mailbox()
    let terminal = MemoryTerminal()
    let loop = loop(mailbox, terminal, clock: SkippingClock())
    let running = Task { await loop.run([]) }
    terminal.resize(to: Size(100, 30))
    _ = await terminal.frame { $0.size == Size(100, 30) }
    terminal.send(.signal(.hangup))
    #expect(await running.value == 129)
  }
}

/// The order of messages.
@Suite struct MailboxTests {
  private let model = ModelReference("storyteller")

  @Test func messagesKeepTheirOrder() {
    let mailbox = Mailbox()
    for number in 0..<100 { mailbox.post(.notice("\(number)")) }
    #expect(mailbox.take() == (0..<100).map { .notice("\($0)") })
    #expect(mailbox.take().isEmpty)
  }

  @Test func aNewerProgressReplacesTheOlder() {
    let mailbox = Mailbox()
    for step in 1...9 { mailbox.post(.loading(model, LoadProgress(fraction: Double(step) / 9, step: "packing"))) }
    mailbox.post(.loading(ModelReference("other"), LoadProgress(fraction: 0, step: "reading")))
    mailbox.post(.notice("between"))
    mailbox.post(.input(.resize(Size(80, 24))))
    mailbox.post(.input(.resize(Size(81, 24))))
    #expect(
      mailbox.take() == [
        .loading(model, LoadProgress(fraction: 1, step: "packing")),
        .loading(ModelReference("other"), LoadProgress(fraction: 0, step: "reading")), .notice("between"),
        .input(.resize(Size(81, 24))),
      ])
  }

  @Test func signalsOvertakeOtherMessages() {
    let mailbox = Mailbox()
    let key = Message.input(.key(KeyStroke("a")))
    mailbox.post(key)
    mailbox.post(.notice("news"))
    mailbox.post(.input(.signal(.terminate)))
    #expect(mailbox.take() == [.input(.signal(.terminate)), key, .notice("news")])
  }

  @Test(arguments: [KeyStroke(.escape), KeyStroke("c", .control)])
  func escapeAndInterruptDropOnlyALongPaste(_ stroke: KeyStroke) {
    let mailbox = Mailbox()
    let stop = Message.input(.key(stroke))
    for _ in 0..<100 { mailbox.post(.input(.key(KeyStroke("a")))) }
    mailbox.post(stop)
    #expect(mailbox.take().count == 101)
    mailbox.post(.notice("news"))
    for _ in 0..<3 { mailbox.post(.input(.paste(String(repeating: "a", count: 1_000)))) }
    #expect(mailbox.next()?.message == .notice("news"))
    #expect(mailbox.typed == 3_000)
    mailbox.post(.input(.resize(Size(80, 24))))
    mailbox.post(stop)
    #expect(
      mailbox.take() == [
        .input(.resize(Size(80, 24))),
        .notice("stopped: 3000 characters of what was typed or pasted are left out"),
      ])
    #expect(mailbox.typed == 0 && mailbox.isEmpty)
  }

  @Test func aMessageSaysWhetherTypingFollows() {
    let mailbox = Mailbox()
    for stroke: KeyStroke in [
      KeyStroke(Character("a")), KeyStroke(Character("b")), KeyStroke(.enter), KeyStroke(Character("c")),
    ] {
      mailbox.post(.input(.key(stroke)))
    }
    #expect((0..<4).map { _ in mailbox.next()?.isFollowedByTyping } == [true, false, true, false])
    #expect(mailbox.next() == nil)
  }

  @Test func keysAreNeverDropped() {
    let mailbox = Mailbox()
    let key = Message.input(.key(KeyStroke("a")))
    for _ in 0..<5 { mailbox.post(key) }
    #expect(mailbox.take().count == 5)
  }
}
