extension Lexer {
  /// Reads the token at the current index, inside of a tag.
  mutating func readToken(_ open: inout [Symbol]) throws(TemplateError) {
    let byte = source[index]
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
    case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString(byte)
    default:
      if let name = nameEnd() { return try readName(to: name) }
      try readSymbol(&open)
    }
  }

  // MARK: - Names and symbols

  private func nameEnd() -> Int? {
    var end = index
    while end < source.count {
      var next = end
      guard Characters.isWord(Text.decode(source, &next)) else { break }
      end = next
    }
    return end > index ? end : nil
  }

  private mutating func readName(to end: Int) throws(TemplateError) {
    let name = Text(source[index..<end])
    guard Characters.isIdentifier(name.codePoints) else {
      throw error("no identifier", at: index, expected: "letters, digits and underscores", found: "'\(name.string)'")
    }
    add(.name(name), at: index)
    index = end
  }

  private mutating func readSymbol(_ open: inout [Symbol]) throws(TemplateError) {
    guard let found = Symbol.spellings.first(where: { source[index...].starts(with: $0.bytes) }) else {
      var end = index
      let codePoint = Text.decode(source, &end)
      throw error(
        "an unexpected character", at: index, expected: "an expression",
        found: "'\(Unicode.Scalar(codePoint).map(String.init) ?? "\u{FFFD}")'")
    }
    if let closing = found.symbol.closing {
      open.append(closing)
    } else if found.symbol.isClosing {
      guard let expected = open.popLast(), expected == found.symbol else {
        throw error(
          "brackets do not match", at: index, expected: "an expression or the right bracket",
          found: "'\(found.symbol.rawValue)'")
      }
    }
    add(.symbol(found.symbol), at: index)
    index += found.bytes.count
  }

  // MARK: - Numbers

  private func isDigit(_ offset: Int) -> Bool {
    offset < source.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(source[offset])
  }

  /// The offset after a run of digits with optional single underscores between them.
  private func digitsEnd(_ offset: Int, _ isDigit: (UInt8) -> Bool = { $0 >= 0x30 && $0 <= 0x39 }) -> Int {
    var end = offset
    while end < source.count {
      if isDigit(source[end]) {
        end += 1
      } else if source[end] == UInt8(ascii: "_"), end > offset, end + 1 < source.count, isDigit(source[end + 1]) {
        end += 2
      } else {
        break
      }
    }
    return end
  }

  private mutating func readNumber() throws(TemplateError) {
    let start = index
    if index == 0 || source[index - 1] != UInt8(ascii: "."), let end = floatEnd() {
      let digits = source[start..<end].filter { $0 != UInt8(ascii: "_") }
      add(.float(Double(String(decoding: digits, as: UTF8.self)) ?? .infinity), at: start)
      index = end
      return
    }
    var base: UInt32 = 10
    var first = start
    var end = start + 1
    if source[start] == UInt8(ascii: "0") {
      end = digitsEnd(start) { $0 == UInt8(ascii: "0") }
      if end == start + 1, end < source.count, let other = Self.bases[source[end] | 0x20] {
        // An underscore may follow the prefix.
        let digits = end + 1 < source.count && source[end + 1] == UInt8(ascii: "_") ? end + 2 : end + 1
        let stop = digitsEnd(digits) { BigInteger.digit($0).map { $0 < other } ?? false }
        if stop > digits {
          base = other
          first = digits
          end = stop
        }
      }
    } else {
      end = digitsEnd(start)
    }
    let digits = source[first..<end].filter { $0 != UInt8(ascii: "_") }
    guard digits.count <= 4300 else {
      throw error("a number is too long", at: start, expected: "at most 4300 digits", found: "\(digits.count)")
    }
    add(.integer(BigInteger(digits: digits, base: base) ?? BigInteger(0)), at: start)
    index = end
  }

  private static let bases: [UInt8: UInt32] = [UInt8(ascii: "b"): 2, UInt8(ascii: "o"): 8, UInt8(ascii: "x"): 16]

  /// The offset after a number with a fraction, an exponent, or both; `nil` if there is none.
  private func floatEnd() -> Int? {
    let whole = digitsEnd(index)
    var end = whole
    if end < source.count, source[end] == UInt8(ascii: "."), isDigit(end + 1) { end = digitsEnd(end + 1) }
    if end < source.count, source[end] | 0x20 == UInt8(ascii: "e") {
      var exponent = end + 1
      if exponent < source.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(source[exponent]) { exponent += 1 }
      if isDigit(exponent) { return digitsEnd(exponent) }
    }
    return end > whole ? end : nil
  }

  // MARK: - Strings

  private mutating func readString(_ quote: UInt8) throws(TemplateError) {
    let start = index
    var bytes: [UInt8] = []
    index += 1
    while index < source.count {
      let byte = source[index]
      index += 1
      if byte == quote {
        add(.string(Text(bytes)), at: start)
        return
      }
      if byte == UInt8(ascii: "\\"), index < source.count {
        try readEscape(into: &bytes)
      } else {
        bytes.append(byte)
      }
    }
    throw error("an unclosed string", at: start, expected: "a closing quote", found: "the end of the template")
  }

  /// Reads an escape after its backslash. Unknown escapes keep their backslash.
  private mutating func readEscape(into bytes: inout [UInt8]) throws(TemplateError) {
    let start = index
    let code = Text.decode(source, &index)
    switch Unicode.Scalar(code) {
    case "\n": break
    case "\\", "'", "\"": bytes.append(UInt8(code))
    case "a": bytes.append(0x07)
    case "b": bytes.append(0x08)
    case "f": bytes.append(0x0C)
    case "n": bytes.append(0x0A)
    case "r": bytes.append(0x0D)
    case "t": bytes.append(0x09)
    case "v": bytes.append(0x0B)
    case "x": Text.append(try readDigits(2, from: start), to: &bytes)
    case "u": Text.append(try readDigits(4, from: start), to: &bytes)
    case "U": Text.append(try readDigits(8, from: start), to: &bytes)
    case "0", "1", "2", "3", "4", "5", "6", "7":
      var value = code - 0x30
      for _ in 0..<2 where index < source.count && (0x30...0x37).contains(source[index]) {
        value = value << 3 | UInt32(source[index] - 0x30)
        index += 1
      }
      Text.append(value, to: &bytes)
    case "N":
      throw error(
        "a character by its name", at: start - 1, expected: "an escape with digits", found: "'\\N'",
        hint: "write the character itself, or \\u and its number")
    default:
      bytes.append(UInt8(ascii: "\\"))
      if code < 0x80 {
        bytes.append(UInt8(code))
      } else {
        // Jinja first escapes all non-ASCII characters and then decodes escapes. So here the backslash escapes the
        // backslash of the character's own escape.
        let digits = String(code, radix: 16)
        let (letter, width) = code < 0x100 ? ("x", 2) : code < 0x10000 ? ("u", 4) : ("U", 8)
        bytes += Array((letter + String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits).utf8)
      }
    }
  }

  private mutating func readDigits(_ count: Int, from start: Int) throws(TemplateError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard index < source.count, let digit = BigInteger.digit(source[index]), digit < 16 else {
        throw error("an incomplete escape", at: start - 1, expected: "\(count) hexadecimal digits", found: "fewer")
      }
      value = value << 4 | digit
      index += 1
    }
    guard value <= 0x10FFFF else {
      throw error("not a code point", at: start - 1, expected: "at most \\U0010ffff", found: String(value, radix: 16))
    }
    return value
  }
}
