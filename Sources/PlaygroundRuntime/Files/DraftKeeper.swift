import LocalFiles
import PlaygroundApp

/// Saves the prompts while they are typed, so that a signal or crash loses nothing.
///
/// Each change is written immediately, off the main actor; changes made during a write are written together after it.
/// Every few seconds the file is also synchronized to disk, in case the machine fails.
@MainActor
final class DraftKeeper {
  /// The delay from a change to the synchronization to disk, in seconds.
  static let delay = 2.0
  /// The maximum rate of writing drafts, so that typing in a long text does not keep the disk busy.
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

  /// Creates a keeper for a session that begins with `prompts`.
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

  /// Records the current prompts.
  func note(_ prompts: [TabID: String]) {
    current = prompts
    // If a write and a synchronization are both pending, they will include this change; skip comparing long texts.
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

  /// Writes the current prompts. If a write is in progress, ``resumeWriting(after:)`` writes again.
  private func write() {
    guard !isWriting, !hasEnded, current != saved else { return }
    isWriting = true
    saved = current
    let bytes = saved.values.reduce(0) { $0 + $1.utf8.count }
    writer.submit { [store, saved] in
      try? store?.save(Self.named(saved), synchronized: false)
      Task { @MainActor in await self.resumeWriting(after: bytes) }
    }
  }

  /// Allows the next write, delayed to limit the rate.
  private func resumeWriting(after bytes: Int) async {
    // Short texts need no rate limit.
    if bytes > 1 << 16, !hasEnded { await clock.sleep(until: clock.now + Double(bytes) / Self.bytesPerSecond) }
    isWriting = false
    write()
  }

  private nonisolated static func named(_ prompts: [TabID: String]) -> [String: String] {
    Dictionary(uniqueKeysWithValues: prompts.map { ($0.key.rawValue, $0.value) })
  }

  /// Ends the session. After a normal exit the prompts go to the history; after anything else the next session begins
  /// with them.
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
      // Ignore errors of drafts: saving the history reports the same problem.
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

  /// Creates a keeper of a file. Without a file, prompts are not kept.
  init(_ file: HistoryFile?, writer: StateWriter, mailbox: Mailbox) {
    self.file = file
    self.writer = writer
    self.mailbox = mailbox
  }

  /// Adds a prompt. A failure is shown on the screen.
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

/// Runs writing jobs off the main actor, in order.
final class StateWriter: Sendable {
  private let jobs: AsyncStream<@Sendable () -> Void>.Continuation
  private let writing: Task<Void, Never>

  init() {
    let (stream, jobs) = AsyncStream<@Sendable () -> Void>.makeStream()
    self.jobs = jobs
    writing = Task.detached { for await job in stream { job() } }
  }

  /// Runs a job after all earlier ones.
  func submit(_ job: @escaping @Sendable () -> Void) { jobs.yield(job) }

  /// Waits until all submitted jobs are done. Later jobs are ignored.
  func finish() async {
    jobs.finish()
    await writing.value
  }
}
