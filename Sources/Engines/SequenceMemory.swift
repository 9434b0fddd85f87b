import Generation

/// The texts that a model has read last. It serves as the prompt cache and for distributions.
///
/// Reusing a prefix changes no bit of any result (an invariant of the models); it only saves time.
final class SequenceMemory {
  /// The maximum number of texts without a running stream.
  static let capacity = 8

  private final class Entry {
    let sequence: ReadSequence
    var isRunning: Bool
    var lastUse = 0

    init(_ sequence: ReadSequence, isRunning: Bool) {
      self.sequence = sequence
      self.isRunning = isRunning
    }
  }

  /// The maximum bytes of texts without a running stream. The text used last is kept even if it is larger.
  private let mostBytes: Int
  private var entries: [Entry] = []
  private var clock = 0

  /// - Parameter mostBytes: the maximum bytes of texts without a running stream.
  init(mostBytes: Int) { self.mostBytes = mostBytes }

  /// The number of texts that are kept.
  var count: Int { entries.count }

  /// A read-only sequence that begins with all of `ids`; `nil` if there is none.
  func sequence(covering ids: [Int], source: [Int]?) -> ReadSequence? {
    guard let best = best(ids, source: source), best.shared == ids.count else { return nil }
    touch(best.entry)
    return best.entry.sequence
  }

  /// A new sequence that the caller may extend: a fork of the text with the longest common prefix with `ids`, truncated
  /// to it.
  func fork(sharing ids: [Int], source: [Int]?) -> ReadSequence? {
    guard let best = best(ids, source: source), best.shared > 0 || source != nil else { return nil }
    touch(best.entry)
    let copy = best.entry.sequence.fork()
    copy.truncate(to: best.shared)
    return copy
  }

  /// Keeps a text. If texts without a running stream are too many or too large, removes the least recently used of
  /// those.
  func keep(_ sequence: ReadSequence, isRunning: Bool) {
    let entry = Entry(sequence, isRunning: isRunning)
    touch(entry)
    entries.append(entry)
    makeRoom()
  }

  /// Records that a stream has ended. Its text may be removed from now on.
  func settle(_ sequence: ReadSequence) {
    entries.first { $0.sequence === sequence }?.isRunning = false
    makeRoom()
  }

  private func best(_ ids: [Int], source: [Int]?) -> (entry: Entry, shared: Int)? {
    entries.lazy.filter { $0.sequence.source == source }
      .map { (entry: $0, shared: $0.sequence.commonPrefix(with: ids)) }
      .max { ($0.shared, $0.entry.lastUse) < ($1.shared, $1.entry.lastUse) }
  }

  private func makeRoom() {
    let idle = entries.filter { !$0.isRunning }.sorted { $0.lastUse > $1.lastUse }
    var bytes = 0
    var removed: [Entry] = []
    for (index, entry) in idle.enumerated() {
      bytes += entry.sequence.byteCount
      if index >= Self.capacity || (index > 0 && bytes > mostBytes) { removed.append(entry) }
    }
    entries.removeAll { entry in removed.contains { $0 === entry } }
  }

  private func touch(_ entry: Entry) {
    clock += 1
    entry.lastUse = clock
  }
}
