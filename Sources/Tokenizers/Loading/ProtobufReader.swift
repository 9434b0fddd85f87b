/// Walks the fields of one protocol buffer message (protobuf.dev, "Encoding"); every length is checked before it is
/// used.
struct ProtobufReader {
  enum Value {
    case integer(UInt64)
    case fixed32(UInt32)
    case fixed64
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  private let path: String

  init(_ bytes: ArraySlice<UInt8>, path: String) {
    rest = bytes
    self.path = path
  }

  private func cutOff() -> TokenizerError {
    .invalid(path: path, expected: "a whole protocol buffer message", found: "a field cut off or malformed")
  }

  /// The next field, `nil` at the end.
  mutating func next() throws(TokenizerError) -> (number: UInt64, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let tag = try readInteger()
    switch tag & 7 {
    case 0: return (tag >> 3, .integer(try readInteger()))
    case 1:
      _ = try take(8)
      return (tag >> 3, .fixed64)
    case 2:
      guard let length = Int(exactly: try readInteger()) else { throw cutOff() }
      return (tag >> 3, .bytes(try take(length)))
    case 5:
      let bits = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return (tag >> 3, .fixed32(bits))
    default: throw cutOff()
    }
  }

  private mutating func take(_ count: Int) throws(TokenizerError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw cutOff() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func readInteger() throws(TokenizerError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw cutOff() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw cutOff()
  }
}
