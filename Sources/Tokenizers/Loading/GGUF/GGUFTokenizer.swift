import JSONText

extension Tokenizer {
  /// Creates the tokenizer from the metadata of a GGUF file. It gives the same ids as llama.cpp.
  /// - Parameters:
  ///   - metadata: an object with the metadata keys that begin with `tokenizer.`, and `general.name`.
  ///   - path: the file's path, for error messages.
  ///   - readsSpecialTokens: whether special tokens written in a text are recognized.
  /// - Throws: ``TokenizerError`` if a value is missing, malformed or of an unsupported kind.
  public convenience init(
    ggufMetadata metadata: JSONValue, path: String, readsSpecialTokens: Bool = true
  ) throws(TokenizerError) {
    var parts = try TokenizerParts(gguf: try GGUFVocabulary(metadata, path: path))
    parts.splitsSpecialTokens = !readsSpecialTokens
    self.init(parts)
  }
}

extension TokenizerParts {
  /// The pipeline for the model type in `tokenizer.ggml.model`.
  init(gguf file: GGUFVocabulary) throws(TokenizerError) {
    let model = try file.field("model").string()
    switch model {
    case "llama": self = try Self.sentencePieceBPE(file)
    case "gpt2": self = try Self.byteLevelBPE(file)
    case "bert": self = try Self.wordPiece(file)
    case "t5": self = try Self.unigram(file)
    default: throw .unsupported(part: "tokenizer", name: model, path: file.field("model").path)
    }
    addedTokens = file.addedTokens()
  }

  private static let space = Array("▁".utf8)

  /// The tokens added around a text, by name. `add_sep_token` means that pairs have two separators in between.
  private static func frame(
    _ file: GGUFVocabulary, addsBOS: Bool, addsEOS: Bool
  ) throws(TokenizerError) -> Frame {
    .named(
      first: try file.field("add_bos_token").bool(default: addsBOS) ? "bos_token" : nil,
      last: try file.field("add_eos_token").bool(default: addsEOS) ? "eos_token" : nil,
      pairs: try file.field("add_sep_token").bool(default: false) ? .doubled : .framed)
  }

  /// SentencePiece's byte-pair encoding: pairs are merged in the order of the scores of the merged pieces.
  private static func sentencePieceBPE(_ file: GGUFVocabulary) throws(TokenizerError) -> TokenizerParts {
    let vocabulary = file.table { file.tokens[$0] }
    let addsSpace = try file.field("add_space_prefix").bool(default: true)
    let tokens = try file.specialTokens(["bos": 1, "eos": 2, "unknown": 0])
    var stages: [any DecodingStage] = [
      ReplaceStage(pattern: StringCutter(needle: space), content: [0x20]), ByteFallbackStage(), FuseStage(),
    ]
    if addsSpace { stages.append(StripStage(content: [0x20], start: 1, stop: 0)) }
    return TokenizerParts(
      normalizer: visibleSpaces(prepending: addsSpace), preTokenizer: nil,
      model: ScoredPairModel(
        vocabulary: vocabulary, scores: try file.scores(), unknownID: try file.id("unknown", default: 0)),
      decoder: Decoder(stages: stages), tokens: tokens, frame: try frame(file, addsBOS: true, addsEOS: false))
  }

  /// Replaces spaces by `▁`. With `prepending`, first adds a space to each part of the text, as llama.cpp does even if
  /// the part begins with one.
  private static func visibleSpaces(prepending: Bool) -> any Normalizer {
    let visible = ReplaceNormalizer(pattern: StringCutter(needle: [0x20]), content: space)
    return prepending ? NormalizerSequence(normalizers: [PrependNormalizer(prefix: space), visible]) : visible
  }

  /// Byte-level byte-pair encoding, after splitting the text by the regular expressions for `tokenizer.ggml.pre`.
  private static func byteLevelBPE(_ file: GGUFVocabulary) throws(TokenizerError) -> TokenizerParts {
    let name = file.field("pre")
    let row = try GGUFPreTokenizer.named(name.exists ? try name.string() : "default", path: name.path)
    var steps: [any PreTokenizer] = []
    for pattern in row.patterns {
      let cutter = try PatternLoading.regularExpression(pattern, path: name.path)
      steps.append(SplitPreTokenizer(cutter: cutter, behavior: .isolated))
    }
    steps.append(ByteLevelPreTokenizer(addPrefixSpace: false, usePattern: false))
    let vocabulary = file.table { file.tokens[$0] }
    var options = BytePairModel.Options()
    options.ignoresMerges = row.ignoresMerges
    let merges = try MergeLoading.load(file.field("merges"), vocabulary: vocabulary, prefixLength: 0)
    var parts = TokenizerParts(
      normalizer: nil, preTokenizer: PreTokenizerSequence(parts: steps),
      model: BytePairModel(vocabulary: vocabulary, merges: merges, options: options),
      decoder: Decoder(stages: [ByteLevelStage()], addedTokensAreText: true), tokens: try file.specialTokens([:]),
      frame: try frame(file, addsBOS: row.addsBOS, addsEOS: false))
    if !name.exists {
      parts.notice = "\(name.path): the key is missing; texts are split by llama.cpp's default pre-tokenizer"
    }
    return parts
  }

  /// WordPiece. llama.cpp's files mark the first piece of a word with `▁` instead of marking the other pieces with
  /// `##`.
  private static func wordPiece(_ file: GGUFVocabulary) throws(TokenizerError) -> TokenizerParts {
    let prefix = Array("##".utf8)
    let vocabulary = file.table { id in
      let token = file.tokens[id]
      if token.starts(with: space) { return Array(token.dropFirst(space.count)) }
      let isBracketed = token.count > 2 && token.first == UInt8(ascii: "[") && token.last == UInt8(ascii: "]")
      return file.kinds[id] == .normal && !isBracketed ? prefix + token : token
    }
    guard let unknown = try file.id("unknown", default: 100) else {
      throw file.field("unknown_token_id").invalid("an id of the vocabulary")
    }
    var defaults = ["seperator": 102, "padding": 0, "unknown": 100, "mask": 103]
    if try file.id("bos") == nil { defaults["cls"] = 101 }
    let tokens = try file.specialTokens(defaults)
    let first = tokens.content("cls_token") == nil ? "bos_token" : "cls_token"
    return TokenizerParts(
      normalizer: BertNormalizer(
        cleanText: true, handleChineseCharacters: true, stripAccents: nil,
        lowercase: try file.field("normalizer.lowercase").bool(default: true)),
      preTokenizer: BertPreTokenizer(),
      model: WordPieceModel(
        vocabulary: vocabulary, unknownID: unknown, continuingPrefix: prefix, mostCharacters: Int(Int32.max)),
      decoder: Decoder(stages: [WordPieceStage(prefix: prefix, cleansUp: true)]), tokens: tokens,
      // As in llama.cpp, these tokens are added whatever the file says. Its converter writes `false` for
      // `add_sep_token` if pairs have only one separator in between.
      frame: .named(first: first, last: "sep_token", pairs: .segments))
  }

  /// SentencePiece's unigram model, with its character map.
  private static func unigram(_ file: GGUFVocabulary) throws(TokenizerError) -> TokenizerParts {
    let scores = try file.scores()
    let addsSpace = try file.field("add_space_prefix").bool(default: false)
    let mergesSpaces = try file.field("remove_extra_whitespaces").bool(default: false)
    var normalizers: [any Normalizer] = []
    if let map = try characterMap(file.field("precompiled_charsmap")) { normalizers.append(map) }
    normalizers.append(WordSpaceNormalizer(prepends: addsSpace, merges: mergesSpaces))
    let isHidden = { (id: Int) in [.unknown, .control, .byte].contains(file.kinds[id]) }
    let pieces = file.tokens.indices.map { (piece: file.tokens[$0], score: scores[$0]) }
    let model = UnigramModel(
      pieces: pieces, unknownID: try file.id("unknown", default: 2), byteFallback: false, isHidden: isHidden)
    return TokenizerParts(
      normalizer: NormalizerSequence(normalizers: normalizers), preTokenizer: nil, model: model,
      decoder: Decoder(stages: [MetaspaceStage(replacement: space, keepsFirst: !addsSpace && !mergesSpaces)]),
      tokens: try file.specialTokens(["eos": 1, "unknown": 2, "padding": 0]),
      frame: try frame(file, addsBOS: false, addsEOS: true))
  }

  private static func characterMap(_ field: Field) throws(TokenizerError) -> PrecompiledNormalizer? {
    guard field.exists else { return nil }
    guard let numbers = field.value?.array else { throw field.invalid("an array of bytes") }
    guard !numbers.isEmpty else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count)
    // Elements can be signed or unsigned.
    for number in numbers {
      guard let value = number.int, -128...255 ~= value else { throw field.invalid("an array of bytes") }
      bytes.append(UInt8(truncatingIfNeeded: value))
    }
    guard var map = PrecompiledNormalizer(bytes) else {
      throw .invalid(path: field.path, expected: "a character map", found: "\(bytes.count) other bytes")
    }
    map.takesLongest = true
    return map
  }
}
