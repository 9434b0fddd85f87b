// Attributes of numbers, and conversion of strings to numbers.
extension Renderer {
  func numberAttribute(_ name: Text, of value: Value) throws(TemplateError) -> Value? {
    let number = Number(value)?.value ?? value
    switch (name, number) {
    case ("real", _): return number
    case ("imag", .float): return .float(0)
    case ("imag", _): return .int(0)
    case ("numerator", .int), ("numerator", .big): return number
    case ("denominator", .int), ("denominator", .big): return .int(1)
    case ("conjugate", _): return try method(name, number) { number }
    case ("bit_length", .int), ("bit_length", .big):
      return try method(name, number) { Number(number)?.integer.map { .int($0.bitWidth) } ?? .none }
    case ("bit_count", .int), ("bit_count", .big):
      return try method(name, number) {
        Number(number)?.integer.map { .int($0.limbs.reduce(0) { $0 + $1.nonzeroBitCount }) } ?? .none
      }
    case ("is_integer", .float(let float)):
      return try method(name, number) { .bool(float.isFinite && float == float.rounded()) }
    default: return nil
    }
  }

  private func method(_ name: Text, _ value: Value, _ result: @escaping () -> Value) throws(TemplateError) -> Value {
    .object(
      try NativeFunction(Signature(name.string, ""), receiver: value) { (_, _) throws(TemplateError) in result() })
  }
}

/// Parses numbers in strings, as Python's `int` and `float` do.
enum NumberText {
  /// Parses an integer in a base from 2 to 36, or with base 0 according to its prefix; `nil` if the text is not an
  /// integer.
  static func integer(_ text: Text, base: Int) -> BigInteger? {
    var bytes = stripped(text)
    var isNegative = false
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      bytes.removeFirst()
    }
    var base = base
    let prefixes: [(letter: UInt8, base: Int)] = [(0x78, 16), (0x6F, 8), (0x62, 2)]
    var hadPrefix = false
    if bytes.count > 1, bytes[bytes.startIndex] == 0x30,
      let prefix = prefixes.first(where: { $0.letter == bytes[bytes.startIndex + 1] | 0x20 }),
      base == 0 || base == prefix.base
    {
      base = prefix.base
      bytes.removeFirst(2)
      hadPrefix = true
    }
    if base == 0 {
      guard bytes.first != 0x30 || bytes.allSatisfy({ $0 == 0x30 || $0 == 0x5F }) else { return nil }
      base = 10
    }
    if hadPrefix, bytes.first == 0x5F { bytes.removeFirst() }
    guard (2...36).contains(base), let digits = withoutUnderscores(bytes),
      digits.count <= 4300 || base & (base - 1) == 0,
      digits.count <= 1 << 14, let integer = BigInteger(digits: digits, base: UInt32(base))
    else { return nil }
    return isNegative ? -integer : integer
  }

  /// Parses a floating-point number; `nil` if the text is not a number.
  static func float(_ text: Text) -> Double? {
    var bytes = stripped(text)
    var sign = 1.0
    if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? -1 : 1
      bytes.removeFirst()
    }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "inf", "infinity": return sign * .infinity
    case "nan": return .nan
    default:
      guard let first = bytes.first, (0x30...0x39).contains(first) || first == 0x2E,
        let digits = withoutUnderscores(bytes, allowing: [0x2E, 0x2B, 0x2D, 0x65, 0x45])
      else { return nil }
      var text = String(decoding: digits, as: UTF8.self)
      // Swift accepts neither `.5` nor `5.`.
      if text.hasPrefix(".") { text = "0" + text }
      if let point = text.firstIndex(of: "."),
        !(text.index(after: point) < text.endIndex && text[text.index(after: point)].isNumber)
      {
        text.remove(at: point)
        if first == 0x2E { return nil }
      }
      return Double(text).map { sign * $0 }
    }
  }

  private static func stripped(_ text: Text) -> ArraySlice<UInt8> {
    let start = Characters.start(strippingSpace: text.bytes[...])
    return text.bytes[start..<max(start, Characters.end(strippingSpace: text.bytes[...]))].map { $0 }[...]
  }

  /// The digits without the underscores between them; `nil` if there are other characters or misplaced underscores.
  private static func withoutUnderscores(_ bytes: ArraySlice<UInt8>, allowing others: [UInt8] = []) -> [UInt8]? {
    guard !bytes.isEmpty else { return nil }
    var digits: [UInt8] = []
    var previous: UInt8 = 0x5F
    for byte in bytes {
      if byte == 0x5F {
        guard BigInteger.digit(previous) != nil else { return nil }
      } else {
        guard previous != 0x5F || digits.isEmpty || BigInteger.digit(byte) != nil else { return nil }
        guard BigInteger.digit(byte) != nil || others.contains(byte) else { return nil }
        digits.append(byte)
      }
      previous = byte
    }
    return previous == 0x5F ? nil : digits
  }
}
