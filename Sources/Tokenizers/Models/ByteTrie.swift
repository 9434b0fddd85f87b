/// A byte trie whose edges are in one open-addressing hash table. One walk finds every piece that is a prefix of a
/// text.
struct ByteTrie: Sendable {
  private var keys: [UInt64]
  private var targets: [Int32]
  private var root = [Int32](repeating: -1, count: 256)
  /// The value of the piece that ends at each node; -1 if none does.
  private(set) var values: [Int32] = [-1]
  private var edges = 0
  private static let free = UInt64.max

  init(minimumEdges: Int = 64) {
    var capacity = 64
    while capacity < minimumEdges * 2 { capacity *= 2 }
    keys = [UInt64](repeating: Self.free, count: capacity)
    targets = [Int32](repeating: -1, count: capacity)
  }

  /// The number of nodes.
  var nodeCount: Int { values.count }

  /// Adds a non-empty piece, replacing the value of an equal one.
  mutating func insert(_ piece: some Collection<UInt8>, value: Int) {
    var node: Int32 = 0
    for byte in piece { node = child(node, byte) ?? addChild(node, byte) }
    values[Int(node)] = Int32(value)
  }

  /// The child of a node for a byte.
  @inline(__always) func child(_ node: Int32, _ byte: UInt8) -> Int32? {
    if node == 0 {
      let target = root[Int(byte)]
      return target < 0 ? nil : target
    }
    let key = Self.key(node, byte)
    let slot = slotIndex(key)
    return keys[slot] == key ? targets[slot] : nil
  }

  /// Whether any piece begins with the byte.
  @inline(__always) func canBegin(with byte: UInt8) -> Bool { root[Int(byte)] >= 0 }

  private mutating func addChild(_ node: Int32, _ byte: UInt8) -> Int32 {
    let target = Int32(values.count)
    values.append(-1)
    if node == 0 {
      root[Int(byte)] = target
    } else {
      if (edges + 1) * 2 > keys.count { grow() }
      let key = Self.key(node, byte)
      let slot = slotIndex(key)
      keys[slot] = key
      targets[slot] = target
      edges += 1
    }
    return target
  }

  @inline(__always) private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
  }

  @inline(__always) private func slotIndex(_ key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while keys[slot] != key, keys[slot] != Self.free { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let oldKeys = keys
    let oldTargets = targets
    keys = [UInt64](repeating: Self.free, count: oldKeys.count * 2)
    targets = [Int32](repeating: -1, count: oldKeys.count * 2)
    for (key, target) in zip(oldKeys, oldTargets) where key != Self.free {
      let slot = slotIndex(key)
      keys[slot] = key
      targets[slot] = target
    }
  }
}
