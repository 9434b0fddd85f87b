import HeapModule

/// The symbols of one piece during merging: a linked list with a heap of applicable merges.
struct MergingWord {
  private struct Symbol {
    var id: Int32
    var previous: Int32
    var next: Int32
    /// In bytes of the piece; 0 after the symbol was merged into its predecessor.
    var length: Int32
  }

  /// An applicable merge. `order` has the rank in its upper half and the position in its lower half, so comparing
  /// integers orders by rank, then position.
  private struct Candidate: Comparable {
    var order: UInt64
    var joined: Int32

    init(rank: UInt32, position: Int32, joined: Int32) {
      order = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: position))
      self.joined = joined
    }

    var position: Int { Int(order & 0xFFFF_FFFF) }

    static func < (a: Candidate, b: Candidate) -> Bool { a.order < b.order }
    static func == (a: Candidate, b: Candidate) -> Bool { a.order == b.order }
  }

  private var symbols: [Symbol] = []

  /// Up to this many symbols, scanning all pairs for each merge is faster than a heap.
  private static let shortWord = 24

  init(capacity: Int) { symbols.reserveCapacity(capacity) }

  mutating func append(_ id: Int32, length: Int) {
    let position = Int32(symbols.count)
    if position > 0 { symbols[Int(position) - 1].next = position }
    symbols.append(Symbol(id: id, previous: position - 1, next: -1, length: Int32(length)))
  }

  /// Applies the merge of lowest rank, leftmost first among equals, until no merge applies.
  mutating func merge(by table: PairTable) {
    guard symbols.count > 1 else { return }
    if symbols.count <= Self.shortWord { mergeShort(table) } else { mergeLong(table) }
  }

  private mutating func mergeShort(_ table: PairTable) {
    withUnsafeTemporaryAllocation(of: PairTable.Rule.self, capacity: symbols.count) { rules in
      let none = PairTable.Rule(rank: .max, joined: -1)
      var count = symbols.count
      rules.initialize(repeating: none)
      for index in 0..<(count - 1) { rules[index] = table.rule(symbols[index].id, symbols[index + 1].id) ?? none }
      while count > 1 {
        var best = 0
        for index in 1..<count where rules[index].rank < rules[best].rank { best = index }
        guard rules[best].joined >= 0 else { break }
        symbols[best].id = rules[best].joined
        symbols[best].length += symbols[best + 1].length
        for index in (best + 1)..<(count - 1) {
          symbols[index] = symbols[index + 1]
          rules[index] = rules[index + 1]
        }
        count -= 1
        rules[count - 1] = none
        if best + 1 < count { rules[best] = table.rule(symbols[best].id, symbols[best + 1].id) ?? none }
        if best > 0 { rules[best - 1] = table.rule(symbols[best - 1].id, symbols[best].id) ?? none }
      }
      symbols.removeLast(symbols.count - count)
    }
  }

  private mutating func mergeLong(_ table: PairTable) {
    var heap = Heap<Candidate>()
    for index in 0..<(symbols.count - 1) { note(index, table, &heap) }
    while let top = heap.popMin() {
      let position = top.position
      let symbol = symbols[position]
      guard symbol.length > 0, symbol.next >= 0 else { continue }
      let next = symbols[Int(symbol.next)]
      // Skip candidates whose pair has changed since they were pushed.
      guard let rule = table.rule(symbol.id, next.id), rule.joined == top.joined else { continue }
      symbols[position].id = rule.joined
      symbols[position].length += next.length
      symbols[position].next = next.next
      symbols[Int(symbol.next)].length = 0
      if next.next >= 0 { symbols[Int(next.next)].previous = Int32(position) }
      note(position, table, &heap)
      if symbol.previous >= 0 { note(Int(symbol.previous), table, &heap) }
    }
    symbols.removeAll { $0.length == 0 }
  }

  private func note(_ position: Int, _ table: PairTable, _ heap: inout Heap<Candidate>) {
    let symbol = symbols[position]
    guard symbol.next >= 0, let rule = table.rule(symbol.id, symbols[Int(symbol.next)].id) else { return }
    heap.insert(Candidate(rank: rule.rank, position: Int32(position), joined: rule.joined))
  }

  /// Reports each symbol with its byte range in the piece.
  func forEach(_ body: (_ id: Int32, _ start: Int, _ end: Int) -> Void) {
    var position = 0
    for symbol in symbols {
      body(symbol.id, position, position + Int(symbol.length))
      position += Int(symbol.length)
    }
  }
}

/// Merge rules keyed by pairs of ids: an open-addressing hash table with 16 bytes per rule.
struct PairTable: Sendable {
  struct Rule: Sendable {
    /// The rule's rank; the lowest rank applies first.
    var rank: UInt32
    /// The id of the merged token.
    var joined: Int32
  }

  private var keys: [UInt64]
  private var rules: [Rule]
  private var count = 0
  private static let free = UInt64.max

  init(minimumCapacity: Int) {
    var capacity = 16
    while capacity < minimumCapacity * 2 { capacity *= 2 }
    keys = [UInt64](repeating: Self.free, count: capacity)
    rules = [Rule](repeating: Rule(rank: 0, joined: 0), count: capacity)
  }

  /// Sets the rule of a pair, replacing an earlier one.
  mutating func set(_ left: Int, _ right: Int, _ rule: Rule) {
    if (count + 1) * 2 > keys.count { grow() }
    let key = UInt64(left) << 32 | UInt64(right)
    let slot = slotIndex(key)
    if keys[slot] == Self.free { count += 1 }
    keys[slot] = key
    rules[slot] = rule
  }

  /// The rule of a pair, if there is one.
  @inline(__always) func rule(_ left: Int32, _ right: Int32) -> Rule? {
    let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    let slot = slotIndex(key)
    return keys[slot] == key ? rules[slot] : nil
  }

  @inline(__always) private func slotIndex(_ key: UInt64) -> Int {
    let mask = keys.count - 1
    let mixed = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
    var slot = Int(truncatingIfNeeded: mixed >> 32) & mask
    while keys[slot] != key, keys[slot] != Self.free { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    var larger = PairTable(minimumCapacity: keys.count)
    for (key, rule) in zip(keys, rules) where key != Self.free {
      larger.set(Int(key >> 32), Int(key & 0xFFFF_FFFF), rule)
    }
    self = larger
  }
}
