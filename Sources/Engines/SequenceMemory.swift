import Generation

/// The texts that a model has read last. It serves as the prompt cache and for distributions.
///
/// Reusing a prefix changes no bit of any result (an invariant of the models); it only saves time.
final class SequenceMemory {
  /// The maximum number of texts without a running stream.
  private static let capacity = 8

  fileprivate final class Entry {
    let sequence: ReadSequence
    var isRunning: Bool
    var lastUse = 0

    init(_ sequence: ReadSequence, isRunning: Bool) {
      self.sequence = sequence
      self.isRunning = isRunning
    }
  }

  private let budget: SequenceBudget
  /// The bytes of texts, those of other models included, up to which a text without a running stream is kept.
  fileprivate let mostBytes: Int
  fileprivate var entries: [Entry] = []

  /// - Parameters:
  ///   - budget: what all models of an engine share.
  ///   - mostBytes: the bytes of texts, those of other models included, up to which a text is kept.
  init(_ budget: SequenceBudget, mostBytes: Int) {
    self.budget = budget
    self.mostBytes = mostBytes
    budget.add(self)
  }

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

  /// Keeps a text. Then removes texts that no stream runs on, the least recently used first, until they are within the
  /// limits on their number and their bytes.
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
    if idle.count > Self.capacity, let oldest = idle.min(by: { $0.lastUse < $1.lastUse }) { remove([oldest]) }
    budget.makeRoom()
  }

  fileprivate func remove(_ removed: [Entry]) {
    entries.removeAll { entry in removed.contains { $0 === entry } }
  }

  private func touch(_ entry: Entry) {
    budget.clock += 1
    entry.lastUse = budget.clock
  }
}

/// What the memories of an engine's models share: the order of uses, and the bytes of all texts together.
final class SequenceBudget {
  private struct Member { weak var memory: SequenceMemory? }

  /// The number of uses of texts.
  fileprivate var clock = 0
  private var members: [Member] = []

  fileprivate func add(_ memory: SequenceMemory) {
    members.removeAll { $0.memory == nil }
    members.append(Member(memory: memory))
  }

  /// Removes the texts that no stream runs on and that are beyond the bytes of their memory, counted from the text used
  /// last. That one is kept whatever its size.
  fileprivate func makeRoom() {
    let memories = members.compactMap(\.memory)
    let idle = memories.flatMap { memory in memory.entries.filter { !$0.isRunning }.map { (memory, $0) } }
      .sorted { $0.1.lastUse > $1.1.lastUse }
    var bytes = 0
    for (index, (memory, entry)) in idle.enumerated() {
      let size = entry.sequence.byteCount
      if index > 0, bytes + size > memory.mostBytes {
        memory.remove([entry])
      } else {
        bytes += size
      }
    }
  }
}
