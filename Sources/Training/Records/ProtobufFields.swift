/// Reads the fields of one protocol buffer message (protobuf.dev, "Encoding"). Every length is checked before it is
/// used.
struct ProtobufFields {
  enum Value {
    case integer(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  /// The message is cut off or malformed.
  struct Fault: Error {}

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field; `nil` at the end of the message.
  mutating func next() throws(Fault) -> (number: UInt64, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let tag = try integer()
    switch tag & 7 {
    case 0: return (tag >> 3, .integer(try integer()))
    case 1: return (tag >> 3, .fixed64(RecordFraming.number(try take(8))))
    case 2:
      guard let length = Int(exactly: try integer()) else { throw Fault() }
      return (tag >> 3, .bytes(try take(length)))
    case 5: return (tag >> 3, .fixed32(UInt32(truncatingIfNeeded: RecordFraming.number(try take(4)))))
    default: throw Fault()
    }
  }

  /// Integers one after the other, as packed fields have them.
  static func integers(_ bytes: ArraySlice<UInt8>) throws(Fault) -> [UInt64] {
    var fields = ProtobufFields(bytes)
    var numbers: [UInt64] = []
    while !fields.rest.isEmpty { numbers.append(try fields.integer()) }
    return numbers
  }

  private mutating func take(_ count: Int) throws(Fault) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Fault() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func integer() throws(Fault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Fault() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Fault()
  }
}

/// Writes the fields of one protocol buffer message.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  private mutating func write(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// An integer of variable length; negative numbers take ten bytes.
  mutating func add(_ field: UInt64, _ number: Int) {
    write(field << 3)
    write(UInt64(bitPattern: Int64(number)))
  }

  mutating func add(_ field: UInt64, _ number: Double) {
    write(field << 3 | 1)
    bytes += RecordFraming.littleEndian(number.bitPattern, count: 8)
  }

  mutating func add(_ field: UInt64, _ number: Float) {
    write(field << 3 | 5)
    bytes += RecordFraming.littleEndian(UInt64(number.bitPattern), count: 4)
  }

  /// A text or another message.
  mutating func add(_ field: UInt64, _ content: [UInt8]) {
    write(field << 3 | 2)
    write(UInt64(content.count))
    bytes += content
  }
}
