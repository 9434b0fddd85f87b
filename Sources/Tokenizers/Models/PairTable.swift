/// Merge rules by the pair of ids that they join: an open-addressing table of 16 bytes a rule.
struct PairTable: Sendable {
  struct Rule: Sendable {
    /// The order of the rule; the lowest applies first.
    var rank: UInt32
    /// The id of what the pair becomes.
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

  /// The number of rules.
  var ruleCount: Int { count }

  /// Sets the rule of a pair; the last one counts.
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
