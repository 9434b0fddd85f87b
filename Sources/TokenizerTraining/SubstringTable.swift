/// The substrings of a text's words, each once, with how often they occur.
///
/// A substring is a place in the array of characters: where it first occurs, and its length.
struct SubstringTable {
  private let characters: [UInt32]
  /// Where each substring first occurs.
  private(set) var starts: [Int32] = []
  /// The length of each substring, in characters.
  private(set) var lengths: [UInt8] = []
  /// How often each substring occurs.
  private(set) var counts: [Int] = []
  private var hashes: [UInt32] = []
  private var slots = [UInt32](repeating: 0, count: 1 << 16)

  init(characters: [UInt32]) { self.characters = characters }

  /// The number of distinct substrings.
  var count: Int { starts.count }

  /// The characters of a substring.
  func characters(_ number: Int) -> ArraySlice<UInt32> {
    characters[Int(starts[number])..<Int(starts[number]) + Int(lengths[number])]
  }

  /// The initial value of ``extend(_:by:)``.
  static let emptyHash: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The hash of a substring that is one character longer.
  @inline(__always) static func extend(_ hash: UInt64, by character: UInt32) -> UInt64 {
    (hash ^ UInt64(character)) &* 0xD6E8_FEB8_6659_FD93 ^ hash >> 29
  }

  /// The number of a substring, if it is known.
  @inline(__always) func number(start: Int, length: Int, hash: UInt64) -> Int? {
    let slot = slots[place(start: start, length: length, hash: hash)]
    return slot == 0 ? nil : Int(slot) - 1
  }

  /// Counts a substring `times` times.
  @inline(__always) mutating func add(start: Int, length: Int, hash: UInt64, times: Int) {
    let slot = place(start: start, length: length, hash: hash)
    if slots[slot] != 0 {
      counts[Int(slots[slot]) - 1] += times
      return
    }
    starts.append(Int32(truncatingIfNeeded: start))
    lengths.append(UInt8(truncatingIfNeeded: length))
    counts.append(times)
    hashes.append(Self.short(hash))
    slots[slot] = UInt32(counts.count)
    if counts.count * 2 > slots.count { grow() }
  }

  @inline(__always) private static func short(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: mixed(hash)) }

  @inline(__always) private func place(start: Int, length: Int, hash: UInt64) -> Int {
    let short = Self.short(hash)
    var slot = Int(short) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == short, Int(lengths[number]) == length, isEqual(Int(starts[number]), start, length) { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  @inline(__always) private func isEqual(_ first: Int, _ second: Int, _ length: Int) -> Bool {
    for index in 0..<length where characters[first + index] != characters[second + index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, hash) in hashes.enumerated() {
      var slot = Int(hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }
}
