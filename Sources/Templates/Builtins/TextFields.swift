// Strings padded to a width, and formatted strings.
extension Methods {
  static let fields = [
    Builtin("center", "width, fillchar=' ', /") { (renderer, values) throws(TemplateError) in
      let text = try values[0].text("self")
      return .string(try renderer.centered(text, try values[1].int("width"), fill: try fill(renderer, values)))
    },
    Builtin("ljust", "width, fillchar=' ', /") { (renderer, values) throws(TemplateError) in
      try justified(renderer, values, isLeft: true)
    },
    Builtin("rjust", "width, fillchar=' ', /") { (renderer, values) throws(TemplateError) in
      try justified(renderer, values, isLeft: false)
    },
    Builtin("zfill", "width, /") { (renderer, values) throws(TemplateError) in
      let text = try values[0].text("self")
      let missing = max(try values[1].int("width") - text.count, 0)
      try renderer.reserve(missing)
      let hasSign = text.bytes.first == UInt8(ascii: "-") || text.bytes.first == UInt8(ascii: "+")
      let sign = text.bytes.prefix(hasSign ? 1 : 0)
      let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: missing)
      return .string(Text(sign + zeros + text.bytes.dropFirst(sign.count)).marked(like: text))
    },
    Builtin("expandtabs", "tabsize=8") { (renderer, values) throws(TemplateError) in try expanded(renderer, values) },
    Builtin("format", "*values, **named") { (renderer, values) throws(TemplateError) in
      guard case .tuple(let positional) = values[1], case .dictionary(let named) = values[2] else { return .none }
      var arguments = Arguments(positional: positional.values)
      for (name, value) in named.entries { arguments.named.append((try name.text("a name"), value)) }
      return .string(try renderer.braceFormat(try values[0].text("self"), arguments))
    },
    Builtin("format_map", "mapping, /") { (renderer, values) throws(TemplateError) in
      guard case .dictionary(let named) = values[1] else {
        throw .runtime("'format_map' needs a dictionary", expected: "a dictionary", found: values[1].typeName)
      }
      var arguments = Arguments()
      for case (.string(let name), let value) in named.entries { arguments.named.append((name, value)) }
      return .string(try renderer.braceFormat(try values[0].text("self"), arguments))
    },
  ]

  private static func fill(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Text {
    let fill = try values[2].text("fillchar")
    guard fill.count == 1 else {
      throw .runtime("a wrong fill character", expected: "one character", found: "\(fill.count)")
    }
    return fill
  }

  private static func justified(_ renderer: Renderer, _ values: [Value], isLeft: Bool) throws(TemplateError) -> Value {
    let text = try values[0].text("self")
    let missing = max(try values[1].int("width") - text.count, 0)
    let padding = try renderer.repeated(try fill(renderer, values), missing)
    return .string(Text(isLeft ? text.bytes + padding.bytes : padding.bytes + text.bytes).marked(like: text))
  }

  private static func expanded(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let text = try values[0].text("self")
    let size = try values[1].int("tabsize")
    try renderer.scan(text)
    var result: [UInt8] = []
    var column = 0
    for byte in text.bytes {
      if byte == 0x09 {
        let count = size > 0 ? size - column % size : 0
        try renderer.reserve(count)
        result += [UInt8](repeating: 0x20, count: count)
        column += count
      } else {
        result.append(byte)
        column = byte == 0x0A || byte == 0x0D ? 0 : column + (byte & 0xC0 == 0x80 ? 0 : 1)
      }
    }
    return .string(Text(result).marked(like: text))
  }
}

extension Renderer {
  /// The text repeated `count` times.
  func repeated(_ text: Text, _ count: Int) throws(TemplateError) -> Text {
    try reserve(count, of: text.bytes.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(count, 0) * text.bytes.count)
    for _ in 0..<max(count, 0) { bytes += text.bytes }
    return Text(bytes)
  }

  /// `str.center`: if the padding is odd, the extra character goes to the left for an odd width.
  func centered(_ text: Text, _ width: Int, fill: Text) throws(TemplateError) -> Text {
    let missing = width.subtractingReportingOverflow(text.count).partialValue
    guard missing > 0, width > 0 else { return text }
    let left = missing / 2 + (missing & width & 1)
    let before = try repeated(fill, left)
    return Text(before.bytes + text.bytes + (try repeated(fill, missing - left)).bytes).marked(like: text)
  }
}
