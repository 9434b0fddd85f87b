import Foundation
import JSONText

/// Creates normalizers from the `normalizer` section of tokenizer.json.
enum NormalizerLoading {
  /// Loads a normalizer; `nil` if there is none.
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

  /// Loads a base64-encoded character map.
  static func precompiled(_ field: Field) throws(TokenizerError) -> PrecompiledNormalizer {
    let text = Data(try field.bytes())
    // Foundation accepts digits after the padding; only canonical base64 encodes to the same text again.
    guard let map = Data(base64Encoded: text), map.base64EncodedData() == text else {
      throw .invalid(path: field.path, expected: "base 64", found: "other characters")
    }
    guard let normalizer = PrecompiledNormalizer(Array(map)) else {
      throw .invalid(path: field.path, expected: "a character map", found: "\(map.count) other bytes")
    }
    return normalizer
  }

  /// The first `Precompiled` normalizer of a section. T5's class ignores all others.
  static func firstPrecompiled(_ field: Field) throws(TokenizerError) -> PrecompiledNormalizer? {
    guard field.exists else { return nil }
    let parts = field["type"].value == "Sequence" ? try field["normalizers"].array() : [field]
    for part in parts where part["type"].value == "Precompiled" { return try precompiled(part["precompiled_charsmap"]) }
    return nil
  }
}

/// Creates pre-tokenizers from the `pre_tokenizer` section of tokenizer.json.
enum PreTokenizerLoading {
  /// Loads a pre-tokenizer; `nil` if there is none.
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
      throw .invalid(path: field.path, expected: "a behavior of delimiters", found: try field.string())
    }
    return behavior
  }

  /// Loads Metaspace. Newer files have `prepend_scheme`, older ones `add_prefix_space`.
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

/// Creates a cutter from a pattern: `{"String": …}` or `{"Regex": …}`.
enum PatternLoading {
  static func load(_ field: Field) throws(TokenizerError) -> any Cutter & Sendable {
    if field["String"].exists { return StringCutter(needle: try field["String"].bytes()) }
    guard field["Regex"].exists else { throw field.invalid("an object with String or Regex") }
    return try regularExpression(try field["Regex"].string(), path: field["Regex"].path)
  }

  /// The hand-written matcher if the pattern is GPT-2's, else the general regex engine.
  static func regularExpression(_ pattern: String, path: String) throws(TokenizerError) -> any Cutter & Sendable {
    if pattern == GPT2Cutter.pattern { return GPT2Cutter() }
    do throws(RegexParser.Failure) {
      return try RegexCutter(pattern)
    } catch {
      throw .invalidPattern(pattern: pattern, offset: error.offset, expected: error.expected, path: path)
    }
  }
}

/// Creates post-processors from the `post_processor` section of tokenizer.json.
enum PostProcessorLoading {
  /// Loads a post-processor; `nil` if there is none.
  static func load(_ field: Field) throws(TokenizerError) -> (any PostProcessor)? {
    guard field.exists else { return nil }
    let type = try field["type"].string()
    switch type {
    case "Sequence":
      var parts: [any PostProcessor] = []
      for part in try field["processors"].array() {
        if let processor = try load(part) { parts.append(processor) }
      }
      return PostProcessorSequence(parts: parts)
    case "ByteLevel":
      guard try field["trim_offsets"].bool(default: true) else { return PostProcessorSequence(parts: []) }
      return TrimmingProcessor(addPrefixSpace: try field["add_prefix_space"].bool(default: true))
    case "TemplateProcessing": return try template(field)
    case "BertProcessing":
      return TemplateProcessor(
        first: [try pairID(field["cls"])], last: [try pairID(field["sep"])], pairs: .segments)
    case "RobertaProcessing":
      return roberta(
        classID: try pairID(field["cls"]), separatorID: try pairID(field["sep"]),
        trimOffsets: try field["trim_offsets"].bool(default: true),
        addPrefixSpace: try field["add_prefix_space"].bool(default: true))
    default: throw .unsupported(part: "post-processor", name: type, path: field.path)
    }
  }

  static func roberta(
    classID: Int, separatorID: Int, trimOffsets: Bool, addPrefixSpace: Bool
  ) -> any PostProcessor {
    let frame = TemplateProcessor(first: [classID], last: [separatorID], pairs: .doubled)
    guard trimOffsets else { return frame }
    return PostProcessorSequence(parts: [TrimmingProcessor(addPrefixSpace: addPrefixSpace), frame])
  }

  /// The id in a pair such as `["[SEP]", 102]`.
  private static func pairID(_ field: Field) throws(TokenizerError) -> Int {
    let pair = try field.array()
    guard pair.count == 2 else { throw field.invalid("a token and its id") }
    _ = try pair[0].bytes()
    return try pair[1].int(in: 0...Vocabulary.largestID)
  }

  private static func template(_ field: Field) throws(TokenizerError) -> TemplateProcessor {
    var parts: [TemplateProcessor.Part] = []
    for piece in try field["single"].array() {
      parts.append(piece["Sequence"].exists ? .text : .tokens(try specialIDs(piece, field)))
    }
    var pair: [TemplateProcessor.PairPart] = []
    for piece in try field["pair"].array() {
      let sequence = piece["Sequence"]
      let type = UInt8(
        try (sequence.exists ? sequence : piece["SpecialToken"])["type_id"].int(in: 0...Int(UInt8.max), default: 0))
      if sequence.exists {
        pair.append(.init(try sequence["id"].string() == "A" ? .first : .second, type))
      } else {
        pair.append(.init(.tokens(try specialIDs(piece, field)), type))
      }
    }
    return TemplateProcessor(parts: parts, pair: pair)
  }

  /// The ids of a special token of a template.
  private static func specialIDs(_ piece: Field, _ template: Field) throws(TokenizerError) -> [Int] {
    let name = try piece["SpecialToken"]["id"].string()
    let special = template["special_tokens"][name]
    guard special.exists else { throw .missingToken(token: name, path: template["special_tokens"].path) }
    var ids: [Int] = []
    for id in try special["ids"].array() { ids.append(try id.int(in: 0...Vocabulary.largestID)) }
    return ids
  }
}

/// Creates decoders from the `decoder` section of tokenizer.json.
enum DecoderLoading {
  /// Loads a decoder. Without one, tokens are joined with spaces.
  static func load(_ field: Field) throws(TokenizerError) -> Decoder {
    Decoder(stages: field.exists ? try stages(field) : [SpaceJoiningStage()])
  }

  private static func stages(_ field: Field) throws(TokenizerError) -> [any DecodingStage] {
    let type = try field["type"].string()
    switch type {
    case "Sequence":
      var stages: [any DecodingStage] = []
      for part in try field["decoders"].array() { stages += try self.stages(part) }
      return stages
    case "ByteLevel": return [ByteLevelStage()]
    case "Fuse": return [FuseStage()]
    case "ByteFallback": return [ByteFallbackStage()]
    case "WordPiece":
      let prefix = field["prefix"]
      return [
        WordPieceStage(
          prefix: prefix.exists ? try prefix.bytes() : Array("##".utf8),
          cleansUp: try field["cleanup"].bool(default: true))
      ]
    case "Metaspace":
      let replacement = Array(String(try field["replacement"].scalar()).utf8)
      let scheme = try PreTokenizerLoading.prependScheme(field)
      return [MetaspaceStage(replacement: replacement, keepsFirst: scheme == .never)]
    case "BPEDecoder":
      return [SuffixStage(suffix: field["suffix"].exists ? try field["suffix"].bytes() : Array("</w>".utf8))]
    case "CTC":
      return [
        CTCStage(
          padding: try field["pad_token"].bytes(), wordDelimiter: try field["word_delimiter_token"].bytes(),
          cleansUp: try field["cleanup"].bool(default: true))
      ]
    case "Strip":
      return [
        StripStage(
          content: Array(String(try field["content"].scalar()).utf8),
          start: try field["start"].int(in: 0...Int(Int32.max)), stop: try field["stop"].int(in: 0...Int(Int32.max)))
      ]
    case "Replace":
      return [
        ReplaceStage(pattern: try PatternLoading.load(field["pattern"]), content: try field["content"].bytes())
      ]
    default: throw .unsupported(part: "decoder", name: type, path: field.path)
    }
  }
}
