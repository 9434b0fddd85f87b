/// Decompresses DEFLATE (RFC 1951) and gzip (RFC 1952).
///
/// The input may be damaged or malicious: every read is checked, and the output is limited.
public enum Inflate {
  /// Why data could not be decompressed.
  public enum Failure: Error, Equatable, Sendable {
    /// The data ends too early.
    case truncated
    /// The data is malformed at a byte offset.
    case malformed(String, offset: Int)
    /// The output would be longer than the limit.
    case tooLarge(limit: Int)
    /// The checksum or the length after the data differs.
    case wrongChecksum
  }

  /// Whether data begins like a gzip file.
  public static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// Decompresses a gzip file of one or more members.
  /// - Parameter limit: the most bytes of output.
  public static func gzip(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var output: [UInt8] = []
    var start = 0
    repeat {
      start = try member(bytes, from: start, limit: limit, into: &output)
      // Some programs pad files with zeros.
    } while start < bytes.count && bytes[start...].contains { $0 != 0 }
    return output
  }

  /// Decompresses raw DEFLATE data.
  /// - Parameter limit: the most bytes of output.
  public static func deflate(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var output: [UInt8] = []
    var reader = BitReader(bytes, at: 0)
    try blocks(&reader, limit: limit, from: 0, into: &output)
    return output
  }

  /// Decompresses one member of a gzip file and returns where the next one begins.
  private static func member(
    _ bytes: [UInt8], from start: Int, limit: Int, into output: inout [UInt8]
  ) throws(Failure) -> Int {
    guard bytes.count - start >= 18 else { throw .truncated }
    guard bytes[start] == 0x1F, bytes[start + 1] == 0x8B else { throw .malformed("no gzip header", offset: start) }
    guard bytes[start + 2] == 8 else { throw .malformed("unknown compression method", offset: start + 2) }
    let flags = bytes[start + 3]
    guard flags & 0xE0 == 0 else { throw .malformed("unknown flags", offset: start + 3) }
    var index = start + 10
    if flags & 4 != 0 {
      guard index + 2 <= bytes.count else { throw .truncated }
      index += 2 + Int(bytes[index]) + Int(bytes[index + 1]) << 8
    }
    // The name and the comment end with a zero.
    for flag: UInt8 in [8, 16] where flags & flag != 0 {
      guard index < bytes.count, let end = bytes[index...].firstIndex(of: 0) else { throw .truncated }
      index = end + 1
    }
    if flags & 2 != 0 { index += 2 }
    guard index < bytes.count else { throw .truncated }
    let first = output.count
    var reader = BitReader(bytes, at: index)
    try blocks(&reader, limit: limit, from: first, into: &output)
    let end = reader.endOfByte
    guard end + 8 <= bytes.count else { throw .truncated }
    let number = { (at: Int) in (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) } }
    guard number(end) == CRC32.of(output[first...]),
      number(end + 4) == UInt32(truncatingIfNeeded: output.count - first)
    else { throw .wrongChecksum }
    return end + 8
  }

  private static func blocks(
    _ reader: inout BitReader, limit: Int, from first: Int, into output: inout [UInt8]
  ) throws(Failure) {
    var isLast = false
    while !isLast {
      isLast = try reader.bits(1) == 1
      switch try reader.bits(2) {
      case 0: try stored(&reader, limit: limit, into: &output)
      case 1: try compressed(&reader, .fixedLiterals, .fixedDistances, limit: limit, from: first, into: &output)
      case 2:
        let (literals, distances) = try codes(&reader)
        try compressed(&reader, literals, distances, limit: limit, from: first, into: &output)
      default: throw .malformed("unknown block type", offset: reader.offset)
      }
    }
  }

  private static func stored(
    _ reader: inout BitReader, limit: Int, into output: inout [UInt8]
  ) throws(Failure) {
    reader.alignToByte()
    let length = Int(try reader.bits(16))
    let complement = Int(try reader.bits(16))
    guard length ^ complement == 0xFFFF else { throw .malformed("wrong length of a block", offset: reader.offset) }
    guard output.count + length <= limit else { throw .tooLarge(limit: limit) }
    for _ in 0..<length { output.append(UInt8(truncatingIfNeeded: try reader.bits(8))) }
  }

  private static let lengthBases: [Int] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthBits: [Int] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases: [Int] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]
  private static let distanceBits: [Int] = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  ]

  private static func compressed(
    _ reader: inout BitReader, _ literals: HuffmanCode, _ distances: HuffmanCode, limit: Int, from first: Int,
    into output: inout [UInt8]
  ) throws(Failure) {
    while true {
      let symbol = try reader.symbol(literals)
      if symbol < 256 {
        guard output.count < limit else { throw .tooLarge(limit: limit) }
        output.append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol - 257 < lengthBases.count else { throw .malformed("unknown length", offset: reader.offset) }
      let length = lengthBases[symbol - 257] + Int(try reader.bits(lengthBits[symbol - 257]))
      let code = try reader.symbol(distances)
      guard code < distanceBases.count else { throw .malformed("unknown distance", offset: reader.offset) }
      let distance = distanceBases[code] + Int(try reader.bits(distanceBits[code]))
      guard distance <= output.count - first else {
        throw .malformed("a distance before the start", offset: reader.offset)
      }
      guard output.count + length <= limit else { throw .tooLarge(limit: limit) }
      // Byte by byte: the copy may repeat what it appends, and a slice would make the array copy itself.
      let source = output.count - distance
      for index in source..<source + length { output.append(output[index]) }
    }
  }

  private static let codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// Reads the codes of a block.
  private static func codes(_ reader: inout BitReader) throws(Failure) -> (HuffmanCode, HuffmanCode) {
    let literalCount = Int(try reader.bits(5)) + 257
    let distanceCount = Int(try reader.bits(5)) + 1
    let codeCount = Int(try reader.bits(4)) + 4
    guard literalCount <= 286, distanceCount <= 30 else {
      throw .malformed("too many codes", offset: reader.offset)
    }
    var codeLengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<codeCount { codeLengths[codeOrder[index]] = UInt8(try reader.bits(3)) }
    guard let code = HuffmanCode(codeLengths) else { throw .malformed("bad code lengths", offset: reader.offset) }
    var lengths: [UInt8] = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try reader.symbol(code)
      switch symbol {
      case 0..<16: lengths.append(UInt8(symbol))
      case 16:
        guard let last = lengths.last else { throw .malformed("nothing to repeat", offset: reader.offset) }
        let count = 3 + Int(try reader.bits(2))
        lengths += repeatElement(last, count: count)
      case 17:
        let count = 3 + Int(try reader.bits(3))
        lengths += repeatElement(0, count: count)
      default:
        let count = 11 + Int(try reader.bits(7))
        lengths += repeatElement(0, count: count)
      }
    }
    guard lengths.count == literalCount + distanceCount, lengths[256] > 0,
      let literals = HuffmanCode(Array(lengths[..<literalCount])),
      let distances = HuffmanCode(Array(lengths[literalCount...]))
    else { throw .malformed("bad codes", offset: reader.offset) }
    return (literals, distances)
  }
}

/// A canonical Huffman code as one table: the next bits give the symbol and the length of its code.
private struct HuffmanCode {
  /// The symbol times 16 plus the length of its code; 0 for bits that are no code.
  let entries: [UInt16]
  let longest: Int

  static let fixedLiterals = HuffmanCode(
    unchecked: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }, longest: 9)
  static let fixedDistances = HuffmanCode(unchecked: [UInt8](repeating: 5, count: 30), longest: 5)

  /// `nil` if the lengths give more codes than there are. A code with unused bits is allowed only with one symbol, or
  /// with none.
  init?(_ lengths: [UInt8]) {
    let longest = Int(lengths.max() ?? 0)
    var room = 1 << longest
    var used = 0
    for length in lengths where length > 0 {
      room -= 1 << (longest - Int(length))
      used += 1
    }
    guard room >= 0, room == 0 || used <= 1 else { return nil }
    self.init(unchecked: lengths, longest: longest)
  }

  private init(unchecked lengths: [UInt8], longest: Int) {
    var entries = [UInt16](repeating: 0, count: 1 << longest)
    var code = 0
    if longest > 0 {
      for length in 1...longest {
        for (symbol, own) in lengths.enumerated() where Int(own) == length {
          // Codes are read from their highest bit, bits of the data from the lowest.
          var reversed = 0
          for bit in 0..<length where code >> bit & 1 == 1 { reversed |= 1 << (length - 1 - bit) }
          let entry = UInt16(truncatingIfNeeded: symbol << 4 | length)
          for index in stride(from: reversed, to: entries.count, by: 1 << length) { entries[index] = entry }
          code += 1
        }
        code <<= 1
      }
    }
    self.entries = entries
    self.longest = longest
  }
}

/// Reads bits, the lowest of each byte first.
private struct BitReader {
  private let bytes: [UInt8]
  private var next: Int
  private var buffer: UInt64 = 0
  private var count = 0

  init(_ bytes: [UInt8], at start: Int) {
    self.bytes = bytes
    next = start
  }

  /// The offset of the next byte that is not in the buffer, for errors.
  var offset: Int { next }

  /// The offset of the first byte after the bits that were read.
  var endOfByte: Int { next - count / 8 }

  @inline(__always) private mutating func fill() {
    while count <= 48, next < bytes.count {
      buffer |= UInt64(bytes[next]) << UInt64(count)
      next += 1
      count += 8
    }
  }

  @inline(__always) mutating func bits(_ wanted: Int) throws(Inflate.Failure) -> UInt64 {
    if count < wanted { fill() }
    guard count >= wanted else { throw .truncated }
    let value = buffer & (1 << UInt64(wanted) - 1)
    buffer >>= UInt64(wanted)
    count -= wanted
    return value
  }

  @inline(__always) mutating func symbol(_ code: HuffmanCode) throws(Inflate.Failure) -> Int {
    if count < code.longest { fill() }
    let entry = code.entries[Int(truncatingIfNeeded: buffer) & (code.entries.count - 1)]
    let length = Int(entry & 15)
    guard length > 0 else { throw count < code.longest ? .truncated : .malformed("no such code", offset: next) }
    guard length <= count else { throw .truncated }
    buffer >>= UInt64(length)
    count -= length
    return Int(entry >> 4)
  }

  mutating func alignToByte() {
    let extra = count % 8
    buffer >>= UInt64(extra)
    count -= extra
  }
}

/// The checksum of gzip.
enum CRC32 {
  /// Eight tables, for eight bytes at a time.
  private static let tables: [[UInt32]] = {
    var tables = [(0..<256).map { byte in (0..<8).reduce(UInt32(byte)) { sum, _ in next(sum) } }]
    for _ in 1..<8 {
      let previous = tables[tables.count - 1]
      tables.append(previous.map { $0 >> 8 ^ tables[0][Int($0 & 0xFF)] })
    }
    return tables
  }()

  private static func next(_ sum: UInt32) -> UInt32 { sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1 }

  static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum = ~UInt32(0)
    let tables = tables
    let table = tables[0]
    var index = bytes.startIndex
    bytes.withUnsafeBufferPointer { bytes in
      index = 0
      while index + 8 <= bytes.count {
        var result: UInt32 = 0
        for offset in 0..<8 {
          let mask = offset < 4 ? UInt8(truncatingIfNeeded: sum >> UInt32(8 * offset)) : 0
          result ^= tables[7 - offset][Int(bytes[index + offset] ^ mask)]
        }
        sum = result
        index += 8
      }
      while index < bytes.count {
        sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[index])] ^ sum >> 8
        index += 1
      }
    }
    return ~sum
  }
}
