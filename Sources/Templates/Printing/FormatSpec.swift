/// A format specification of Python's `format`, also used for `%` fields with their own flags.
struct FormatSpec {
  var fill: UInt32 = 0x20
  /// `<`, `>`, `^` or `=`; 0 for the default of the value's type.
  var alignment: UInt32 = 0
  /// `+`, `-` or a space; 0 for none.
  var sign: UInt32 = 0
  var isAlternate = false
  var hasZeros = false
  /// Whether numbers are padded between sign and digits without an explicit alignment (flag `0`).
  var fillsNumbers = false
  var width = 0
  /// `,` or `_`; 0 for none.
  var grouping: UInt32 = 0
  var precision: Int?
  /// The letter of the presentation type; 0 for none.
  var type: UInt32 = 0

  init() {}

  /// Parses `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
  init(_ text: Text) throws(TemplateError) {
    let codes = text.codePoints
    var index = 0
    let isAlignment = { (place: Int) in place < codes.count && Self.codes("<>^=").contains(codes[place]) }
    func accept(_ letters: String) -> UInt32 {
      guard index < codes.count, Self.codes(letters).contains(codes[index]) else { return 0 }
      index += 1
      return codes[index - 1]
    }
    if isAlignment(1) {
      fill = codes[0]
      alignment = codes[1]
      index = 2
    } else if isAlignment(0) {
      alignment = codes[0]
      index = 1
    }
    sign = accept("+- ")
    _ = accept("z")
    isAlternate = accept("#") != 0
    hasZeros = accept("0") != 0
    width = try Self.number(codes, &index) ?? 0
    grouping = accept(",_")
    if accept(".") != 0 {
      guard let digits = try Self.number(codes, &index) else { throw Self.error(text) }
      precision = digits
    }
    type = accept("bcdeEfFgGnosxX%")
    guard index == codes.count else { throw Self.error(text) }
    if hasZeros, alignment == 0 {
      fill = 0x30
      // Numbers are padded after their sign, strings at their end.
      fillsNumbers = true
    }
  }

  private static func codes(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

  /// Parses digits; `nil` if there are none.
  static func number(_ codes: [UInt32], _ index: inout Int) throws(TemplateError) -> Int? {
    let start = index
    var value = 0
    while index < codes.count, (0x30...0x39).contains(codes[index]) {
      value = value * 10 + Int(codes[index] - 0x30)
      guard value < 1 << 31 else {
        throw TemplateError(.limit, "a field is too wide", expected: "a smaller number", found: "\(value)")
      }
      index += 1
    }
    return index > start ? value : nil
  }

  private static func error(_ text: Text) -> TemplateError {
    .runtime("a wrong format", expected: "a format of Python", found: "'\(text.string)'")
  }
}

extension Renderer {
  /// Formats a value, as Python's `format` does.
  func formatted(_ value: Value, _ spec: FormatSpec) throws(TemplateError) -> Text {
    try reserve(spec.width + (spec.precision ?? 0))
    switch value {
    case .string(let text): return try formatted(text, spec)
    case .int, .big, .bool, .float:
      var spec = spec
      if spec.fillsNumbers { spec.alignment = UInt32(UInt8(ascii: "=")) }
      if case .float(let number) = value { return try formatted(number, spec) }
      let letter = spec.letter
      if let number = Number(value), "eEfFgG%".contains(letter) { return try formatted(number.double, spec) }
      guard let integer = Number(value)?.integer else { return .empty }
      return try formatted(integer, spec)
    default: throw .runtime("the value has no format", expected: "a string or number", found: value.typeName)
    }
  }

  private func formatted(_ text: Text, _ spec: FormatSpec) throws(TemplateError) -> Text {
    try scan(text)
    guard spec.type == 0 || spec.letter == "s", spec.sign == 0, spec.grouping == 0 else { throw wrongType(spec, "str") }
    let cut = spec.precision.map { text.count > $0 ? text.slice(0..<$0) : text } ?? text
    return padded(cut.codePoints, spec, own: "<")
  }

  func formatted(_ integer: BigInteger, _ spec: FormatSpec) throws(TemplateError) -> Text {
    guard spec.precision == nil else { throw wrongType(spec, "int") }
    let magnitude = integer.isNegative ? -integer : integer
    var prefix = ""
    var digits: String
    switch spec.letter {
    case "b": (prefix, digits) = ("0b", magnitude.digits(base: 2))
    case "o": (prefix, digits) = ("0o", magnitude.digits(base: 8))
    case "x": (prefix, digits) = ("0x", magnitude.digits(base: 16))
    case "X": (prefix, digits) = ("0X", magnitude.digits(base: 16).uppercased())
    case "c":
      guard let code = integer.int, (0...0x10FFFF).contains(code) else {
        throw .runtime("not a code point", expected: "at most 1114111", found: "another number")
      }
      return padded([UInt32(code)], spec, own: "<")
    case "d", "n", "\0": digits = try self.digits(magnitude)
    default: throw wrongType(spec, "int")
    }
    let size = "box".contains(spec.letter.lowercased()) ? 4 : 3
    if spec.grouping != 0 { digits = grouped(digits, spec, size) }
    return number(digits, isNegative: integer.isNegative, prefix: spec.isAlternate ? prefix : "", spec)
  }

  private func formatted(_ value: Double, _ spec: FormatSpec) throws(TemplateError) -> Text {
    let precision = spec.precision ?? 6
    guard precision <= FloatFormat.longest * 4 else {
      throw TemplateError(.limit, "too many digits", expected: "fewer", found: "\(precision)")
    }
    let magnitude = value.magnitude
    var digits: String
    switch spec.letter {
    case "e", "f", "g", "E", "F", "G":
      digits = FloatFormat.formatted(
        magnitude, Character(spec.letter.lowercased()), precision: precision, isAlternate: spec.isAlternate)
      if spec.letter.isUppercase { digits = digits.uppercased() }
    case "%":
      digits = FloatFormat.formatted(magnitude * 100, "f", precision: precision) + "%"
    case "n": digits = FloatFormat.formatted(magnitude, "g", precision: precision)
    case "\0":
      digits = spec.precision.map { general(magnitude, precision: max($0, 1)) } ?? FloatFormat.shortest(magnitude)
    default: throw wrongType(spec, "float")
    }
    if spec.grouping != 0 {
      let whole = digits.prefix { $0.isNumber }
      digits = grouped(String(whole), spec, 3) + digits.dropFirst(whole.count)
    }
    return number(digits, isNegative: value.sign == .minus && !value.isNaN, prefix: "", spec)
  }

  /// The presentation without a type letter but with a precision: like `g`, but with at least one digit after the
  /// point.
  private func general(_ value: Double, precision: Int) -> String {
    let digits = FloatFormat.formatted(value, "g", precision: precision)
    guard value.isFinite else { return digits }
    // It switches to the exponent form one digit earlier than `g`.
    let scientific = FloatFormat.formatted(value, "e", precision: precision - 1)
    if let exponent = scientific.split(separator: "e").last.flatMap({ Int($0) }), exponent == precision - 1,
      precision > 0
    {
      let (mantissa, power) = (scientific.prefix { $0 != "e" }, scientific.drop { $0 != "e" })
      var shown = String(mantissa)
      if shown.contains(".") {
        while shown.hasSuffix("0") { shown.removeLast() }
        if shown.hasSuffix(".") { shown.removeLast() }
      }
      return shown + power
    }
    return digits.contains(".") || digits.contains("e") ? digits : digits + ".0"
  }

  /// Digits with separators, padded with grouped zeros to the width if required.
  private func grouped(_ digits: String, _ spec: FormatSpec, _ size: Int) -> String {
    let separator = Character(Unicode.Scalar(spec.grouping) ?? ",")
    var digits = Array(digits)
    if spec.fill == 0x30, spec.letterOfAlignment == "=" {
      while digits.count + (digits.count - 1) / size < spec.width { digits.insert("0", at: 0) }
    }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % size == 0 { result.append(separator) }
      result.append(digit)
    }
    return result
  }

  /// Digits with sign, prefix and padding.
  private func number(_ digits: String, isNegative: Bool, prefix: String, _ spec: FormatSpec) -> Text {
    let sign = isNegative ? "-" : spec.sign == UInt32(UInt8(ascii: "+")) ? "+" : spec.sign == 0x20 ? " " : ""
    let front = (sign + prefix).unicodeScalars.map(\.value)
    let codes = digits.unicodeScalars.map(\.value)
    guard spec.letterOfAlignment == "=" else { return padded(front + codes, spec, own: ">") }
    let fill = [UInt32](repeating: spec.fill, count: max(spec.width - front.count - codes.count, 0))
    return Text(front + fill + codes)
  }

  private func padded(_ codes: [UInt32], _ spec: FormatSpec, own: Character) -> Text {
    let missing = max(spec.width - codes.count, 0)
    let before: Int
    switch spec.alignment == 0 ? own : spec.letterOfAlignment {
    case ">", "=": before = missing
    case "^": before = missing / 2
    default: before = 0
    }
    let fill = { [UInt32](repeating: spec.fill, count: $0) }
    return Text(fill(before) + codes + fill(missing - before))
  }

  private func wrongType(_ spec: FormatSpec, _ type: String) -> TemplateError {
    .runtime("a format does not fit its value", expected: "a format of '\(type)'", found: "'\(spec.letter)'")
  }
}

extension FormatSpec {
  var letter: Character { Character(Unicode.Scalar(type) ?? "\0") }
  var letterOfAlignment: Character { Character(Unicode.Scalar(alignment) ?? "\0") }
}
