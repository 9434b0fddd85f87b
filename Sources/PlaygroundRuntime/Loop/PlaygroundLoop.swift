import EngineAPI
import PlaygroundApp
import TerminalUI

/// The loop: messages go through `update`, the state is drawn, the effects are run.
///
/// What waits is folded before the screen is drawn once, for a short time at most: then signals and new keys are read,
/// however much waits. What a person does is shown at once; news of the
/// engine at most sixty times a second, so that a stream never keeps a key waiting. Between messages nothing runs.
@MainActor
final class PlaygroundLoop {
  /// The shortest time between two frames of the same cause, in seconds.
  static let frameTime = 1.0 / 60

  /// The longest time that messages are folded in one go, in seconds.
  static let foldTime = 0.01

  private(set) var state: PlaygroundState
  private let terminal: any Terminal
  private let mailbox: Mailbox
  private let effects: EffectRunner
  private let drafts: DraftKeeper
  private let clock: any RuntimeClock
  private let log: RuntimeLog
  private var drawnAt = -Double.infinity
  private var inputDrawnAt = -Double.infinity
  /// What has changed since the last frame, and when it is to be seen.
  private var due: Double?
  private var hasInput = false
  private var timer: (moment: Double, task: Task<Void, Never>)?

  init(
    state: PlaygroundState, terminal: any Terminal, mailbox: Mailbox, effects: EffectRunner, drafts: DraftKeeper,
    clock: any RuntimeClock, log: RuntimeLog
  ) {
    self.state = state
    self.terminal = terminal
    self.mailbox = mailbox
    self.effects = effects
    self.drafts = drafts
    self.clock = clock
    self.log = log
  }

  /// Runs until the playground is left; the exit code. The first frame is drawn before the first effect begins.
  func run(_ beginning: [Effect]) async -> Int32 {
    draw()
    // Off the main actor: a long run of keys is then taken in beside the work on it.
    let reader = Task.detached { [events = terminal.events, mailbox] in await Self.read(events, into: mailbox) }
    defer { reader.cancel() }
    var ending = effects.run(beginning)
    var wakes = mailbox.wakes.makeAsyncIterator()
    while ending == nil, await wakes.next() != nil {
      ending = fold()
      guard ending == nil else { break }
      drawWhenDue()
      if !mailbox.isEmpty {
        // Signals and the terminal are read on the main queue, too.
        mailbox.nudge()
        await Task.yield()
      }
    }
    timer?.task.cancel()
    let ended = ending ?? .signal(.hangup)
    log.info("ending with \(ended.exitCode)")
    drafts.end(ended, prompts: state.prompts)
    await effects.stop()
    return ended.exitCode
  }

  /// Passes what waits through `update`; how the session ends, if it does.
  private func fold() -> Ending? {
    let end = clock.now + Self.foldTime
    while let (message, isFollowedByTyping) = mailbox.next() {
      if case .input(let event) = message {
        if case .signal(let signal) = event {
          // While an editor has the terminal, a Ctrl-C there is meant for it.
          if signal == .interrupt, effects.isTerminalAway { continue }
          return .signal(signal)
        }
        hasInput = true
      }
      due = min(due ?? .infinity, (hasInput ? inputDrawnAt : drawnAt) + Self.frameTime)
      let isLast = clock.now >= end
      let work = update(&state, message, isFollowedByTyping: isFollowedByTyping && !isLast)
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

  /// Draws if something is due now; if it is due later, the loop is woken then.
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
    if drawnAt < 0 { log.info("first frame") }
    drawnAt = now
    if hasInput { inputDrawnAt = now }
    (due, hasInput) = (nil, false)
    let grid = view(state, glyphs: terminal.glyphs, colors: terminal.colorDepth)
    terminal.draw(grid, theme: state.theme ?? Theme.standard)
  }

  /// Turns what comes from the terminal into messages. The end of the terminal is the end of the session.
  private nonisolated static func read(_ events: AsyncStream<InputEvent>, into mailbox: Mailbox) async {
    for await event in events {
      mailbox.post(.input(event))
    }
    if !Task.isCancelled { mailbox.post(.input(.signal(.hangup))) }
  }
}

/// How a session ends.
enum Ending: Equatable {
  /// The person left, with this exit code.
  case left(code: Int32)
  /// The process was asked from outside.
  case signal(TerminationSignal)

  /// The process's exit code.
  var exitCode: Int32 {
    switch self {
    case .left(let code): code
    case .signal(let signal): signal.exitCode
    }
  }
}

/// Time as the loop needs it; tests have a clock of their own that never waits.
public protocol RuntimeClock: Sendable {
  /// Seconds since some moment; never goes back.
  var now: Double { get }
  /// Comes back at `moment`, or earlier when the task is cancelled.
  func sleep(until moment: Double) async
}

/// The machine's monotonic clock.
public struct MonotonicClock: RuntimeClock {
  private let start = ContinuousClock.now

  /// A clock that begins at 0 now.
  public init() {}

  /// Seconds since the clock was made.
  public var now: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Comes back at `moment`, or earlier when the task is cancelled.
  public func sleep(until moment: Double) async {
    try? await Task.sleep(until: start + .seconds(moment), tolerance: .milliseconds(1), clock: .continuous)
  }
}
