import LocalFiles
import PlaygroundApp

/// Keeps what is typed in a file, so that a signal costs nothing and a crash a few seconds of typing.
@MainActor
final class DraftKeeper {
  /// How long typing goes on before it is saved, in seconds.
  static let delay = 2.0

  private let store: DraftStore?
  private let history: HistoryKeeper
  private let writer: StateWriter
  private let clock: any RuntimeClock
  private var saved: [PlaygroundTask: String]
  private var current: [PlaygroundTask: String]
  private var pause: Task<Void, Never>?

  /// A keeper of the prompts of a session that begins with `prompts`.
  init(
    _ store: DraftStore?, history: HistoryKeeper, writer: StateWriter, clock: any RuntimeClock,
    prompts: [PlaygroundTask: String]
  ) {
    self.store = store
    self.history = history
    self.writer = writer
    self.clock = clock
    saved = prompts
    current = prompts
  }

  /// Takes note of the prompts as they stand now.
  func note(_ prompts: [PlaygroundTask: String]) {
    current = prompts
    guard store != nil, pause == nil, prompts != saved else { return }
    let moment = clock.now + Self.delay
    pause = Task {
      await clock.sleep(until: moment)
      pause = nil
      if !Task.isCancelled { save() }
    }
  }

  /// The session ends. Whoever leaves by intention finds the prompts in the history; after anything else the next
  /// session begins with them.
  func end(_ ending: Ending, prompts: [PlaygroundTask: String]) {
    pause?.cancel()
    current = prompts
    guard ending == .left(code: 0) else { return save() }
    for (task, prompt) in prompts { history.append(task, prompt) }
    writer.submit { [store] in store?.discard() }
  }

  private func save() {
    saved = current
    writer.submit { [store, saved] in
      // A draft that can't be kept is no reason to disturb: the history says so already.
      try? store?.save(Dictionary(uniqueKeysWithValues: saved.map { ($0.key.rawValue, $0.value) }))
    }
  }
}
