extension Renderer {
  /// `format % value`: fills the `%` fields of a string.
  func percentFormat(_ format: Text, _ value: Value) throws(TemplateError) -> Text {
    var fields = PercentFields(value)
    let codes = format.codePoints
    var result: [UInt32] = []
    var index = 0
    try reserve(format.bytes.count * 4)
    try scan(format)
    while index < codes.count {
      guard codes[index] == UInt32(UInt8(ascii: "%")) else {
        result.append(codes[index])
        index += 1
        continue
      }
      index += 1
      let part = try field(codes, &index, &fields, isMarkup: format.isMarkup)
      try reserve(part.bytes.count * 4)
      try scan(part)
      result += part.codePoints
    }
    guard fields.areAllUsed else {
      throw .runtime("too many values for the format", expected: "a value for each field", found: "more")
    }
    return Text(result).marked(like: format)
  }

  private func field(
    _ codes: [UInt32], _ index: inout Int, _ fields: inout PercentFields, isMarkup: Bool
  ) throws(TemplateError) -> Text {
    if index < codes.count, codes[index] == UInt32(UInt8(ascii: "(")) { try fields.select(name(codes, &index), self) }
    var spec = FormatSpec()
    var isLeft = false
    flags: while index < codes.count {
      switch Unicode.Scalar(codes[index]) {
      case "-": isLeft = true
      case "+": spec.sign = codes[index]
      case " ": if spec.sign == 0 { spec.sign = codes[index] }
      case "#": spec.isAlternate = true
      case "0": spec.hasZeros = true
      default: break flags
      }
      index += 1
    }
    if try starred(codes, &index) {
      spec.width = try fields.next().int("width")
      isLeft = isLeft || spec.width < 0
      spec.width = Int(clamping: spec.width.magnitude)
    } else {
      spec.width = try FormatSpec.number(codes, &index) ?? 0
    }
    if index < codes.count, codes[index] == UInt32(UInt8(ascii: ".")) {
      index += 1
      spec.precision =
        try starred(codes, &index) ? max(fields.next().int("precision"), 0) : FormatSpec.number(codes, &index) ?? 0
    }
    while index < codes.count, [0x68, 0x6C, 0x4C].contains(codes[index]) { index += 1 }
    guard index < codes.count else {
      throw .runtime("an incomplete format", expected: "a letter after '%'", found: "the end of the string")
    }
    let letter = Unicode.Scalar(codes[index]).map(Character.init) ?? "\0"
    index += 1
    if letter == "%" { return "%" }
    spec.alignment = UInt32(isLeft ? UInt8(ascii: "<") : UInt8(ascii: ">"))
    try reserve(spec.width)
    try reserve(spec.precision ?? 0)
    let value = try fields.next()
    return try converted(value, letter, &spec, isLeft: isLeft, isMarkup: isMarkup)
  }

  private func converted(
    _ value: Value, _ letter: Character, _ spec: inout FormatSpec, isLeft: Bool, isMarkup: Bool
  ) throws(TemplateError) -> Text {
    switch letter {
    case "s", "r", "a":
      var text = try letter == "s" ? printed(value) : represented(value)
      if letter == "a" { text = asciiOnly(text) }
      if isMarkup { text = try escaped(text) }
      spec.sign = 0
      return try formatted(.string(text), spec)
    case "c":
      spec.precision = nil
      spec.sign = 0
      if case .string(let text) = value, text.count == 1 { return try formatted(value, spec) }
      guard let code = value.index, (0...0x10FFFF).contains(code) else {
        throw .runtime("'%c' needs a character", expected: "one character or its number", found: value.typeName)
      }
      return try formatted(.string(Text([UInt32(code)])), spec)
    case "d", "i", "u", "o", "x", "X":
      var integer: BigInteger
      switch Number(value) {
      case .int(let number): integer = BigInteger(number)
      case .big(let number): integer = number
      case .float(let number) where "diu".contains(letter) && number.isFinite: integer = BigInteger(number)
      default: throw .runtime("'%\(letter)' needs an integer", expected: "an integer", found: value.typeName)
      }
      return try paddedInteger(&integer, letter, &spec, isLeft: isLeft)
    case "e", "E", "f", "F", "g", "G":
      guard let number = Number(value)?.double else {
        throw .runtime("'%\(letter)' needs a number", expected: "a number", found: value.typeName)
      }
      spec.type = letter.unicodeScalars.first?.value ?? 0
      if spec.hasZeros, !isLeft, number.isFinite { (spec.fill, spec.alignment) = (0x30, UInt32(UInt8(ascii: "="))) }
      return try formatted(.float(number), spec)
    default:
      throw .runtime("an unknown format", expected: "a letter of Python's formats", found: "'%\(letter)'")
    }
  }

  /// Formats an integer with a minimum number of digits given by the precision.
  private func paddedInteger(
    _ integer: inout BigInteger, _ letter: Character, _ spec: inout FormatSpec, isLeft: Bool
  ) throws(TemplateError) -> Text {
    spec.type = (("diu".contains(letter) ? "d" : letter).unicodeScalars.first?.value) ?? 0
    if spec.hasZeros, !isLeft { (spec.fill, spec.alignment) = (0x30, UInt32(UInt8(ascii: "="))) }
    guard let precision = spec.precision else { return try formatted(integer, spec) }
    spec.precision = nil
    let (width, fill, alignment) = (spec.width, spec.fill, spec.alignment)
    (spec.width, spec.fill, spec.alignment) = (0, 0x30, UInt32(UInt8(ascii: "=")))
    let digits = try formatted(integer, spec)
    let extra =
      digits.bytes.filter { BigInteger.digit($0) == nil }.count
      + (spec.isAlternate && letter != "d" && "oxX".contains(letter) ? 2 : 0)
    spec.width = precision + extra
    let text = try formatted(integer, spec)
    (spec.width, spec.fill, spec.alignment, spec.sign, spec.type) = (width, fill, alignment, 0, 0)
    if spec.hasZeros, !isLeft, text.count < width {
      // Zero padding goes after the sign, and digits required by the precision are zeros too.
      spec.alignment = UInt32(UInt8(ascii: "="))
      (spec.fill, spec.type) = (0x30, ("diu".contains(letter) ? "d" : letter).unicodeScalars.first?.value ?? 0)
      return try formatted(integer, spec)
    }
    return try formatted(.string(text), spec)
  }

  private func starred(_ codes: [UInt32], _ index: inout Int) throws(TemplateError) -> Bool {
    guard index < codes.count, codes[index] == UInt32(UInt8(ascii: "*")) else { return false }
    index += 1
    return true
  }

  /// Reads the name in parentheses after `%`.
  private func name(_ codes: [UInt32], _ index: inout Int) throws(TemplateError) -> Text {
    var depth = 0
    let start = index + 1
    while index < codes.count {
      if codes[index] == UInt32(UInt8(ascii: "(")) { depth += 1 }
      if codes[index] == UInt32(UInt8(ascii: ")")) { depth -= 1 }
      index += 1
      if depth == 0 { return Text(codes[start..<index - 1]) }
    }
    throw .runtime("an incomplete format", expected: "')'", found: "the end of the string")
  }

  /// The text with non-ASCII characters escaped.
  func asciiOnly(_ text: Text) -> Text {
    var bytes: [UInt8] = []
    for code in text.codePoints {
      if code < 0x80 {
        bytes.append(UInt8(code))
      } else {
        let digits = String(code, radix: 16)
        let (letter, width) = code < 0x100 ? ("x", 2) : code < 0x10000 ? ("u", 4) : ("U", 8)
        bytes += "\\\(letter)\(String(repeating: "0", count: width - digits.utf8.count))\(digits)".utf8
      }
    }
    return Text(bytes)
  }
}

/// The values for the fields of a `%` format.
private struct PercentFields {
  private let value: Value
  private let values: [Value]
  private var used = 0
  private var selected: Value?
  private var isNamed = false

  init(_ value: Value) {
    self.value = value
    if case .tuple(let elements) = value { values = elements.values } else { values = [value] }
  }

  var areAllUsed: Bool {
    if isNamed { return true }
    if used >= values.count { return true }
    // Python does not complain about an unused dictionary or list.
    if case .tuple = value { return false }
    if case .string = value { return false }
    switch value {
    case .dictionary, .list, .object: return used == 0
    default: return false
    }
  }

  mutating func select(_ name: Text, _ renderer: Renderer) throws(TemplateError) {
    isNamed = true
    guard case .dictionary(let dictionary) = value else {
      throw .runtime("a format with names needs a dictionary", expected: "a dictionary", found: value.typeName)
    }
    guard let found = dictionary[name] else {
      throw .runtime("a format names an unknown key", expected: "a key of the dictionary", found: "'\(name.string)'")
    }
    selected = found
  }

  mutating func next() throws(TemplateError) -> Value {
    if let selected {
      self.selected = nil
      return selected
    }
    guard used < values.count else {
      throw .runtime("too few values for the format", expected: "a value for each field", found: "\(values.count)")
    }
    used += 1
    return values[used - 1]
  }
}
