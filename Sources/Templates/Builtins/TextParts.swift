// Splitting and joining strings.
extension Methods {
  static let parts = [
    Builtin("split", "sep=none, maxsplit=-1") { (renderer, values) throws(TemplateError) in
      try split(renderer, values, fromEnd: false)
    },
    Builtin("rsplit", "sep=none, maxsplit=-1") { (renderer, values) throws(TemplateError) in
      try split(renderer, values, fromEnd: true)
    },
    Builtin("splitlines", "keepends=false") { (renderer, values) throws(TemplateError) in
      let text = try values[0].text("self")
      return try list(renderer, renderer.lines(of: text, keepingEnds: values[1].isTrue), like: text)
    },
    Builtin("partition", "sep, /") { (renderer, values) throws(TemplateError) in
      try partition(renderer, values, fromEnd: false)
    },
    Builtin("rpartition", "sep, /") { (renderer, values) throws(TemplateError) in
      try partition(renderer, values, fromEnd: true)
    },
    Builtin("strip", "chars=none, /") { (renderer, values) throws(TemplateError) in
      try .string(renderer.stripped(values[0].text("self"), values[1]))
    },
    Builtin("lstrip", "chars=none, /") { (renderer, values) throws(TemplateError) in
      try .string(renderer.stripped(values[0].text("self"), values[1], end: false))
    },
    Builtin("rstrip", "chars=none, /") { (renderer, values) throws(TemplateError) in
      try .string(renderer.stripped(values[0].text("self"), values[1], start: false))
    },
    Builtin("join", "iterable, /") { (renderer, values) throws(TemplateError) in try joined(renderer, values) },
    Builtin("encode", "encoding='utf-8', errors='strict'") { (renderer, values) throws(TemplateError) in
      let name = try renderer.lowered(values[1].text("encoding")).string.filter { $0 != "-" && $0 != "_" }
      let text = try values[0].text("self")
      guard name == "utf8" || name == "ascii" && text.isASCII else {
        throw .runtime("an encoding that is not known", expected: "utf-8", found: name)
      }
      return .object(BytesObject(text.bytes))
    },
  ]

  private static func list(_ renderer: Renderer, _ parts: [Text], like text: Text) throws(TemplateError) -> Value {
    try renderer.reserve(text.bytes.count + parts.count * 48)
    try renderer.charge(parts.count)
    return try .list(parts.map { .string($0.marked(like: text)) })
  }

  private static func split(_ renderer: Renderer, _ values: [Value], fromEnd: Bool) throws(TemplateError) -> Value {
    let text = try values[0].text("self")
    let count = try values[2].int("maxsplit")
    let limit = count < 0 ? Int.max : count
    try renderer.charge(text.bytes.count >> 3)
    guard !values[1].isNone else { return try list(renderer, words(text, limit, fromEnd), like: text) }
    let separator = try values[1].text("sep")
    guard !separator.isEmpty else {
      throw .runtime("an empty separator", expected: "a string of one character or more", found: "''")
    }
    var offsets: [Int] = []
    if fromEnd {
      var end = text.bytes.count
      while offsets.count < limit, let offset = text.lastOffset(of: separator, before: end) {
        try renderer.charge(1 + end >> 6)
        offsets.append(offset)
        end = offset
      }
      offsets.reverse()
    } else {
      offsets = text.offsets(of: separator, limit: limit)
    }
    try renderer.charge(offsets.count)
    var parts: [Text] = []
    var start = 0
    for offset in offsets {
      parts.append(Text(text.bytes[start..<offset]))
      start = offset + separator.bytes.count
    }
    return try list(renderer, parts + [Text(text.bytes[start...])], like: text)
  }

  /// The words between white space. After `limit` splits, the rest keeps its inner white space.
  private static func words(_ text: Text, _ limit: Int, _ fromEnd: Bool) -> [Text] {
    var ranges: [Range<Int>] = []
    var index = 0
    var start: Int?
    while index < text.bytes.count {
      let place = index
      let isSpace = Characters.isSpace(Text.decode(text.bytes, &index))
      if isSpace, let begin = start {
        ranges.append(begin..<place)
        start = nil
      } else if !isSpace, start == nil {
        start = place
      }
    }
    if let start { ranges.append(start..<text.bytes.count) }
    if ranges.count > limit {
      // The rest is one part, stripped at its outer end.
      if fromEnd {
        let cut = ranges.count - limit
        ranges = [0..<ranges[cut - 1].upperBound] + ranges[cut...]
      } else {
        ranges = ranges[..<limit] + [ranges[limit].lowerBound..<text.bytes.count]
      }
    }
    return ranges.map { Text(text.bytes[$0]) }
  }

  private static func partition(
    _ renderer: Renderer, _ values: [Value], fromEnd: Bool
  ) throws(TemplateError) -> Value {
    let (text, separator) = (try values[0].text("self"), try values[1].text("sep"))
    guard !separator.isEmpty else { throw .runtime("an empty separator", expected: "a string", found: "''") }
    try renderer.reserve(text.bytes.count)
    guard let offset = fromEnd ? text.lastOffset(of: separator) : text.firstOffset(of: separator) else {
      let empty = Value.string(Text.empty.marked(like: text))
      return try .tuple(fromEnd ? [empty, empty, values[0]] : [values[0], empty, empty])
    }
    let behind = offset + separator.bytes.count
    let parts = [Text(text.bytes[..<offset]), separator, Text(text.bytes[behind...])]
    return try .tuple(parts.map { .string($0.marked(like: text)) })
  }

  private static func joined(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let separator = try values[0].text("self")
    var result = Text.empty.marked(like: separator)
    var isFirst = true
    let iterator = try renderer.iterate(values[1])
    while let element = try iterator.next(renderer) {
      if separator.isMarkup {
        let part = try renderer.escaped(try renderer.printed(element))
        try renderer.reserve(part.bytes.count + separator.bytes.count)
        result.bytes += (isFirst ? [] : separator.bytes) + part.bytes
        isFirst = false
        continue
      }
      guard case .string(let part) = element else {
        throw .runtime(
          "'join' joins strings", expected: "strings", found: element.typeName, hint: "use the filter 'join'")
      }
      try renderer.reserve(part.bytes.count + separator.bytes.count)
      if !isFirst { result.bytes += separator.bytes }
      isFirst = false
      result.bytes += part.bytes
    }
    return .string(result)
  }
}

extension Renderer {
  /// `str.splitlines`
  func lines(of text: Text, keepingEnds: Bool = false) throws(TemplateError) -> [Text] {
    try charge(text.bytes.count >> 3)
    var lines: [Text] = []
    var start = 0
    var index = 0
    while index < text.bytes.count {
      let place = index
      let code = Text.decode(text.bytes, &index)
      guard Characters.isLineBreak(code) else { continue }
      if code == 0x0D, index < text.bytes.count, text.bytes[index] == 0x0A { index += 1 }
      try charge(1)
      lines.append(Text(text.bytes[start..<(keepingEnds ? index : place)]))
      start = index
    }
    if start < text.bytes.count { lines.append(Text(text.bytes[start...])) }
    return lines
  }

  /// `str.strip` at one or both ends: removes white space, or the characters of a string.
  func stripped(_ text: Text, _ characters: Value, start: Bool = true, end: Bool = true) throws(TemplateError) -> Text {
    try charge(text.bytes.count >> 6)
    if characters.isNone {
      let first = start ? Characters.start(strippingSpace: text.bytes[...]) : 0
      let last = end ? Characters.end(strippingSpace: text.bytes[first...]) : text.bytes.count
      return first == 0 && last == text.bytes.count ? text : Text(text.bytes[first..<last]).marked(like: text)
    }
    let set = Set(try characters.text("chars").codePoints)
    try scan(text)
    let codes = text.codePoints
    let first = start ? codes.firstIndex { !set.contains($0) } ?? codes.count : 0
    let last = end ? (codes[first...].lastIndex { !set.contains($0) }).map { $0 + 1 } ?? first : codes.count
    return first == 0 && last == codes.count ? text : text.slice(first..<last).marked(like: text)
  }
}
