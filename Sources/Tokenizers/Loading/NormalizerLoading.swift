import JSONText

/// Makes normalizers from their description in tokenizer.json.
enum NormalizerLoading {
  /// The normalizer of a field, `nil` when there is none.
  static func load(_ field: Field) throws(TokenizerError) -> (any Normalizer)? {
    guard field.exists else { return nil }
    let type = try field["type"].string()
    switch type {
    case "Sequence":
      var parts: [any Normalizer] = []
      for part in try field["normalizers"].array() {
        if let normalizer = try load(part) { parts.append(normalizer) }
      }
      return NormalizerSequence(normalizers: parts)
    case "NFC", "NFD", "NFKC", "NFKD": return UnicodeNormalizer.Form(rawValue: type).map(UnicodeNormalizer.init(form:))
    case "Lowercase": return LowercaseNormalizer()
    case "StripAccents": return StripAccentsNormalizer()
    case "Nmt": return NmtNormalizer()
    case "ByteLevel": return ByteLevelNormalizer()
    case "Strip": return StripNormalizer(left: try field["strip_left"].bool(), right: try field["strip_right"].bool())
    case "Prepend": return PrependNormalizer(prefix: try field["prepend"].bytes())
    case "Replace":
      return ReplaceNormalizer(
        pattern: try PatternLoading.load(field["pattern"]), content: try field["content"].bytes())
    case "BertNormalizer", "Bert":
      return BertNormalizer(
        cleanText: try field["clean_text"].bool(default: true),
        handleChineseCharacters: try field["handle_chinese_chars"].bool(default: true),
        stripAccents: field["strip_accents"].exists ? try field["strip_accents"].bool() : nil,
        lowercase: try field["lowercase"].bool(default: true))
    case "Precompiled":
      return try precompiled(field["precompiled_charsmap"])
    default: throw .unsupported(part: "normalizer", name: type, path: field.path)
    }
  }

  /// A character map in base 64.
  static func precompiled(_ field: Field) throws(TokenizerError) -> PrecompiledNormalizer {
    guard let map = decodeBase64(try field.bytes()) else {
      throw .invalid(path: field.path, expected: "base 64", found: "other characters")
    }
    guard let normalizer = PrecompiledNormalizer(map) else {
      throw .invalid(path: field.path, expected: "a character map", found: "\(map.count) bytes that are none")
    }
    return normalizer
  }

  /// The map of the first Precompiled normalizer in a field, as T5's own pipeline takes it.
  static func firstPrecompiled(_ field: Field) throws(TokenizerError) -> PrecompiledNormalizer? {
    guard field.exists else { return nil }
    let parts = field["type"].value == "Sequence" ? try field["normalizers"].array() : [field]
    for part in parts where part["type"].value == "Precompiled" { return try precompiled(part["precompiled_charsmap"]) }
    return nil
  }

  /// The bytes of a text in base 64 (RFC 4648); `nil` when it is none.
  static func decodeBase64(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    let digits = text.prefix { $0 != UInt8(ascii: "=") }
    guard text.count % 4 == 0, text.count - digits.count <= 2,
      text[digits.count...].allSatisfy({ $0 == UInt8(ascii: "=") })
    else { return nil }
    for character in digits {
      let value: UInt8
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - 71
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character + 4
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }
}
