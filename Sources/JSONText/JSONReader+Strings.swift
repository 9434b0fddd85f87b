extension JSONReader {
  /// The bytes of a string; the index stands on its opening quote.
  mutating func readString() throws(Failure) -> [UInt8] {
    index += 1
    let start = index
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") {
        defer { index += 1 }
        return Array(text[start..<index])
      }
      if byte == UInt8(ascii: "\\") { return try readEscapedString(from: start) }
      guard byte >= 0x20 else { throw failure("an escaped control character") }
      index += 1
    }
    throw failure("a closing quote")
  }

  /// The rest of a string once a backslash was met.
  private mutating func readEscapedString(from start: Int) throws(Failure) -> [UInt8] {
    var bytes = Array(text[start..<index])
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return bytes
      }
      guard byte >= 0x20 else { throw failure("an escaped control character") }
      index += 1
      if byte == UInt8(ascii: "\\") {
        try readEscape(into: &bytes)
      } else {
        bytes.append(byte)
      }
    }
    throw failure("a closing quote")
  }

  private mutating func readEscape(into bytes: inout [UInt8]) throws(Failure) {
    let letter = byte
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "u"):
      index += 1
      appendUTF8(try readCodePoint(), to: &bytes)
      return
    default: throw failure("an escape character")
    }
    index += 1
  }

  /// The code point of the four digits after `\u`, joined with a low surrogate that follows a high one.
  private mutating func readCodePoint() throws(Failure) -> UInt32 {
    let first = try readFourDigits()
    guard (0xD800...0xDBFF).contains(first), text[index...].starts(with: [0x5C, 0x75]) else { return first }
    let here = index
    index += 2
    let second = try readFourDigits()
    guard (0xDC00...0xDFFF).contains(second) else {
      index = here
      return first
    }
    return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
  }

  private mutating func readFourDigits() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit = byte
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(digit - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(digit - 0x61 + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(digit - 0x41 + 10)
      default: throw failure("four hexadecimal digits")
      }
      index += 1
    }
    return value
  }

  /// Generalised UTF-8: surrogates are encoded like any other code point.
  private func appendUTF8(_ code: UInt32, to bytes: inout [UInt8]) {
    switch code {
    case ..<0x80: bytes.append(UInt8(code))
    case ..<0x800:
      bytes.append(UInt8(0xC0 | code >> 6))
      bytes.append(UInt8(0x80 | code & 0x3F))
    case ..<0x10000:
      bytes.append(UInt8(0xE0 | code >> 12))
      bytes.append(UInt8(0x80 | code >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | code & 0x3F))
    default:
      bytes.append(UInt8(0xF0 | code >> 18))
      bytes.append(UInt8(0x80 | code >> 12 & 0x3F))
      bytes.append(UInt8(0x80 | code >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | code & 0x3F))
    }
  }
}
