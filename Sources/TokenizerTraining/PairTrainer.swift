/// Learns merges of pairs (Sennrich et al. 2016), in the order of the trainer of `tokenizers`: the most frequent pair
/// first, of equally frequent ones the pair with the lower ids.
///
/// The pairs wait in a heap with the counts they had when they were pushed. A popped pair whose count has changed since
/// is pushed again with its new count. Each entry has the words where its pair was found, so a merge visits only those.
struct PairTrainer {
  /// A learned merge: the ids of its parts and of the whole.
  struct Merge: Equatable {
    var first: UInt32
    var second: UInt32
    var whole: UInt32
  }

  /// The pieces, by id. They begin with the special tokens and the alphabet.
  private(set) var vocabulary: [[UInt8]] = []
  /// The merges, in the order in which they were learned.
  private(set) var merges: [Merge] = []
  private var ids: [[UInt8]: UInt32] = [:]
  private let prefix: [UInt8]

  // The words as symbols: word w is symbols[starts[w]..<starts[w] + lengths[w]].
  private var symbols: [UInt32] = []
  private var starts: [Int] = []
  private var lengths: [Int] = []
  private var counts: [Int] = []

  private var pairs = PairCounts()
  private var heap = MergeHeap()

  /// Prepares the words of a text.
  /// - Parameters:
  ///   - alphabet: the words.
  ///   - kept: the characters that get ids; others are left out of their words.
  ///   - prefix: what precedes the pieces inside a word, in the vocabulary; empty for none.
  init(_ alphabet: Alphabet, specialTokens: [String], kept: [UInt32], prefix: String) {
    self.prefix = Array(prefix.utf8)
    for token in specialTokens { _ = id(of: Array(token.utf8)) }
    var firstIDs: [UInt32: UInt32] = [:]
    for character in kept { firstIDs[character] = id(of: Self.bytes(character)) }
    var innerIDs = firstIDs
    if !prefix.isEmpty {
      // The ids of characters inside words follow the alphabet, by code point.
      var inner: Set<UInt32> = []
      for word in alphabet.ends.indices { inner.formUnion(alphabet.characters[alphabet.range(word)].dropFirst()) }
      for character in inner.sorted() where firstIDs[character] != nil {
        innerIDs[character] = id(of: self.prefix + Self.bytes(character))
      }
    }
    symbols.reserveCapacity(alphabet.characters.count)
    for word in alphabet.ends.indices {
      let start = symbols.count
      let range = alphabet.range(word)
      for index in range {
        let known = index == range.lowerBound ? firstIDs : innerIDs
        if let id = known[alphabet.characters[index]] { symbols.append(id) }
      }
      starts.append(start)
      lengths.append(symbols.count - start)
      counts.append(alphabet.counts[word])
    }
  }

  /// Merges pairs until the vocabulary has `size` pieces or no pair occurs `minimumFrequency` times.
  /// - Parameter progress: called with the size of the vocabulary; returns whether to continue.
  mutating func train(size: Int, minimumFrequency: Int, progress: (Int) -> Bool) {
    for word in starts.indices where lengths[word] > 1 {
      for index in starts[word]..<starts[word] + lengths[word] - 1 {
        pairs.add(pair(symbols[index], symbols[index + 1]), counts[word], in: word)
      }
    }
    pushTouched()
    while vocabulary.count < size, var top = heap.pop() {
      let count = pairs.count(top.pair)
      if top.count != count {
        top.count = count
        heap.push(top)
        continue
      }
      guard count >= 1, count >= minimumFrequency else { break }
      merge(top)
      if merges.count % 256 == 0, !progress(vocabulary.count) { return }
    }
  }

  private mutating func merge(_ entry: MergeHeap.Entry) {
    let first = UInt32(truncatingIfNeeded: entry.pair >> 32)
    let second = UInt32(truncatingIfNeeded: entry.pair)
    var rest = vocabulary[Int(second)][...]
    if !prefix.isEmpty, rest.starts(with: prefix) { rest = rest.dropFirst(prefix.count) }
    let whole = id(of: vocabulary[Int(first)] + rest)
    merges.append(Merge(first: first, second: second, whole: whole))
    for word in pairs.takeWords(entry.words) { merge(first, second, into: whole, word: Int(word)) }
    pushTouched()
  }

  /// Replaces the pair in a word, and counts the pairs that disappear and appear at its sides.
  private mutating func merge(_ first: UInt32, _ second: UInt32, into whole: UInt32, word: Int) {
    let (start, length, count) = (starts[word], lengths[word], counts[word])
    let end = start + length
    var read = start
    var write = start
    while read < end {
      guard read + 1 < end, symbols[read] == first, symbols[read + 1] == second else {
        symbols[write] = symbols[read]
        read += 1
        write += 1
        continue
      }
      if write > start {
        let previous = symbols[write - 1]
        pairs.remove(pair(previous, first), count)
        pairs.add(pair(previous, whole), count, in: word)
      }
      symbols[write] = whole
      read += 2
      write += 1
      if read < end {
        pairs.remove(pair(second, symbols[read]), count)
        pairs.add(pair(whole, symbols[read]), count, in: word)
      }
    }
    lengths[word] = write - start
  }

  /// Pushes the pairs that appeared, with the words where they did.
  private mutating func pushTouched() {
    for (pair, count, words) in pairs.takeTouched() where count > 0 {
      heap.push(MergeHeap.Entry(count: count, pair: pair, words: words))
    }
  }

  @inline(__always) private func pair(_ first: UInt32, _ second: UInt32) -> UInt64 {
    UInt64(first) << 32 | UInt64(second)
  }

  private mutating func id(of piece: [UInt8]) -> UInt32 {
    if let id = ids[piece] { return id }
    let id = UInt32(vocabulary.count)
    ids[piece] = id
    vocabulary.append(piece)
    return id
  }

  static func bytes(_ character: UInt32) -> [UInt8] {
    Unicode.Scalar(character).map { Array(String(Character($0)).utf8) } ?? []
  }
}

/// How often each pair occurs, and the words where pairs appeared since they were last taken.
private struct PairCounts {
  private var keys: [UInt64] = []
  private var counts: [Int] = []
  /// The number of the list of words of each pair; -1 if the pair has not appeared since the last taking.
  private var lists: [Int32] = []
  /// An open-addressing hash table of pair numbers plus one.
  private var slots = [UInt32](repeating: 0, count: 1 << 16)
  private var touched: [Int] = []
  private var words: [[UInt32]] = []
  private var freeLists: [Int32] = []

  func count(_ pair: UInt64) -> Int {
    let slot = slots[place(of: pair)]
    return slot == 0 ? 0 : counts[Int(slot) - 1]
  }

  /// Adds to the count of a pair that appeared in a word.
  mutating func add(_ pair: UInt64, _ count: Int, in word: Int) {
    let number = number(of: pair)
    counts[number] += count
    if lists[number] < 0 {
      if let free = freeLists.popLast() {
        lists[number] = free
      } else {
        lists[number] = Int32(words.count)
        words.append([])
      }
      touched.append(number)
    }
    let list = Int(lists[number])
    // A word is processed at once, so its repetitions follow each other.
    if words[list].last != UInt32(truncatingIfNeeded: word) { words[list].append(UInt32(truncatingIfNeeded: word)) }
  }

  mutating func remove(_ pair: UInt64, _ count: Int) { counts[number(of: pair)] -= count }

  /// The pairs that appeared since the last call, in the order in which they did.
  mutating func takeTouched() -> [(pair: UInt64, count: Int, words: Int32)] {
    let result = touched.map { (keys[$0], counts[$0], lists[$0]) }
    for (number, entry) in zip(touched, result) {
      lists[number] = -1
      if entry.1 <= 0 { release(entry.2) }
    }
    touched.removeAll(keepingCapacity: true)
    return result
  }

  /// The words of a list, which is then free.
  mutating func takeWords(_ list: Int32) -> [UInt32] {
    let taken = words[Int(list)]
    release(list)
    return taken
  }

  private mutating func release(_ list: Int32) {
    words[Int(list)] = []
    freeLists.append(list)
  }

  private mutating func number(of pair: UInt64) -> Int {
    let slot = place(of: pair)
    if slots[slot] != 0 { return Int(slots[slot]) - 1 }
    keys.append(pair)
    counts.append(0)
    lists.append(-1)
    slots[slot] = UInt32(keys.count)
    if keys.count * 2 > slots.count { grow() }
    return keys.count - 1
  }

  /// The slot of a pair, or the free slot where it belongs.
  @inline(__always) private func place(of pair: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: mixed(pair)) & (slots.count - 1)
    while slots[slot] != 0, keys[Int(slots[slot]) - 1] != pair { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, key) in keys.enumerated() { slots[place(of: key)] = UInt32(number + 1) }
  }
}

/// A binary heap of pairs, the most frequent first.
private struct MergeHeap {
  struct Entry {
    var count: Int
    var pair: UInt64
    var words: Int32

    @inline(__always) func precedes(_ other: Entry) -> Bool {
      count != other.count ? count > other.count : pair < other.pair
    }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry.precedes(entries[parent]) else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func pop() -> Entry? {
    guard let top = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return top }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(last) else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = last
    return top
  }
}
