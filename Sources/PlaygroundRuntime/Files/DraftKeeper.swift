import LocalFiles
import PlaygroundApp

/// Keeps what is typed in a file, so that neither a signal nor a crash costs anything.
///
/// Each change is handed to the system at once, beside the loop; changes that come while that goes on are written
/// together after it. Every few seconds the disk is waited for too, in case the machine itself fails.
@MainActor
final class DraftKeeper {
  /// How long typing goes on before the disk has it, in seconds.
  static let delay = 2.0
  /// Bytes of drafts that are written a second at most, so that keys in a long text do not keep the disk busy.
  static let bytesPerSecond = 4_000_000.0

  private let store: DraftStore?
  private let history: HistoryKeeper
  private let writer: StateWriter
  private let clock: any RuntimeClock
  private var saved: [TabID: String]
  private var current: [TabID: String]
  private var pause: Task<Void, Never>?
  private var isWriting = false
  private var hasEnded = false

  /// A keeper of the prompts of a session that begins with `prompts`.
  init(
    _ store: DraftStore?, history: HistoryKeeper, writer: StateWriter, clock: any RuntimeClock,
    prompts: [TabID: String]
  ) {
    self.store = store
    self.history = history
    self.writer = writer
    self.clock = clock
    saved = prompts
    current = prompts
  }

  /// Takes note of the prompts as they stand now.
  func note(_ prompts: [TabID: String]) {
    current = prompts
    // While both kinds of writing wait, they will see the change: a long text need not be compared for each key.
    guard store != nil, !isWriting || pause == nil, prompts != saved else { return }
    write()
    guard pause == nil else { return }
    let moment = clock.now + Self.delay
    pause = Task {
      await clock.sleep(until: moment)
      pause = nil
      if !Task.isCancelled { save() }
    }
  }

  /// Writes the prompts as they stand, unless that goes on already: then again afterwards.
  private func write() {
    guard !isWriting, !hasEnded, current != saved else { return }
    isWriting = true
    saved = current
    let bytes = saved.values.reduce(0) { $0 + $1.utf8.count }
    writer.submit { [store, saved] in
      try? store?.save(Self.named(saved), synchronized: false)
      Task { @MainActor in await self.goOn(after: bytes) }
    }
  }

  private func goOn(after bytes: Int) async {
    // Short texts need no pause.
    if bytes > 1 << 16, !hasEnded { await clock.sleep(until: clock.now + Double(bytes) / Self.bytesPerSecond) }
    isWriting = false
    write()
  }

  private nonisolated static func named(_ prompts: [TabID: String]) -> [String: String] {
    Dictionary(uniqueKeysWithValues: prompts.map { ($0.key.rawValue, $0.value) })
  }

  /// The session ends. Whoever leaves by intention finds the prompts in the history; after anything else the next
  /// session begins with them.
  func end(_ ending: Ending, prompts: [TabID: String]) {
    pause?.cancel()
    hasEnded = true
    current = prompts
    guard ending == .left(code: 0) else { return save() }
    for (task, prompt) in prompts { history.append(task, prompt) }
    writer.submit { [store] in store?.discard() }
  }

  private func save() {
    saved = current
    writer.submit { [store, saved] in
      // A draft that can't be kept is no reason to disturb: the history says so already.
      try? store?.save(Self.named(saved))
    }
  }
}

/// Adds prompts to the history file.
@MainActor
final class HistoryKeeper {
  private let file: HistoryFile?
  private let writer: StateWriter
  private let mailbox: Mailbox

  /// A keeper of a file; without one prompts are forgotten with the session.
  init(_ file: HistoryFile?, writer: StateWriter, mailbox: Mailbox) {
    self.file = file
    self.writer = writer
    self.mailbox = mailbox
  }

  /// Adds a prompt; a failure is told on the screen.
  func append(_ task: TabID, _ prompt: String) {
    guard let file, !prompt.isEmpty else { return }
    writer.submit { [mailbox] in
      do {
        try file.append(HistoryFile.Entry(task: task.rawValue, prompt: prompt))
      } catch {
        mailbox.post(.notice("The history is not kept: \(error)"))
      }
    }
  }
}

/// Writes what is kept between sessions, off the main actor and in order.
final class StateWriter: Sendable {
  private let jobs: AsyncStream<@Sendable () -> Void>.Continuation
  private let writing: Task<Void, Never>

  init() {
    let (stream, jobs) = AsyncStream<@Sendable () -> Void>.makeStream()
    self.jobs = jobs
    writing = Task.detached { for await job in stream { job() } }
  }

  /// Does a job after those submitted before.
  func submit(_ job: @escaping @Sendable () -> Void) { jobs.yield(job) }

  /// Comes back when everything is done; later jobs are not.
  func finish() async {
    jobs.finish()
    await writing.value
  }
}
