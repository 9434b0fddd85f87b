import EngineAPI
import PlaygroundApp
import TerminalUI

/// The main loop: passes messages to `update`, draws the state and runs the effects.
///
/// Waiting messages are processed before one frame is drawn, within limits of count, bytes and time, so that new keys
/// are read even if many messages wait. Signals have a separate stream and do not wait behind keys. Frames for input
/// are drawn immediately, frames for engine messages at most sixty times a second, so that a stream never delays a key.
/// While no message waits, no code runs.
///
/// Without a screen, lines come in place of keys, and a `LineReport` says what changes.
@MainActor
final class PlaygroundLoop {
  /// The minimum time between two frames caused by input, or two caused by the engine, in seconds.
  static let frameTime = 1.0 / 60

  /// The maximum time for processing messages before a frame, in seconds.
  static let foldTime = 0.01

  /// The maximum number of messages, and of typed or pasted bytes, that are processed before a frame, regardless of
  /// time. The last message can exceed the number of bytes.
  static let (foldedMessages, foldedBytes) = (4_096, 65_536)

  private(set) var state: PlaygroundState
  private let terminal: any Terminal
  private let mailbox: Mailbox
  private let effects: EffectRunner
  private let drafts: DraftKeeper
  private let sessions: SessionKeeper
  private let clock: any RuntimeClock
  private let log: RuntimeLog
  /// When input and the engine's messages were last drawn.
  private var (inputDrawnAt, engineDrawnAt) = (-Double.infinity, -Double.infinity)
  /// When the next frame is due; `nil` if nothing has changed since the last one.
  private var due: Double?
  /// What has come since the last frame.
  private var (hasInput, hasEngineMessages) = (false, false)
  /// The lines in place of a screen; `nil` on a screen.
  private let port: LinePort?
  private var report = LineReport()
  /// The lines that have been read, but not taken.
  private var unread: [LinePort.Input] = []
  private var timer: (moment: Double, task: Task<Void, Never>)?

  init(
    state: PlaygroundState, terminal: any Terminal, mailbox: Mailbox, effects: EffectRunner, drafts: DraftKeeper,
    sessions: SessionKeeper, clock: any RuntimeClock, log: RuntimeLog, port: LinePort? = nil
  ) {
    self.port = port
    self.state = state
    self.terminal = terminal
    self.mailbox = mailbox
    self.effects = effects
    self.drafts = drafts
    self.sessions = sessions
    self.clock = clock
    self.log = log
  }

  /// Runs until the session ends and returns the exit code. Draws the first frame before starting the first effect.
  func run(_ beginning: [Effect]) async -> Int32 {
    if port == nil { draw() }
    // Off the main actor, so that input is received while earlier input is processed.
    let reader = Task.detached { [self, port, events = terminal.events, mailbox] in
      if let port { await read(port) } else { await Self.read(events, into: mailbox) }
    }
    let signals = Task.detached { [port, signals = port?.signals() ?? terminal.signals, mailbox] in
      for await signal in signals {
        // At a terminal, Ctrl-C first stops what runs.
        let isKey = signal == .interrupt && port?.isInteractive == true
        mailbox.post(.input(isKey ? .key(KeyStroke("c", .control)) : .signal(signal)))
      }
    }
    defer {
      reader.cancel()
      signals.cancel()
    }
    var ending = effects.run(beginning)
    var wakes = mailbox.wakes.makeAsyncIterator()
    while ending == nil, await wakes.next() != nil {
      ending = fold()
      guard ending == nil else { break }
      if let port {
        ending = speak(to: port)
        guard ending == nil else { break }
      } else {
        drawWhenDue()
      }
      if !mailbox.isEmpty {
        // Yield, because signals and the terminal are also read on the main queue.
        mailbox.nudge()
        await Task.yield()
      }
    }
    timer?.task.cancel()
    let ended = ending ?? .signal(.hangup)
    log.info("ending with \(ended.exitCode)")
    drafts.end(ended, prompts: state.prompts)
    sessions.note(state.takeSessionRecords())
    sessions.end()
    await effects.stop()
    return ended.exitCode
  }

  /// Passes waiting messages to `update`. Returns how the session ends, if it ends.
  func fold() -> Ending? {
    let end = clock.now + Self.foldTime
    var (messages, bytes) = (0, 0)
    while let (message, isFollowedByTyping) = mailbox.next() {
      if case .input(let event) = message {
        if case .signal(let signal) = event {
          // While an editor uses the terminal, Ctrl-C is meant for the editor.
          if signal == .interrupt, effects.isTerminalAway { continue }
          return .signal(signal)
        }
        hasInput = true
        due = min(due ?? .infinity, inputDrawnAt + Self.frameTime)
      } else {
        hasEngineMessages = true
        due = min(due ?? .infinity, engineDrawnAt + Self.frameTime)
      }
      messages += 1
      bytes += message.typedCount
      let isLast = messages >= Self.foldedMessages || bytes >= Self.foldedBytes || clock.now >= end
      let work = update(&state, message, isFollowedByTyping: isFollowedByTyping && !isLast)
      if case .loaded(_, .success(let information)) = message { sessions.note(information) }
      sessions.note(state.takeSessionRecords())
      if let ending = effects.run(work, task: state.tab) { return ending }
      if isLast { break }
    }
    let typed = mailbox.typed
    if typed >= Mailbox.longTyping {
      let progress = "typing what was pasted: \(typed) characters to go, Esc stops it"
      if let ending = effects.run(update(&state, .notice(progress))) { return ending }
    }
    drafts.note(state.prompts)
    return nil
  }

  /// Says what has changed, and takes the next line if it is its turn. Returns how the session ends, if it ends.
  private func speak(to port: LinePort) -> Ending? {
    let isSettled = mailbox.isEmpty && !effects.isWorking
    let lines = report.lines(state, isSettled: isSettled)
    if !lines.isEmpty, let code = port.write(lines) { return .left(code: code) }
    guard mailbox.isEmpty, isSettled || port.isInteractive, !unread.isEmpty else { return nil }
    switch unread.removeFirst() {
    case .line(let line): mailbox.post(.line(line))
    case .end(let code):
      // A script learns from the exit code that a line failed.
      guard code == 0, !port.isInteractive, state.hasFailed else { return .left(code: code) }
      port.didFail()
      return .left(code: 1)
    }
    return nil
  }

  /// Reads lines until their end.
  private nonisolated func read(_ port: LinePort) async {
    while !Task.isCancelled {
      let input = await port.next()
      await keep(input)
      if case .end = input { return }
    }
  }

  private func keep(_ input: LinePort.Input) {
    unread.append(input)
    mailbox.nudge()
  }

  /// Draws if a frame is due now; otherwise sets a timer that wakes the loop.
  private func drawWhenDue() {
    guard let due else { return }
    if due <= clock.now { return draw() }
    if let timer, timer.moment <= due { return }
    timer?.task.cancel()
    let task = Task {
      await clock.sleep(until: due)
      guard !Task.isCancelled else { return }
      timer = nil
      mailbox.nudge()
    }
    timer = (due, task)
  }

  private func draw() {
    guard !effects.isTerminalAway else { return }
    let now = clock.now
    let isFirst = engineDrawnAt < 0
    if isFirst { log.info("first frame") }
    if hasInput { inputDrawnAt = now }
    if hasEngineMessages || isFirst { engineDrawnAt = now }
    (due, hasInput, hasEngineMessages) = (nil, false, false)
    let grid = view(state, glyphs: terminal.glyphs, colors: terminal.colorDepth)
    terminal.draw(grid, theme: state.theme ?? Theme.standard)
  }

  /// Posts the terminal's events as messages. The end of the events ends the session.
  private nonisolated static func read(_ events: AsyncStream<InputEvent>, into mailbox: Mailbox) async {
    for await event in events {
      mailbox.post(.input(event))
    }
    if !Task.isCancelled { mailbox.post(.input(.signal(.hangup))) }
  }
}
