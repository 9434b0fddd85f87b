// Python's `str` and `repr`.
extension Renderer {
  /// Python's `str(value)`.
  func printed(_ value: Value) throws(TemplateError) -> Text {
    switch value {
    case .string(let text): return text
    case .undefined: return .empty
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return Text(String(value))
    case .float(let value): return Text(FloatFormat.shortest(value))
    default: return try represented(value)
    }
  }

  /// Python's `repr(value)`.
  func represented(_ value: Value) throws(TemplateError) -> Text {
    var text = Text.empty
    try represent(value, into: &text.bytes)
    return text
  }

  private func represent(_ value: Value, into bytes: inout [UInt8]) throws(TemplateError) {
    try charge(1)
    switch value {
    case .undefined: bytes += "Undefined".utf8
    case .string(let text):
      try reserve(text.bytes.count)
      try charge(text.bytes.count >> 3)
      if text.isMarkup { bytes += "Markup(".utf8 }
      Quoting.represent(text, into: &bytes)
      if text.isMarkup { bytes += ")".utf8 }
    case .big(let integer): bytes += try digits(integer).utf8
    case .list(let elements): try represent(elements.values, "[", "]", into: &bytes)
    case .tuple(let elements):
      try represent(elements.values, "(", elements.values.count == 1 ? ",)" : ")", into: &bytes)
    case .dictionary(let dictionary): try represent(dictionary, into: &bytes)
    case .object(let object): try represent(object, into: &bytes)
    case .none, .bool, .int, .float: bytes += try printed(value).bytes
    }
  }

  private func represent(
    _ values: [Value], _ open: String, _ close: String, into bytes: inout [UInt8]
  ) throws(TemplateError) {
    try enter()
    defer { leave() }
    try reserve(values.count * 2)
    bytes += open.utf8
    for (index, value) in values.enumerated() {
      if index > 0 { bytes += ", ".utf8 }
      try represent(value, into: &bytes)
    }
    bytes += close.utf8
  }

  private func represent(_ dictionary: Mapping, into bytes: inout [UInt8]) throws(TemplateError) {
    try enter()
    defer { leave() }
    try reserve(dictionary.count * 4)
    bytes += "{".utf8
    for (index, entry) in dictionary.entries.enumerated() {
      if index > 0 { bytes += ", ".utf8 }
      try represent(entry.key, into: &bytes)
      bytes += ": ".utf8
      try represent(entry.value, into: &bytes)
    }
    bytes += "}".utf8
  }

  private func represent(_ object: TemplateObject, into bytes: inout [UInt8]) throws(TemplateError) {
    switch object {
    case let namespace as Namespace:
      try enter()
      defer { leave() }
      try namespace.withAttributes { (attributes) throws(TemplateError) in
        bytes += "<Namespace ".utf8
        if let attributes { try represent(attributes, into: &bytes) } else { bytes += "{...}".utf8 }
        bytes += ">".utf8
      }
    case let view as DictionaryView:
      bytes += "\(view.typeName)(".utf8
      try represent(view.elements(), "[", "]", into: &bytes)
      bytes += ")".utf8
    default: bytes += object.representation.utf8
    }
  }

  /// The digits of an integer. Like Python, throws for more than 4,300 digits.
  func digits(_ integer: BigInteger, base: Int = 10) throws(TemplateError) -> String {
    try charge(integer.limbs.count * integer.limbs.count >> 4)
    let digits = integer.digits(base: base)
    guard digits.utf8.count <= 4301 else {
      throw .runtime("an integer is too large to print", expected: "at most 4300 digits", found: "\(digits.utf8.count)")
    }
    return digits
  }
}

/// String literals as written by Python's `repr`.
enum Quoting {
  /// Appends the text as a literal in single quotes, or in double quotes if it contains single but no double quotes.
  static func represent(_ text: Text, into bytes: inout [UInt8]) {
    let quote: UInt8 = text.bytes.contains(0x27) && !text.bytes.contains(0x22) ? 0x22 : 0x27
    bytes.append(quote)
    var index = 0
    while index < text.bytes.count {
      let start = index
      let code = Text.decode(text.bytes, &index)
      switch code {
      case UInt32(quote), 0x5C: bytes += [0x5C, UInt8(code)]
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0D: bytes += "\\r".utf8
      default:
        if Characters.isPrintable(code) { bytes += text.bytes[start..<index] } else { escape(code, into: &bytes) }
      }
    }
    bytes.append(quote)
  }

  private static func escape(_ code: UInt32, into bytes: inout [UInt8]) {
    let digits = String(code, radix: 16)
    let (letter, width) = code < 0x100 ? ("x", 2) : code < 0x10000 ? ("u", 4) : ("U", 8)
    bytes += "\\\(letter)\(String(repeating: "0", count: width - digits.utf8.count))\(digits)".utf8
  }
}
