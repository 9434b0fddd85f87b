// Searching and replacing in strings.
extension Methods {
  static let searches = [
    Builtin("find", "sub, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      .int(try found(renderer, values, fromEnd: false) ?? -1)
    },
    Builtin("rfind", "sub, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      .int(try found(renderer, values, fromEnd: true) ?? -1)
    },
    Builtin("index", "sub, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      .int(try required(found(renderer, values, fromEnd: false)))
    },
    Builtin("rindex", "sub, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      .int(try required(found(renderer, values, fromEnd: true)))
    },
    Builtin("count", "sub, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      guard let (text, part, _) = try range(renderer, values) else { return .int(0) }
      return .int(part.isEmpty ? text.count + 1 : text.offsets(of: part).count)
    },
    Builtin("startswith", "prefix, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      try .bool(affix(renderer, values) { $0.hasPrefix($1) })
    },
    Builtin("endswith", "suffix, start=none, end=none, /") { (renderer, values) throws(TemplateError) in
      try .bool(affix(renderer, values) { $0.hasSuffix($1) })
    },
    Builtin("replace", "old, new, count=-1, /") { (renderer, values) throws(TemplateError) in
      let text = try values[0].text("self")
      var new = try values[2].text("new")
      if text.isMarkup { new = try renderer.escaped(new) }
      let old = try values[1].text("old")
      return .string(try renderer.replaced(text, old, new, count: try values[3].int("count")).marked(like: text))
    },
    Builtin("removeprefix", "prefix, /") { (renderer, values) throws(TemplateError) in
      let (text, part) = (try values[0].text("self"), try values[1].text("prefix"))
      guard text.hasPrefix(part) else { return values[0] }
      return .string(Text(text.bytes[part.bytes.count...]).marked(like: text))
    },
    Builtin("removesuffix", "suffix, /") { (renderer, values) throws(TemplateError) in
      let (text, part) = (try values[0].text("self"), try values[1].text("suffix"))
      guard !part.isEmpty, text.hasSuffix(part) else { return values[0] }
      return .string(Text(text.bytes[..<(text.bytes.count - part.bytes.count)]).marked(like: text))
    },
    Builtin("maketrans", "x, y=none, z=none, /") { (renderer, values) throws(TemplateError) in
      try translationTable(renderer, values)
    },
    Builtin("translate", "table, /") { (renderer, values) throws(TemplateError) in try translated(renderer, values) },
  ]

  /// The text within the bounds, the string to search for, and the index of the range's first code point.
  private static func range(
    _ renderer: Renderer, _ values: [Value]
  ) throws(TemplateError) -> (text: Text, part: Text, start: Int)? {
    let (text, part) = (try values[0].text("self"), try values[1].text("sub"))
    try renderer.charge(text.bytes.count >> 4)
    if values[2].isNone, values[3].isNone { return (text, part, 0) }
    let count = text.count
    let start = values[2].isNone ? 0 : try values[2].int("start")
    let end = values[3].isNone ? count : try values[3].int("end")
    let first = start < 0 ? max(start, -count) + count : start
    let last = end < 0 ? max(end, -count) + count : min(end, count)
    guard first <= last else { return nil }
    return (text.slice(first..<last), part, first)
  }

  private static func found(_ renderer: Renderer, _ values: [Value], fromEnd: Bool) throws(TemplateError) -> Int? {
    guard let (text, part, start) = try range(renderer, values) else { return nil }
    let offset = fromEnd ? text.lastOffset(of: part) : text.firstOffset(of: part)
    return offset.map { start + text.index(of: $0) }
  }

  private static func required(_ index: Int?) throws(TemplateError) -> Int {
    guard let index else {
      throw .runtime("a string is not in the other", expected: "a part of the string", found: "another one")
    }
    return index
  }

  /// Whether the text starts or ends with a string, or with any string of a tuple.
  private static func affix(
    _ renderer: Renderer, _ values: [Value], _ holds: (Text, Text) -> Bool
  ) throws(TemplateError) -> Bool {
    guard case .tuple(let candidates) = values[1] else {
      return try range(renderer, values).map { holds($0.text, $0.part) } ?? false
    }
    for candidate in candidates.values {
      var values = values
      values[1] = candidate
      if let (text, part, _) = try range(renderer, values), holds(text, part) { return true }
    }
    return false
  }

  // MARK: - Translation

  private static func translationTable(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    var builder = MappingBuilder()
    if values[2].isNone {
      guard case .dictionary(let dictionary) = values[1] else {
        throw .runtime("'maketrans' needs a dictionary", expected: "a dictionary", found: values[1].typeName)
      }
      try renderer.reserve(dictionary.count * 64)
      for (key, value) in dictionary.entries {
        if case .string(let text) = key {
          guard text.count == 1 else {
            throw .runtime("a key of 'maketrans' is too long", expected: "one character", found: "\(text.count)")
          }
          try builder.set(.int(Int(text.codePoints[0])), value, renderer)
        } else {
          try builder.set(key, value, renderer)
        }
      }
      return .dictionary(try builder.build())
    }
    let (from, to) = (try values[1].text("x").codePoints, try values[2].text("y").codePoints)
    guard from.count == to.count else {
      throw .runtime("strings of different length", expected: "\(from.count) characters", found: "\(to.count)")
    }
    try renderer.reserveEntries(from.count)
    for (from, to) in zip(from, to) { try builder.set(.int(Int(from)), .int(Int(to)), renderer) }
    if !values[3].isNone {
      for code in try values[3].text("z").codePoints { try builder.set(.int(Int(code)), .none, renderer) }
    }
    return .dictionary(try builder.build())
  }

  private static func translated(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let text = try values[0].text("self")
    guard case .dictionary(let table) = values[1] else { return values[0] }
    try renderer.charge(text.bytes.count)
    var result = Text.empty
    for code in text.codePoints {
      switch table[.int(Int(code))] {
      case nil: Text.append(code, to: &result.bytes)
      case .some(.none): break
      case .some(.int(let new)):
        guard let new = UInt32(exactly: new), new <= 0x10FFFF else {
          throw .runtime("not a code point", expected: "at most 1114111", found: "\(new)")
        }
        Text.append(new, to: &result.bytes)
      case .some(let value):
        let part = try value.text("a character")
        try renderer.reserve(part.bytes.count)
        result.bytes += part.bytes
      }
    }
    return .string(result.marked(like: text))
  }
}

extension Renderer {
  /// `str.replace`; a negative count means no limit.
  func replaced(_ text: Text, _ old: Text, _ new: Text, count: Int) throws(TemplateError) -> Text {
    let limit = count < 0 ? Int.max : count
    try charge(text.bytes.count >> 4)
    if old.isEmpty {
      // An empty string matches between all characters and at both ends.
      var boundaries = text.bytes.indices.filter { text.bytes[$0] & 0xC0 != 0x80 } + [text.bytes.count]
      boundaries = Array(boundaries.prefix(limit))
      try reserve(boundaries.count, of: new.bytes.count + 1)
      return text.replacing(boundaries, length: 0, with: new)
    }
    let offsets = text.offsets(of: old, limit: limit)
    try reserve(text.bytes.count)
    try reserve(offsets.count, of: new.bytes.count)
    return text.replacing(offsets, length: old.bytes.count, with: new)
  }
}
