extension JSONValue {
  /// The value as JSON text. Members keep their order. Doubles are written with the fewest digits that parse to the
  /// same value; non-finite numbers become `null`. Control characters are escaped, and invalid UTF-8 becomes U+FFFD.
  /// - Parameter pretty: whether to write one member or element per line, indented by two spaces.
  public func serialized(pretty: Bool = false) -> String {
    var writer = JSONWriter(pretty: pretty)
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct JSONWriter {
  let pretty: Bool
  var bytes: [UInt8] = []
  var level = 0

  init(pretty: Bool) { self.pretty = pretty }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: append("null")
    case .bool(let bool): append(bool ? "true" : "false")
    case .integer(let number): append(String(number))
    case .double(let number): append(number.isFinite ? number.description : "null")
    case .string(let string): writeString(string)
    case .array(let elements):
      writeList("[", "]", elements) { (writer, element) in writer.write(element) }
    case .object(let object):
      writeList("{", "}", object.members) { (writer, member) in
        writer.writeString(member.key)
        writer.append(writer.pretty ? ": " : ":")
        writer.write(member.value)
      }
    }
  }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func writeList<T>(
    _ opening: String, _ closing: String, _ items: [T], _ body: (inout JSONWriter, T) -> Void
  ) {
    append(opening)
    level += 1
    for (number, item) in items.enumerated() {
      if number > 0 { append(",") }
      breakLine()
      body(&self, item)
    }
    level -= 1
    if !items.isEmpty { breakLine() }
    append(closing)
  }

  private mutating func breakLine() {
    guard pretty else { return }
    append("\n")
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
  }

  private mutating func writeString(_ string: ByteString) {
    append("\"")
    var previous: UInt8 = 0
    for byte in string.bytes {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20, 0x7F: escape(byte)
      case 0x80..<0xA0 where previous == 0xC2:
        // Escape C1 control characters, because terminals interpret them.
        bytes.removeLast()
        escape(byte)
      default: bytes.append(byte)
      }
      previous = byte
    }
    append("\"")
  }

  private mutating func escape(_ code: UInt8) {
    append("\\u00" + (code < 16 ? "0" : "") + String(code, radix: 16))
  }
}
