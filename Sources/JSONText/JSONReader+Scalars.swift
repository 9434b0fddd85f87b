extension JSONReader {
  /// Reads a string; the index is at its opening quote.
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

  /// Reads the rest of a string from its first backslash on.
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

  /// Reads the four digits after `\u`. A high surrogate is combined with a low surrogate that follows it.
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

  /// Appends a code point as generalized UTF-8, which encodes surrogates like any other code point.
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

extension JSONReader {
  /// The powers of ten that a double represents exactly.
  private static let exactPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// Reads a number: an integer if it has no fraction or exponent and fits `Int`, else the nearest double.
  mutating func readNumber() throws(Failure) -> JSONValue {
    let start = index
    let negative = accept("-")
    if negative, byte == UInt8(ascii: "I") { return try readWord("Infinity", .double(-.infinity)) }
    var digits = DecimalDigits()
    guard isDigit(byte) else { throw failure("a digit") }
    if byte == UInt8(ascii: "0") {
      index += 1
    } else {
      readDigits(into: &digits)
    }
    var whole = true
    var exponent = 0
    if accept(".") {
      whole = false
      let first = index
      readDigits(into: &digits)
      guard index > first else { throw failure("a digit") }
      exponent = first - index
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      whole = false
      index += 1
      exponent += try readExponent()
    }
    if whole, let integer = digits.integer(negative: negative) { return .integer(integer) }
    if digits.isExact, abs(exponent) <= 22 {
      // Both operands are exact, so the single rounding is correct (Clinger 1990).
      let mantissa = Double(digits.magnitude)
      let power = Self.exactPowers[abs(exponent)]
      let magnitude = exponent < 0 ? mantissa / power : mantissa * power
      return .double(negative ? -magnitude : magnitude)
    }
    if !digits.overflowed, (-27...0).contains(exponent) {
      let magnitude = Self.quotient(digits.magnitude, byTenToThe: -exponent)
      return .double(negative ? -magnitude : magnitude)
    }
    return .double(Double(String(decoding: text[start..<index], as: UTF8.self)) ?? .nan)
  }

  /// The powers of five that 64 bits represent.
  private static let powersOfFive: [UInt64] = (0..<27).reduce(into: [1]) { powers, _ in
    powers.append(powers[powers.count - 1] * 5)
  }

  /// The double nearest to `digits / 10^places`, for `digits` above 0 and `places` from 0 to 27.
  ///
  /// Both integers are shifted until their highest bits are set, so the quotient has at least 63 bits. Its last bit
  /// also stands for the remainder, which is below the bit that decides the rounding.
  private static func quotient(_ digits: UInt64, byTenToThe places: Int) -> Double {
    let power = powersOfFive[places]
    let (up, down) = (digits.leadingZeroBitCount, power.leadingZeroBitCount)
    let dividend = digits << UInt64(up)
    let (quotient, remainder) = (power << UInt64(down)).dividingFullWidth((dividend >> 1, dividend << 63))
    let exponent = down - up - 63 - places
    return Double(quotient | (remainder == 0 ? 0 : 1)) * Double(bitPattern: UInt64(1_023 + exponent) << 52)
  }

  @inline(__always) private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private mutating func readDigits(into digits: inout DecimalDigits) {
    while isDigit(byte) {
      digits.append(byte - 0x30)
      index += 1
    }
  }

  private mutating func readExponent() throws(Failure) -> Int {
    let negative = accept("-")
    if !negative { _ = accept("+") }
    guard isDigit(byte) else { throw failure("a digit") }
    var value = 0
    while isDigit(byte) {
      value = min(value * 10 + Int(byte - 0x30), 1_000_000)
      index += 1
    }
    return negative ? -value : value
  }
}

/// The digits of a number as a 64-bit integer. `overflowed` is set if they do not fit.
private struct DecimalDigits {
  var magnitude: UInt64 = 0
  var overflowed = false

  /// Whether the magnitude is exact as a double.
  var isExact: Bool { !overflowed && magnitude <= 1 << 53 }

  @inline(__always) mutating func append(_ digit: UInt8) {
    let (tens, lost) = magnitude.multipliedReportingOverflow(by: 10)
    let (sum, carried) = tens.addingReportingOverflow(UInt64(digit))
    overflowed = overflowed || lost || carried
    magnitude = sum
  }

  func integer(negative: Bool) -> Int? {
    if overflowed { return nil }
    if !negative { return Int(exactly: magnitude) }
    return magnitude == 1 << 63 ? Int.min : Int(exactly: magnitude).map { -$0 }
  }
}
