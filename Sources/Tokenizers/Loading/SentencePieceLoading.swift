import JSONText

extension SentencePieceModel {
  /// The SentencePiece file of a folder with its path; `nil` if there is none.
  static func read(folder: String) throws(TokenizerError) -> (file: SentencePieceModel, path: String)? {
    for name in ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"] {
      let path = "\(folder)/\(name)"
      if let bytes = try TokenizerFiles.bytes(path) { return (try SentencePieceModel(bytes, path: path), path) }
    }
    return nil
  }

  /// SentencePiece's character map; `nil` if there is none.
  func normalizer(path: String) throws(TokenizerError) -> PrecompiledNormalizer? {
    guard let characterMap else { return nil }
    guard let normalizer = PrecompiledNormalizer(characterMap) else {
      throw .invalid(path: path, expected: "a character map", found: "other bytes")
    }
    return normalizer
  }

  /// The tokens that are matched in the text before tokenization: control tokens, which are special, and user-defined
  /// ones.
  var addedTokens: [AddedToken] {
    pieces.filter { $0.type == 3 || $0.type == 4 }.map { piece in
      var token = AddedToken(special: "")
      token.content = piece.text
      token.special = piece.type == 3
      return token
    }
  }

  /// The pieces with their ids.
  func table() -> Vocabulary {
    var vocabulary = Vocabulary(minimumCapacity: pieces.count)
    for (id, piece) in pieces.enumerated() { vocabulary.set(piece.text, id: id) }
    return vocabulary
  }

  /// Byte-pair encoding by the scores of normal pieces.
  /// - Parameter takesWhole: whether a text that is in the vocabulary becomes one token without merging.
  func pairModel(byteFallback: Bool, takesWhole: Bool = false) -> ScoredPairModel {
    ScoredPairModel(
      vocabulary: table(), scores: pieces.map { $0.type == 1 ? $0.score : .nan },
      unknownID: pieces.indices.contains(unknownID) ? unknownID : nil, byteFallback: byteFallback, fusesUnknown: true,
      takesWhole: takesWhole)
  }

  /// A pre-tokenizer that isolates user-defined pieces, the longest match first; `nil` if there are none.
  func userDefinedCutter(path: String) throws(TokenizerError) -> SplitPreTokenizer? {
    let texts = pieces.filter { $0.type == 4 && !$0.text.isEmpty }.map { String(decoding: $0.text, as: UTF8.self) }
    guard !texts.isEmpty else { return nil }
    let longestFirst = texts.enumerated().sorted {
      let (a, b) = ($0.element.unicodeScalars.count, $1.element.unicodeScalars.count)
      return a != b ? a > b : $0.offset < $1.offset
    }
    let pattern = longestFirst.map { Self.escaped($0.element) }.joined(separator: "|")
    return SplitPreTokenizer(
      cutter: try PatternLoading.regularExpression(pattern, path: path), behavior: .isolated)
  }

  /// A regular expression that matches a text literally.
  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.isASCII, scalar.properties.generalCategory != .control, !scalar.properties.isAlphabetic,
        scalar.properties.numericType == nil
      {
        result.append("\\")
      }
      result.append(scalar)
    }
    return String(result)
  }

  /// The text of an id's piece; `nil` if the id is out of range.
  func piece(_ id: Int) -> String? {
    pieces.indices.contains(id) ? String(decoding: pieces[id].text, as: UTF8.self) : nil
  }
}

extension TokenizerParts {
  /// The parts for a SentencePiece file without tokenizer.json: those of the tokenizer's class, or else those that the
  /// file describes.
  static func sentencePiece(
    _ file: SentencePieceModel, path: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> TokenizerParts {
    switch (file.modelType, configuration.kind) {
    case (1, .xlmRoberta), (1, .albert), (1, .t5): return try unigram(configuration.kind, file, path, configuration)
    case (1, _) where path.hasSuffix("/spiece.model"): return try unigram(.t5, file, path, configuration)
    case (2, .llama), (2, .gemma): return try pairs(configuration.kind, file, path, configuration)
    case (1, _), (2, _): return try plain(file, path, configuration)
    case (let type, _): throw .unsupported(part: "SentencePiece model", name: "type \(type)", path: path)
    }
  }

  /// A class with a unigram model.
  private static func unigram(
    _ kind: TokenizerKind, _ file: SentencePieceModel, _ path: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> TokenizerParts {
    var pieces = file.pieces.map { (text: $0.text, score: $0.score) }
    if kind == .xlmRoberta {
      // fairseq's order: four tokens of its own instead of the file's three, and the mask at the end.
      guard pieces.count >= 3 else {
        throw .invalid(path: path, expected: "at least 3 pieces", found: "\(pieces.count)")
      }
      let tokens = try ConfiguredTokens(
        configuration, defaults: ClassPipeline(kind, configuration.settings).tokens, file: [])
      let named = { (name: String) in (text: tokens.content(name) ?? [], score: 0.0) }
      pieces =
        ["bos_token", "pad_token", "eos_token", "unk_token"].map(named) + pieces.dropFirst(3) + [named("mask_token")]
    }
    let values = pieces.map { JSONValue.array([.string(ByteString($0.text)), .double($0.score)]) }
    let parts = VocabularyParts(
      vocabulary: Field(.array(values), path), merges: Field(nil, path), characterMap: try file.normalizer(path: path),
      controlTokens: file.addedTokens)
    return try TokenizerParts(kind, parts, configuration)
  }

  /// A class with byte-pair encoding. Pairs are merged in the order of the merged piece's score, as in SentencePiece.
  private static func pairs(
    _ kind: TokenizerKind, _ file: SentencePieceModel, _ path: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> TokenizerParts {
    let field = Field(nil, path)
    let parts = VocabularyParts(
      vocabulary: field, merges: field, controlTokens: file.addedTokens, model: file.pairModel(byteFallback: true))
    return try TokenizerParts(kind, parts, configuration)
  }

  /// The pipeline that the file describes, for classes that do not build their own (`TokenizersBackend` of transformers
  /// 5).
  private static func plain(
    _ file: SentencePieceModel, _ path: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    let isLegacy = try settings["legacy"].bool(default: true)
    let space = Array("▁".utf8)
    var normalizers: [any Normalizer] = []
    if let map = try file.normalizer(path: path) { normalizers.append(map) }
    if file.removesExtraSpaces {
      for (pattern, content) in [(#"\A +| +\z"#, []), (" {2,}", [0x20])] as [(String, [UInt8])] {
        let cutter = try PatternLoading.regularExpression(pattern, path: path)
        normalizers.append(ReplaceNormalizer(pattern: cutter, content: content))
      }
    }
    if file.marksSpaces { normalizers.append(ReplaceNormalizer(pattern: StringCutter(needle: [0x20]), content: space)) }
    if file.addsSpace, isLegacy {
      let start = try PatternLoading.regularExpression(#"\A▁"#, path: path)
      normalizers.append(ReplaceNormalizer(pattern: start, content: space + space))
    }
    var stages: [any DecodingStage] = [ReplaceStage(pattern: StringCutter(needle: space), content: [0x20])]
    if file.byteFallback { stages.append(ByteFallbackStage()) }
    if file.addsSpace || file.byteFallback { stages.append(FuseStage()) }
    if file.addsSpace { stages.append(StripStage(content: [0x20], start: 1, stop: 0)) }
    var preTokenizers: [any PreTokenizer] = []
    if file.addsSpace {
      preTokenizers.append(
        MetaspacePreTokenizer(replacement: "▁", scheme: isLegacy ? .always : .first, split: false))
    }
    // User-defined pieces are never merged with others. The steps before, such as the space at the start, apply to them
    // too.
    let userDefined = try file.userDefinedCutter(path: path)
    if let userDefined { preTokenizers.append(userDefined) }
    let model: any TokenModel
    if file.modelType == 1 {
      let hidden: Set<Int> = [3, 5]
      model = UnigramModel(
        pieces: file.pieces.map { ($0.text, $0.score) },
        unknownID: file.pieces.indices.contains(file.unknownID) ? file.unknownID : nil, byteFallback: file.byteFallback,
        isHidden: { hidden.contains(file.pieces[$0].type) })
    } else {
      model = file.pairModel(byteFallback: file.byteFallback, takesWhole: userDefined != nil)
    }
    let defaults = [
      "bos_token": file.piece(file.bosID), "eos_token": file.piece(file.eosID), "unk_token": file.piece(file.unknownID),
    ].compactMapValues(\.self)
    var tokens = try ConfiguredTokens(configuration, defaults: defaults, file: [])
    if !tokens.hasExtra {
      tokens.extra = file.addedTokens.filter(\.special).map(ConfiguredTokens.Entry.init)
    }
    return TokenizerParts(
      normalizer: NormalizerSequence(normalizers: normalizers),
      preTokenizer: PreTokenizerSequence(parts: preTokenizers),
      model: model, decoder: Decoder(stages: stages), tokens: tokens, frame: try addedFrame(settings))
  }
}
