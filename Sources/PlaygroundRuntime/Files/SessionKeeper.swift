import EngineAPI
import PlaygroundApp
import Sessions

/// Keeps the texts of the screen in session files as they grow.
///
/// All work runs on the writer, off the main actor and in order. A session without a file gets one with its first text.
/// If a file can't be written, what is new stays in memory, and writing is tried again with every further text and
/// every few seconds.
@MainActor
final class SessionKeeper {
  /// The time between attempts to write, and from a change to its synchronization to disk, in seconds.
  static let delay = DraftKeeper.delay

  private let files: SessionFiles?
  private let writer: StateWriter
  private let mailbox: Mailbox
  private let clock: any RuntimeClock
  /// The number format of KV caches.
  private let cache: CacheFormat?
  private var pause: Task<Void, Never>?
  private var hashed: Set<ModelReference> = []
  private var hasEnded = false

  /// Creates a keeper. Without files, nothing is kept.
  init(
    _ files: SessionFiles?, writer: StateWriter, mailbox: Mailbox, clock: any RuntimeClock, cache: CacheFormat? = nil
  ) {
    self.files = files
    self.cache = cache
    self.writer = writer
    self.mailbox = mailbox
    self.clock = clock
  }

  /// Adds what has happened to the texts of a session.
  func note(_ new: (number: Int, records: [SessionRecord])) {
    guard let files, !hasEnded, !new.records.isEmpty else { return }
    writer.submit { [mailbox] in files.add(new.records, number: new.number).forEach { mailbox.post(.session($0)) } }
    synchronizeSoon()
  }

  /// Remembers what is known of an open model, and computes the hash of its weights.
  func note(_ model: ModelInformation) {
    guard let files, hashed.insert(model.reference).inserted else { return }
    let summary = model.summary
    let known = SessionModel(
      reference: model.reference, path: summary.path, format: model.format, bytes: summary.bytes,
      cache: cache)
    writer.submit { _ = files.add(known) }
    Task.detached(priority: .utility) { [writer, mailbox] in
      var hashed = known
      hashed.sha256 = ModelWeights.hash(summary.path)
      guard hashed.sha256 != nil else { return }
      writer.submit { [hashed] in
        guard files.add(hashed) else { return }
        mailbox.post(
          .notice("the weights of \(hashed.reference) differ from those that made the session's texts so far"))
      }
    }
  }

  /// Lists the sessions.
  func list() {
    writer.submit { [files, mailbox] in
      do throws(SessionError) {
        mailbox.post(.session(.listed(try files?.folder?.summaries() ?? [])))
      } catch {
        mailbox.post(.failure(EngineError(.resources, error)))
      }
    }
  }

  /// Opens a session as the one of this number.
  func open(_ path: String, number: Int) {
    writer.submit { [files, mailbox] in
      let files = files ?? SessionFiles(folder: nil)
      mailbox.post(.session(files.open(path, number: number)))
    }
  }

  /// Goes on with the session of this number in a new file.
  func move(to path: String, number: Int) {
    guard let files else { return }
    writer.submit { [mailbox] in mailbox.post(.session(files.move(to: path, number: number))) }
  }

  /// Removes a session, and lists the others.
  func remove(_ path: String) {
    writer.submit { [mailbox] in
      do throws(SessionError) {
        try SessionFolder.remove(path)
      } catch {
        mailbox.post(.failure(EngineError(.resources, error)))
      }
    }
    list()
  }

  /// Waits until everything asked for so far is done.
  func isUpToDate() async {
    await withCheckedContinuation { done in writer.submit { done.resume() } }
  }

  /// Writes what is left, and waits for the disk.
  func end() {
    pause?.cancel()
    hasEnded = true
    writer.submit { [files] in _ = files?.write(synchronized: true) }
  }

  private func synchronizeSoon() {
    guard pause == nil, !hasEnded else { return }
    let moment = clock.now + Self.delay
    pause = Task {
      await clock.sleep(until: moment)
      pause = nil
      guard !Task.isCancelled, let files else { return }
      writer.submit { [mailbox] in
        files.write(synchronized: true).forEach { mailbox.post(.session($0)) }
        guard files.isFailing else { return }
        Task { @MainActor in self.synchronizeSoon() }
      }
    }
  }
}
