import Generation

/// The texts that one model has read last: the prompt cache, and what the candidates pane looks into.
///
/// Re-using a beginning changes no bit of any result (the models' invariant), it only saves time.
final class SequenceMemory {
  /// How many texts are kept that no stream uses.
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

  /// A text that begins with all of `ids`, for looking at.
  func sequence(covering ids: [Int], source: [Int]?) -> ReadSequence? {
    guard let best = best(ids, source: source), best.shared == ids.count else { return nil }
    touch(best.entry)
    return best.entry.sequence
  }

  /// A text of the caller's own to go on from: a fork of the one that shares the longest beginning with `ids`, cut to
  /// it.
  func fork(sharing ids: [Int], source: [Int]?) -> ReadSequence? {
    guard let best = best(ids, source: source), best.shared > 0 || source != nil else { return nil }
    touch(best.entry)
    let copy = best.entry.sequence.fork()
    copy.truncate(to: best.shared)
    return copy
  }

  /// Keeps a text; of those that no stream uses, the one that was not asked for the longest makes room.
  func keep(_ sequence: ReadSequence, isRunning: Bool) {
    let entry = Entry(sequence, isRunning: isRunning)
    touch(entry)
    entries.append(entry)
    makeRoom()
  }

  /// Notes that a stream has ended: its text may make room from now on.
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
