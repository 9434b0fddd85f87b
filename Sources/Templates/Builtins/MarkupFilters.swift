// Filters for HTML and URLs.
extension Filters {
  static let markup = [
    Builtin("safe", "value") { (renderer, values) throws(TemplateError) in
      var text = try renderer.printed(values[0])
      text.isMarkup = true
      return .string(text)
    },
    Builtin("escape", "s, /", body: escape),
    Builtin("e", "s, /", body: escape),
    Builtin("forceescape", "value") { (renderer, values) throws(TemplateError) in
      .string(try renderer.escaped(Text(try renderer.printed(values[0]).bytes)))
    },
    Builtin("striptags", "value") { (renderer, values) throws(TemplateError) in
      .string(try withoutTags(renderer, try renderer.printed(values[0])))
    },
    Builtin("xmlattr", "d, autospace=true") { (renderer, values) throws(TemplateError) in
      try attributes(renderer, values)
    },
    Builtin("urlencode", "value") { (renderer, values) throws(TemplateError) in try encoded(renderer, values[0]) },
    Builtin(
      "urlize", "value, trim_url_limit=none, nofollow=false, target=none, rel=none, extra_schemes=none"
    ) { (renderer, values) throws(TemplateError) in try Links.urlize(renderer, values) },
  ]

  @Sendable private static func escape(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    .string(try renderer.escaped(try renderer.printed(values[0])))
  }

  private static func attributes(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    guard case .dictionary(let dictionary) = values[0] else {
      throw .runtime("'xmlattr' needs a dictionary", expected: "a dictionary", found: values[0].typeName)
    }
    var parts: [UInt8] = []
    for (key, value) in dictionary.entries where !value.isNone && !value.isUndefined {
      let name = try key.text("a name")
      let isForbidden = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) || "/>=".utf8.contains(byte) }
      guard !name.bytes.contains(where: isForbidden) else {
        throw .runtime("an invalid attribute name", expected: "no space, '/', '>' or '='", found: name.string)
      }
      let text = try renderer.escaped(try renderer.printed(value))
      try renderer.reserve(name.bytes.count + text.bytes.count)
      parts += " ".utf8 + (try renderer.escaped(name).bytes) + "=\"".utf8 + text.bytes + "\"".utf8
    }
    return .string(Text(values[1].isTrue ? parts[...] : parts.dropFirst()))
  }

  private static func encoded(_ renderer: Renderer, _ value: Value) throws(TemplateError) -> Value {
    if case .string(let text) = value { return .string(try quoted(renderer, text, isQuery: false)) }
    guard let iterator = try renderer.iterator(value) else {
      return .string(try quoted(renderer, try renderer.printed(value), isQuery: false))
    }
    var pairs = iterator
    if case .dictionary(let dictionary) = value {
      pairs = try ValueIterator(DictionaryView(dictionary, .items).elements(), depth: dictionary.depth)
    }
    var parts: [UInt8] = []
    while let pair = try pairs.next(renderer) {
      let sides = try renderer.list(pair)
      guard sides.count == 2 else {
        throw .runtime("no pair for 'urlencode'", expected: "a key and a value", found: "\(sides.count) values")
      }
      if !parts.isEmpty { parts += "&".utf8 }
      parts += try quoted(renderer, try renderer.printed(sides[0]), isQuery: true).bytes + "=".utf8
      parts += try quoted(renderer, try renderer.printed(sides[1]), isQuery: true).bytes
    }
    return .string(Text(parts))
  }

  /// Percent-encodes all bytes except letters, digits and `_.-~`, and, outside of queries, `/`.
  private static func quoted(_ renderer: Renderer, _ text: Text, isQuery: Bool) throws(TemplateError) -> Text {
    try renderer.reserve(text.bytes.count * 3)
    try renderer.scan(text)
    var bytes: [UInt8] = []
    for byte in text.bytes {
      let isPlain = byte < 0x80 && (BigInteger.digit(byte) != nil || "_.-~".utf8.contains(byte))
      if isPlain || byte == UInt8(ascii: "/") && !isQuery {
        bytes.append(byte)
      } else if byte == 0x20, isQuery {
        bytes.append(UInt8(ascii: "+"))
      } else {
        bytes += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16).uppercased())".utf8
      }
    }
    return Text(bytes)
  }

  // MARK: - Tags

  private static func withoutTags(_ renderer: Renderer, _ text: Text) throws(TemplateError) -> Text {
    try renderer.reserve(text.bytes.count * 2)
    try renderer.scan(text)
    var kept: [UInt8] = []
    var start = 0
    while let tag = text.firstOffset(of: "<", from: start) {
      let isComment = text.bytes[tag...].starts(with: "<!--".utf8)
      guard let end = text.firstOffset(of: isComment ? "-->" : ">", from: tag + (isComment ? 4 : 0)) else { break }
      kept += text.bytes[start..<tag]
      start = end + (isComment ? 3 : 1)
    }
    kept += text.bytes[start...]
    // Collapse white space to single spaces.
    var words: [UInt8] = []
    var index = 0
    var isPending = false
    while index < kept.count {
      let place = index
      if Characters.isSpace(Text.decode(kept, &index)) {
        isPending = !words.isEmpty
      } else {
        if isPending { words.append(0x20) }
        isPending = false
        words += kept[place..<index]
      }
    }
    return unescaped(Text(words))
  }

  private static let entities: [String: UInt32] = [
    "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "nbsp": 0xA0, "copy": 0xA9, "laquo": 0xAB,
    "reg": 0xAE, "raquo": 0xBB, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018, "rsquo": 0x2019, "ldquo": 0x201C,
    "rdquo": 0x201D, "bull": 0x2022, "hellip": 0x2026, "euro": 0x20AC, "trade": 0x2122,
  ]

  /// The text with numeric entities and common named entities replaced by their characters.
  private static func unescaped(_ text: Text) -> Text {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.bytes.count {
      let byte = text.bytes[index]
      let rest = text.bytes[index...].prefix(12)
      if byte == UInt8(ascii: "&"), let end = rest.firstIndex(of: UInt8(ascii: ";")),
        let code = entity(String(decoding: rest[(index + 1)..<end], as: UTF8.self))
      {
        Text.append(code, to: &bytes)
        index = end + 1
      } else {
        bytes.append(byte)
        index += 1
      }
    }
    return Text(bytes)
  }

  private static func entity(_ name: String) -> UInt32? {
    guard name.hasPrefix("#") else { return entities[name] }
    let digits = name.dropFirst()
    let code = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return code.flatMap { Unicode.Scalar($0)?.value }
  }
}

extension Renderer {
  /// The text with `&`, `<`, `>` and quotes replaced by entities; unchanged if it is marked as escaped.
  func escaped(_ text: Text) throws(TemplateError) -> Text {
    if text.isMarkup { return text }
    try reserve(text.bytes.count)
    try charge(text.bytes.count >> 4)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.bytes.count)
    for byte in text.bytes {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      case UInt8(ascii: "\""): bytes += "&#34;".utf8
      default: bytes.append(byte)
      }
    }
    try reserve(bytes.count - text.bytes.count)
    var result = Text(bytes)
    result.isMarkup = true
    return result
  }
}
