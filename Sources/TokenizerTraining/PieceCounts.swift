/// Distinct pieces of text and how often each occurs, in the order of their first occurrence.
struct PieceCounts: Sendable {
  /// The bytes of all pieces, one after the other.
  private var bytes: [UInt8] = []
  /// Where each piece ends in ``bytes``.
  private var ends: [Int] = []
  /// How often each piece occurs.
  private(set) var counts: [Int] = []
  private var hashes: [UInt64] = []
  /// An open-addressing hash table of piece numbers plus one; 0 for a free slot.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)

  /// The number of distinct pieces.
  var count: Int { counts.count }

  /// The number of bytes of all distinct pieces.
  var byteCount: Int { bytes.count }

  /// Calls `body` with the bytes of a piece.
  func withPiece<R>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let start = number > 0 ? ends[number - 1] : 0
    return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<ends[number]])) }
  }

  /// Counts a piece `times` times.
  mutating func add(_ piece: UnsafeBufferPointer<UInt8>, times: Int = 1) {
    add(piece, hash: hashOfBytes(piece), times: times)
  }

  /// Adds the counts of another list. Pieces that are new here keep their order.
  mutating func add(_ other: PieceCounts) {
    for number in 0..<other.count {
      other.withPiece(number) { add($0, hash: other.hashes[number], times: other.counts[number]) }
    }
  }

  private mutating func add(_ piece: UnsafeBufferPointer<UInt8>, hash: UInt64, times: Int) {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == hash, isEqual(number, piece) {
        counts[number] += times
        return
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    bytes.append(contentsOf: piece)
    ends.append(bytes.count)
    counts.append(times)
    hashes.append(hash)
    slots[slot] = UInt32(counts.count)
    if counts.count * 2 > slots.count { grow() }
  }

  private func isEqual(_ number: Int, _ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = number > 0 ? ends[number - 1] : 0
    guard ends[number] - start == piece.count else { return false }
    for index in 0..<piece.count where bytes[start + index] != piece[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }
}

/// A hash of bytes: eight at a time, mixed as in MurmurHash3's finalizer.
@inline(__always) func hashOfBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
  var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
  var word: UInt64 = 0
  var filled = 0
  for byte in bytes {
    word = word << 8 | UInt64(byte)
    filled += 1
    if filled == 8 {
      hash = mixed(hash ^ word)
      word = 0
      filled = 0
    }
  }
  return mixed(hash ^ word &+ UInt64(truncatingIfNeeded: filled) << 56)
}

@inline(__always) func mixed(_ value: UInt64) -> UInt64 {
  var value = value
  value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
  return value ^ (value >> 33)
}
