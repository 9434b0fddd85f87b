/// Writes a value as JSON, as Python's `json.dumps` does.
struct JSONWriter {
  let renderer: Renderer
  /// Whether non-ASCII characters are escaped.
  var isASCII = false
  /// The indentation of each level; `nil` for a single line.
  var indent: Text?
  var itemSeparator: Text = ", "
  var keySeparator: Text = ": "
  var sortsKeys = false
  private var bytes: [UInt8] = []

  init(_ renderer: Renderer) { self.renderer = renderer }

  /// The value as JSON.
  mutating func text(of value: Value) throws(TemplateError) -> Text {
    try write(value, level: 0)
    return Text(bytes)
  }

  private mutating func write(_ value: Value, level: Int) throws(TemplateError) {
    try renderer.charge(1)
    switch value {
    case .none: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .int(let value): bytes += String(value).utf8
    case .big(let value): bytes += try renderer.digits(value).utf8
    case .float(let value): bytes += Self.number(value).utf8
    case .string(let text): try write(text)
    case .list(let elements), .tuple(let elements): try write(elements.values, level)
    case .dictionary(let dictionary): try write(dictionary, level)
    case .undefined, .object:
      throw .runtime(
        "'tojson' cannot write the value", expected: "data", found: value.typeName,
        hint: value.isIterator ? "put '| list' before it" : nil)
    }
  }

  private static func number(_ value: Double) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : FloatFormat.shortest(value)
  }

  private mutating func write(_ values: [Value], _ level: Int) throws(TemplateError) {
    guard !values.isEmpty else { return bytes += "[]".utf8 }
    try renderer.enter()
    defer { renderer.leave() }
    bytes += "[".utf8
    for (index, value) in values.enumerated() {
      try separate(index, level + 1)
      try write(value, level: level + 1)
    }
    try breakLine(level)
    bytes += "]".utf8
  }

  private mutating func write(_ dictionary: Mapping, _ level: Int) throws(TemplateError) {
    guard dictionary.count > 0 else { return bytes += "{}".utf8 }
    try renderer.enter()
    defer { renderer.leave() }
    var entries = dictionary.entries
    if sortsKeys {
      let values = entries.indices.map(Value.int)
      let order = try renderer.sorted(values, by: entries.map(\.key))
      entries = order.compactMap(\.index).map { dictionary.entries[$0] }
    }
    bytes += "{".utf8
    for (index, entry) in entries.enumerated() {
      try separate(index, level + 1)
      try write(try key(entry.key))
      try renderer.reserve(keySeparator.bytes.count)
      bytes += keySeparator.bytes
      try write(entry.value, level: level + 1)
    }
    try breakLine(level)
    bytes += "}".utf8
  }

  private func key(_ key: Value) throws(TemplateError) -> Text {
    switch key {
    case .string(let text): return text
    case .none: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .float(let value): return Text(Self.number(value))
    case .int, .big: return try renderer.printed(key)
    default:
      throw .runtime("'tojson' cannot write the key", expected: "a string or number", found: key.typeName)
    }
  }

  private mutating func separate(_ index: Int, _ level: Int) throws(TemplateError) {
    if index > 0 {
      try renderer.reserve(itemSeparator.bytes.count)
      bytes += itemSeparator.bytes
    }
    try breakLine(level)
  }

  private mutating func breakLine(_ level: Int) throws(TemplateError) {
    guard let indent else { return }
    try renderer.reserve(level, of: indent.bytes.count)
    bytes += "\n".utf8
    for _ in 0..<level { bytes += indent.bytes }
  }

  private mutating func write(_ text: Text) throws(TemplateError) {
    try renderer.reserve(text.bytes.count)
    try renderer.charge(text.bytes.count >> 4)
    bytes.append(UInt8(ascii: "\""))
    var index = 0
    while index < text.bytes.count {
      let start = index
      let code = Text.decode(text.bytes, &index)
      switch code {
      case 0x22, 0x5C: bytes += [0x5C, UInt8(code)]
      case 0x08: bytes += "\\b".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0x0D: bytes += "\\r".utf8
      case ..<0x20: escape(code)
      case 0x7F... where isASCII:
        if code > 0xFFFF {
          escape(0xD800 + (code - 0x10000) >> 10)
          escape(0xDC00 + (code - 0x10000) & 0x3FF)
        } else {
          escape(code)
        }
      default: bytes += text.bytes[start..<index]
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ code: UInt32) {
    let digits = String(code, radix: 16)
    bytes += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
  }
}
