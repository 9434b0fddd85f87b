// Filters that arrange text in lines.
extension Filters {
  static let layout = [
    Builtin("pprint", "value") { (renderer, values) throws(TemplateError) in
      var printer = PrettyPrinter(renderer)
      return .string(try printer.text(of: values[0]))
    },
    Builtin("wordwrap", "s, width=79, break_long_words=true, wrapstring=none, break_on_hyphens=true") {
      (renderer, values) throws(TemplateError) in
      let text = try values[0].text("s")
      let wrapping = WordWrapping(
        width: try values[1].int("width"), breaksWords: values[2].isTrue, breaksAtHyphens: values[4].isTrue)
      guard wrapping.width > 0 else {
        throw .runtime("the width is too small", expected: "at least 1", found: "\(wrapping.width)")
      }
      let separator = values[3].isNone ? "\n" : try values[3].text("wrapstring")
      var lines: [Text] = []
      for line in try renderer.lines(of: text) {
        try renderer.reserve(line.bytes.count, of: 128)
        let wrapped = try wrapping.wrap(line.codePoints, renderer)
        lines += wrapped.isEmpty ? [.empty] : wrapped
      }
      try renderer.reserve(lines.count, of: separator.bytes.count)
      return .string(Text(Array(lines.map(\.bytes).joined(separator: separator.bytes))))
    },
  ]
}

/// Python's `pprint.pformat`: dictionaries sorted by key, lines of at most 80 characters where possible.
private struct PrettyPrinter {
  private let renderer: Renderer
  private var output: [UInt8] = []
  private static let width = 80

  init(_ renderer: Renderer) { self.renderer = renderer }

  mutating func text(of value: Value) throws(TemplateError) -> Text {
    try write(try sorted(value), indent: 0, allowance: 0, isOutermost: true)
    return Text(output)
  }

  /// The value with all dictionaries sorted by key.
  private func sorted(_ value: Value) throws(TemplateError) -> Value {
    try renderer.enter()
    defer { renderer.leave() }
    try renderer.charge(1)
    switch value {
    case .list(let elements), .tuple(let elements):
      var values: [Value] = []
      for element in elements.values { values.append(try sorted(element)) }
      if case .list = value { return try .list(values) }
      return try .tuple(values)
    case .dictionary(let dictionary):
      let keys = dictionary.entries.map(\.key)
      let items = keys.indices.map(Value.int)
      let order: [Value]
      do throws(TemplateError) {
        order = try renderer.sorted(items, by: keys)
      } catch  where error.kind == .runtime {
        // Keys of different types are sorted by the names of their types.
        order = try renderer.sorted(items, by: keys.map { .text($0.typeName) })
      }
      var builder = MappingBuilder()
      for index in order.compactMap(\.index) {
        let entry = dictionary.entries[index]
        try builder.set(entry.key, try sorted(entry.value), renderer)
      }
      return .dictionary(try builder.build())
    default: return value
    }
  }

  private mutating func write(
    _ value: Value, indent: Int, allowance: Int, isOutermost: Bool
  ) throws(TemplateError) {
    let line = try renderer.represented(value)
    guard line.count > Self.width - indent - allowance else { return output += line.bytes }
    try renderer.enter()
    defer { renderer.leave() }
    switch value {
    case .dictionary(let dictionary) where dictionary.count > 0:
      output += "{".utf8
      for (index, entry) in dictionary.entries.enumerated() {
        if index > 0 { try breakLine(indent + 1) }
        let key = try renderer.represented(entry.key)
        output += key.bytes + ": ".utf8
        try write(
          entry.value, indent: indent + key.count + 3, allowance: index == dictionary.count - 1 ? allowance + 1 : 1,
          isOutermost: false)
      }
      output += "}".utf8
    case .list(let elements) where !elements.values.isEmpty:
      output += "[".utf8
      try write(elements.values, indent: indent, allowance: allowance + 1)
      output += "]".utf8
    case .tuple(let elements) where !elements.values.isEmpty:
      let end = elements.values.count == 1 ? ",)" : ")"
      output += "(".utf8
      try write(elements.values, indent: indent, allowance: allowance + end.utf8.count)
      output += end.utf8
    case .string(let text): try write(text, line, indent: indent, allowance: allowance, isOutermost: isOutermost)
    default: output += line.bytes
    }
  }

  private mutating func write(_ values: [Value], indent: Int, allowance: Int) throws(TemplateError) {
    for (index, value) in values.enumerated() {
      if index > 0 { try breakLine(indent + 1) }
      try write(
        value, indent: indent + 1, allowance: index == values.count - 1 ? allowance : 1, isOutermost: false)
    }
  }

  private mutating func breakLine(_ indent: Int) throws(TemplateError) {
    output += ",\n".utf8
    output += (try renderer.repeated(" ", indent)).bytes
  }

  /// Writes a long string as several literals, one per line.
  private mutating func write(
    _ text: Text, _ whole: Text, indent: Int, allowance: Int, isOutermost: Bool
  ) throws(TemplateError) {
    let indent = indent + (isOutermost ? 1 : 0)
    let allowance = allowance + (isOutermost ? 1 : 0)
    let width = Self.width - indent
    var chunks: [Text] = []
    let lines = try renderer.lines(of: text, keepingEnds: true)
    for (number, line) in lines.enumerated() {
      let isLast = number == lines.count - 1
      let shown = try renderer.represented(.string(line))
      if shown.count <= width - (isLast ? allowance : 0) {
        chunks.append(shown)
        continue
      }
      var current = Text.empty
      let words = Self.words(of: line)
      for (place, word) in words.enumerated() {
        let candidate = Text(current.bytes + word.bytes)
        let limit = width - (isLast && place == words.count - 1 ? allowance : 0)
        if try renderer.represented(.string(candidate)).count > limit {
          if !current.isEmpty { chunks.append(try renderer.represented(.string(current))) }
          current = word
        } else {
          current = candidate
        }
      }
      if !current.isEmpty { chunks.append(try renderer.represented(.string(current))) }
    }
    guard chunks.count > 1 else { return output += whole.bytes }
    if isOutermost { output += "(".utf8 }
    for (index, chunk) in chunks.enumerated() {
      if index > 0 { output += [0x0A] + (try renderer.repeated(" ", indent)).bytes }
      output += chunk.bytes
    }
    if isOutermost { output += ")".utf8 }
  }

  /// The words of a text, each with the white space after it.
  private static func words(of text: Text) -> [Text] {
    var words: [Text] = []
    var start = 0
    var wasSpace = false
    var index = 0
    while index < text.bytes.count {
      let place = index
      let isSpace = Characters.isSpace(Text.decode(text.bytes, &index))
      if wasSpace, !isSpace {
        words.append(Text(text.bytes[start..<place]))
        start = place
      }
      wasSpace = isSpace
    }
    if start < text.bytes.count { words.append(Text(text.bytes[start...])) }
    return words
  }
}
