import JSONText

/// Makes pre-tokenizers from their description in tokenizer.json.
enum PreTokenizerLoading {
  /// The pre-tokenizer of a field, `nil` when there is none.
  static func load(_ field: Field) throws(TokenizerError) -> (any PreTokenizer)? {
    guard field.exists else { return nil }
    let type = try field["type"].string()
    switch type {
    case "Sequence":
      var parts: [any PreTokenizer] = []
      for part in try field["pretokenizers"].array() {
        if let preTokenizer = try load(part) { parts.append(preTokenizer) }
      }
      return PreTokenizerSequence(parts: parts)
    case "ByteLevel":
      return ByteLevelPreTokenizer(
        addPrefixSpace: try field["add_prefix_space"].bool(default: true),
        usePattern: try field["use_regex"].bool(default: true))
    case "Metaspace": return try metaspace(field)
    case "Whitespace": return SplitPreTokenizer(cutter: WordCutter(), behavior: .removed, invert: true)
    case "WhitespaceSplit":
      return SplitPreTokenizer(cutter: CharacterCutter(isDelimiter: ScalarClass.isWhitespace), behavior: .removed)
    case "BertPreTokenizer": return BertPreTokenizer()
    case "Punctuation":
      let behavior = field["behavior"].exists ? try self.behavior(field["behavior"]) : .isolated
      return SplitPreTokenizer(cutter: CharacterCutter(isDelimiter: ScalarClass.isPunctuation), behavior: behavior)
    case "Digits":
      let individual = try field["individual_digits"].bool(default: false)
      return SplitPreTokenizer(
        cutter: CharacterCutter(isDelimiter: ScalarClass.isNumeric), behavior: individual ? .isolated : .contiguous)
    case "CharDelimiterSplit":
      let delimiter = try field["delimiter"].scalar().value
      return SplitPreTokenizer(cutter: CharacterCutter { $0 == delimiter }, behavior: .removed)
    case "Split":
      return SplitPreTokenizer(
        cutter: try PatternLoading.load(field["pattern"]), behavior: try behavior(field["behavior"]),
        invert: try field["invert"].bool(default: false))
    case "FixedLength": return FixedLengthPreTokenizer(length: try field["length"].int(in: 1...Int(Int32.max)))
    default: throw .unsupported(part: "pre-tokenizer", name: type, path: field.path)
    }
  }

  private static func behavior(_ field: Field) throws(TokenizerError) -> SplitBehavior {
    guard let behavior = SplitBehavior(rawValue: try field.string()) else {
      throw .invalid(path: field.path, expected: "a behaviour of delimiters", found: try field.string())
    }
    return behavior
  }

  /// Old files say `add_prefix_space`, newer ones `prepend_scheme`.
  private static func metaspace(_ field: Field) throws(TokenizerError) -> MetaspacePreTokenizer {
    MetaspacePreTokenizer(
      replacement: try field["replacement"].scalar(), scheme: try prependScheme(field),
      split: try field["split"].bool(default: true))
  }

  static func prependScheme(_ field: Field) throws(TokenizerError) -> MetaspacePreTokenizer.PrependScheme {
    if field["prepend_scheme"].exists {
      let name = try field["prepend_scheme"].string()
      guard let scheme = MetaspacePreTokenizer.PrependScheme(rawValue: name) else {
        throw .invalid(path: field["prepend_scheme"].path, expected: "always, first or never", found: name)
      }
      return scheme
    }
    return try field["add_prefix_space"].bool(default: true) ? .always : .never
  }
}
