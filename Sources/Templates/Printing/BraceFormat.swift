extension Renderer {
  /// `format.format(…)`: fills the replacement fields (in braces) of a string.
  func braceFormat(_ format: Text, _ arguments: Arguments) throws(TemplateError) -> Text {
    var formatter = BraceFormatter(renderer: self, arguments: arguments, isMarkup: format.isMarkup)
    try reserve(format.bytes.count)
    try scan(format)
    return try formatter.text(format.codePoints, depth: 2).marked(like: format)
  }
}

/// Fills the replacement fields of one format string.
private struct BraceFormatter {
  let renderer: Renderer
  let arguments: Arguments
  let isMarkup: Bool
  /// The index of the next field without a number.
  private var automatic = 0
  private var isNumbered: Bool?

  init(renderer: Renderer, arguments: Arguments, isMarkup: Bool) {
    self.renderer = renderer
    self.arguments = arguments
    self.isMarkup = isMarkup
  }

  private static let open = UInt32(UInt8(ascii: "{"))
  private static let close = UInt32(UInt8(ascii: "}"))

  mutating func text(_ codes: [UInt32], depth: Int) throws(TemplateError) -> Text {
    guard depth >= 0 else { throw error("fields nest too deep", "a format of two levels", "more") }
    var result = Text.empty
    var index = 0
    while index < codes.count {
      let code = codes[index]
      index += 1
      if code == Self.open || code == Self.close, index < codes.count, codes[index] == code {
        index += 1
        Text.append(code, to: &result.bytes)
      } else if code == Self.open {
        let part = try field(codes, &index, depth)
        try renderer.reserve(part.bytes.count)
        result.bytes += part.bytes
      } else if code == Self.close {
        throw error("a single '}' in a format", "'}}'", "'}'")
      } else {
        Text.append(code, to: &result.bytes)
      }
    }
    return result
  }

  /// Reads the rest of a field, `name[!conversion][:spec]}`, after its opening brace.
  private mutating func field(_ codes: [UInt32], _ index: inout Int, _ depth: Int) throws(TemplateError) -> Text {
    let start = index
    var nested = 1
    while index < codes.count {
      if codes[index] == Self.open { nested += 1 }
      if codes[index] == Self.close { nested -= 1 }
      index += 1
      if nested == 0 { break }
    }
    guard nested == 0 else { throw error("an unclosed field in a format", "'}'", "the end of the string") }
    var contents = Array(codes[start..<index - 1])
    var spec: [UInt32] = []
    if let colon = Self.end(of: contents, at: 0x3A) {
      spec = Array(contents[(colon + 1)...])
      contents = Array(contents[..<colon])
    }
    var conversion: UInt32 = 0
    if let mark = Self.end(of: contents, at: 0x21) {
      guard mark + 2 == contents.count else { throw error("a wrong conversion", "'!s', '!r' or '!a'", "another one") }
      conversion = contents[mark + 1]
      contents = Array(contents[..<mark])
    }
    let value = try value(of: contents)
    return try show(value, conversion, try text(spec, depth: depth - 1))
  }

  /// The index of the first occurrence of `mark` outside of brackets.
  private static func end(of codes: [UInt32], at mark: UInt32) -> Int? {
    var isInBrackets = false
    for (index, code) in codes.enumerated() {
      if code == 0x5B { isInBrackets = true }
      if code == 0x5D { isInBrackets = false }
      if code == mark, !isInBrackets { return index }
    }
    return nil
  }

  private func show(_ value: Value, _ conversion: UInt32, _ spec: Text) throws(TemplateError) -> Text {
    var value = value
    switch Unicode.Scalar(conversion) {
    case "\0": break
    case "s": value = .string(try renderer.printed(value))
    case "r": value = .string(try renderer.represented(value))
    case "a": value = .string(renderer.asciiOnly(try renderer.represented(value)))
    default: throw error("a wrong conversion", "'!s', '!r' or '!a'", "another one")
    }
    let text =
      spec.isEmpty ? try renderer.printed(value) : try renderer.formatted(value, try FormatSpec(spec))
    return isMarkup ? try renderer.escaped(text) : text
  }

  // MARK: - Values

  /// The value of `name.attribute[key]`.
  private mutating func value(of codes: [UInt32]) throws(TemplateError) -> Value {
    let end = codes.firstIndex { $0 == 0x2E || $0 == 0x5B } ?? codes.count
    var value = try argument(Text(codes[..<end]))
    var index = end
    while index < codes.count {
      let isAttribute = codes[index] == 0x2E
      index += 1
      let stop = codes[index...].firstIndex { isAttribute ? $0 == 0x2E || $0 == 0x5B : $0 == 0x5D } ?? codes.count
      let name = Text(codes[index..<stop])
      guard !name.isEmpty, isAttribute || stop < codes.count else {
        throw error("an empty name in a format", "a name", "none")
      }
      if isAttribute {
        value = try renderer.attribute(name, of: value)
      } else {
        let number = name.bytes.allSatisfy { (0x30...0x39).contains($0) } ? Int(name.string) : nil
        value = try renderer.item(number.map(Value.int) ?? .string(name), of: value)
      }
      index = isAttribute ? stop : stop + 1
    }
    return value
  }

  private mutating func argument(_ name: Text) throws(TemplateError) -> Value {
    var number = Int(name.string)
    if name.isEmpty || number != nil {
      guard isNumbered == nil || isNumbered == !name.isEmpty else {
        throw error("fields with and without numbers", "one or the other", "both")
      }
      isNumbered = !name.isEmpty
      if name.isEmpty {
        number = automatic
        automatic += 1
      }
    }
    if let number {
      guard arguments.positional.indices.contains(number) else {
        throw error("too few values for the format", "a value for each field", "\(arguments.positional.count)")
      }
      return arguments.positional[number]
    }
    guard let found = arguments.named.first(where: { $0.name == name }) else {
      throw error("a format names an unknown value", "one of the arguments", "'\(name.string)'")
    }
    return found.value
  }

  private func error(_ what: String, _ expected: String, _ found: String) -> TemplateError {
    .runtime(what, expected: expected, found: found)
  }
}
