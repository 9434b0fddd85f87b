/// A dictionary view, as returned by `keys()`, `values()` and `items()`.
final class DictionaryView: TemplateObject {
  enum Part: String {
    case keys, values, items
  }
  let dictionary: Mapping
  let part: Part

  init(_ dictionary: Mapping, _ part: Part) throws(TemplateError) {
    self.dictionary = dictionary
    self.part = part
    _ = try nestedDepth([.dictionary(dictionary)])
  }

  override var typeName: String { "dict_\(part.rawValue)" }
  override var depth: Int { dictionary.depth + 1 }
  override var length: Int? { dictionary.count }

  /// The elements as a list.
  func elements() throws(TemplateError) -> [Value] {
    switch part {
    case .keys: return dictionary.entries.map(\.key)
    case .values: return dictionary.entries.map(\.value)
    case .items:
      var pairs: [Value] = []
      pairs.reserveCapacity(dictionary.count)
      for (key, value) in dictionary.entries { pairs.append(try .tuple([key, value])) }
      return pairs
    }
  }

  override func attribute(_ name: Text, _ renderer: Renderer) -> Value? {
    name == "mapping" ? .dictionary(dictionary) : nil
  }

  override func iterator(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? {
    try renderer.reserve(dictionary.count * 64)
    return try ValueIterator(try elements(), "dict_\(part.rawValue.dropLast())iterator", depth: depth)
  }

  override func reversed(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? {
    try renderer.reserve(dictionary.count * 64)
    return try ValueIterator(
      try elements().reversed(), "dict_reverse\(part.rawValue.dropLast())iterator", depth: depth)
  }
}

/// Bytes, as returned by `encode`.
final class BytesObject: TemplateObject {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  override var typeName: String { "bytes" }
  override var length: Int? { bytes.count }
  override var isSequence: Bool { true }

  override var representation: String {
    let quote: Character = bytes.contains(0x27) && !bytes.contains(0x22) ? "\"" : "'"
    var text = "b\(quote)"
    for byte in bytes {
      switch byte {
      case 0x09: text += "\\t"
      case 0x0A: text += "\\n"
      case 0x0D: text += "\\r"
      case 0x5C: text += "\\\\"
      case 0x27 where quote == "'": text += "\\'"
      case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    text.append(quote)
    return text
  }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    switch name {
    case "decode":
      .object(
        try NativeFunction(Signature("decode", "encoding='utf-8', errors='strict'"), receiver: .object(self)) {
          (_, _) throws(TemplateError) in
          guard String(validating: self.bytes, as: UTF8.self) != nil else {
            throw .runtime("bytes cannot be decoded", expected: "UTF-8", found: "other bytes")
          }
          return .string(Text(self.bytes))
        })
    case "hex":
      .object(
        try NativeFunction(Signature("hex", ""), receiver: .object(self)) { (renderer, _) throws(TemplateError) in
          try renderer.reserve(self.bytes.count * 2)
          return .text(self.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        })
    default: nil
    }
  }

  override func item(_ key: Value, _ renderer: Renderer) -> Value? {
    guard let index = key.index else { return nil }
    let place = index < 0 ? index + bytes.count : index
    return bytes.indices.contains(place) ? .int(Int(bytes[place])) : nil
  }

  override func iterator(_ renderer: Renderer) throws(TemplateError) -> ValueIterator? {
    try renderer.reserve(bytes.count * 16)
    return try ValueIterator(bytes.map { .int(Int($0)) }, "bytes_iterator", depth: 0)
  }
}
