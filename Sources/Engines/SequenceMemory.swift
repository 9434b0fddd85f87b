import Generation

/// The texts that a model has read last. It serves as the prompt cache and for distributions.
///
/// Reusing a prefix changes no bit of any result (an invariant of the models); it only saves time.
final class SequenceMemory {
  /// The maximum number of texts without a running stream.
  private static let capacity = 8

  private final class Entry {
    let sequence: ReadSequence
    var isRunning: Bool
    var lastUse = 0

    init(_ sequence: ReadSequence, isRunning: Bool) {
      self.sequence = sequence
      self.isRunning = isRunning
    }
  }

  private var entries: [Entry] = []
  private var clock = 0

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

  /// Keeps a text. If there are too many without a running stream, removes the least recently used of those.
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
    let idle = entries.filter { !$0.isRunning }
    guard idle.count > Self.capacity, let oldest = idle.min(by: { $0.lastUse < $1.lastUse }) else { return }
    entries.removeAll { $0 === oldest }
  }

  private func touch(_ entry: Entry) {
    clock += 1
    entry.lastUse = clock
  }
}
