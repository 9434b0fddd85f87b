/// A map between pieces and ids. Keys are exact bytes, because Swift's `String` compares by canonical equivalence.
///
/// All pieces are in one buffer, indexed by an open-addressing hash table. A lookup takes constant time and does not
/// allocate.
struct Vocabulary: Sendable {
  /// The largest accepted id, which bounds the tables indexed by id. Real vocabularies stay below 2²⁰.
  static let largestID = 1 << 24

  private var buffer: [UInt8] = []
  private var starts: [UInt32] = [0]
  private var ids: [Int32] = []
  private var slots: [UInt32] = []
  private var entries: [Int32] = []

  /// Random per process, so that a malicious file cannot choose keys that collide.
  private let seed = UInt64(bitPattern: Int64(Hasher().finalize())) | 1

  /// The length of the longest piece in bytes.
  private(set) var longestPiece = 0

  init() {}

  init(minimumCapacity: Int) {
    starts.reserveCapacity(minimumCapacity + 1)
    ids.reserveCapacity(minimumCapacity)
    resize(minimumCapacity)
  }

  /// The number of pieces.
  var count: Int { ids.count }

  /// The largest id plus one; 0 for an empty vocabulary.
  var idLimit: Int { entries.count }

  /// Adds a piece, or changes its id. If two pieces have the same id, the id maps to the last one.
  mutating func set(_ piece: some Collection<UInt8>, id: Int) {
    precondition((0...Self.largestID).contains(id))
    if (ids.count + 1) * 2 > slots.count { resize(max(16, ids.count * 2)) }
    let slot = Array(piece).withUnsafeBufferPointer { slotIndex($0) }
    let entry: Int
    if slots[slot] != 0 {
      entry = Int(slots[slot]) - 1
      if entries[Int(ids[entry])] == Int32(entry) { entries[Int(ids[entry])] = -1 }
      ids[entry] = Int32(id)
    } else {
      entry = ids.count
      buffer.append(contentsOf: piece)
      starts.append(UInt32(buffer.count))
      ids.append(Int32(id))
      slots[slot] = UInt32(entry + 1)
      longestPiece = max(longestPiece, piece.count)
    }
    while entries.count <= id { entries.append(-1) }
    entries[id] = Int32(entry)
  }

  /// The id of a piece.
  @inline(__always) func id(of piece: TextBuffer) -> Int? {
    guard !slots.isEmpty else { return nil }
    let entry = slots[slotIndex(piece)]
    return entry == 0 ? nil : Int(ids[Int(entry) - 1])
  }

  /// The id of a piece.
  func id(of piece: some Collection<UInt8>) -> Int? {
    Array(piece).withUnsafeBufferPointer { id(of: $0) }
  }

  /// The piece of an id.
  func piece(of id: Int) -> ArraySlice<UInt8>? {
    guard entries.indices.contains(id), entries[id] >= 0 else { return nil }
    return piece(atEntry: Int(entries[id]))
  }

  /// Calls `body` with every piece and its id, in the order in which they were added.
  func forEach(_ body: (ArraySlice<UInt8>, Int) -> Void) {
    for entry in ids.indices { body(piece(atEntry: entry), Int(ids[entry])) }
  }

  private func piece(atEntry entry: Int) -> ArraySlice<UInt8> {
    buffer[Int(starts[entry])..<Int(starts[entry + 1])]
  }

  /// The slot that holds the piece, or the free slot where it belongs.
  @inline(__always) private func slotIndex(_ piece: TextBuffer) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hashBytes(piece, seed: seed)) & mask
    while true {
      let entry = Int(slots[slot]) - 1
      if entry < 0 { return slot }
      let start = Int(starts[entry])
      let length = Int(starts[entry + 1]) - start
      if length == piece.count, isEqual(start, piece) { return slot }
      slot = (slot + 1) & mask
    }
  }

  @inline(__always) private func isEqual(_ start: Int, _ piece: TextBuffer) -> Bool {
    for index in 0..<piece.count where buffer[start + index] != piece[index] { return false }
    return true
  }

  private mutating func resize(_ pieces: Int) {
    var capacity = 32
    while capacity < pieces * 2 + 2 { capacity *= 2 }
    guard capacity > slots.count else { return }
    slots = [UInt32](repeating: 0, count: capacity)
    for entry in ids.indices {
      let slot = Array(piece(atEntry: entry)).withUnsafeBufferPointer { slotIndex($0) }
      slots[slot] = UInt32(entry + 1)
    }
  }
}

/// A seeded hash of bytes, eight at a time, by multiplication and folding.
@inline(__always) func hashBytes(_ bytes: TextBuffer, seed: UInt64) -> UInt64 {
  var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
  var index = 0
  while index < bytes.count {
    var word: UInt64 = 0
    let end = min(index + 8, bytes.count)
    while index < end {
      word = word << 8 | UInt64(bytes[index])
      index += 1
    }
    let (high, low) = ((hash ^ word) &* 0x9E37_79B9_7F4A_7C15 | 1).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    hash = high ^ low ^ seed
  }
  return hash ^ hash >> 32
}

/// The ids of `<0x00>` to `<0xFF>`; -1 for those missing from the vocabulary.
func byteTokenIDs(_ vocabulary: Vocabulary) -> [Int32] {
  let digits = Array("0123456789ABCDEF".utf8)
  return (0..<256).map { byte in
    let piece = Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15], UInt8(ascii: ">")]
    return Int32(vocabulary.id(of: piece) ?? -1)
  }
}
