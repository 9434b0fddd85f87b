extension JSONReader {
  /// Powers of ten that are exact as doubles.
  private static let exactPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// A number: an integer where it has neither fraction nor exponent and fits, else the nearest double.
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
      // Both factors are exact, so the one rounding is the right one (Clinger 1990).
      let mantissa = Double(digits.magnitude)
      let power = Self.exactPowers[abs(exponent)]
      let magnitude = exponent < 0 ? mantissa / power : mantissa * power
      return .double(negative ? -magnitude : magnitude)
    }
    return .double(Double(String(decoding: text[start..<index], as: UTF8.self)) ?? .nan)
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

/// The digits of a number as far as they fit 64 bits.
private struct DecimalDigits {
  var magnitude: UInt64 = 0
  var overflowed = false

  /// Whether the digits are exact as a double.
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
