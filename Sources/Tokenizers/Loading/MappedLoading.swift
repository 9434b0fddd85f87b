import JSONText

/// Tokenizers that split a text with a SentencePiece model and take the ids of the pieces from vocab.json: Marian
/// (`source.spm`) and M2M-100 (`sentencepiece.bpe.model`).
extension TokenizerParts {
  /// Reads the files of a folder; `nil` if it has none of this kind.
  static func mapped(folder: String, _ configuration: TokenizerConfiguration) throws(TokenizerError) -> TokenizerParts?
  {
    let vocabularyPath = "\(folder)/vocab.json"
    guard FileBytes.exists(vocabularyPath) else { return nil }
    for (name, isMarian) in [("source.spm", true), ("sentencepiece.bpe.model", false)] {
      let path = "\(folder)/\(name)"
      guard let bytes = try TokenizerFiles.bytes(path), let json = try TokenizerFiles.json(vocabularyPath) else {
        continue
      }
      let model = try SentencePieceModel(bytes, path: path)
      let vocabulary = Field(json, vocabularyPath)
      return isMarian
        ? try marian(model, vocabulary, configuration, path: path)
        : try m2m100(model, vocabulary, configuration, path: path)
    }
    return nil
  }

  /// Marian: the end-of-text token after the text. The source text begins with the target language, such as `>>fra<<`.
  private static func marian(
    _ model: SentencePieceModel, _ field: Field, _ configuration: TokenizerConfiguration, path: String
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    if try settings["separate_vocabs"].bool(default: false) {
      throw .unsupported(part: "tokenizer", name: "separate_vocabs", path: settings.path)
    }
    let vocabulary = try ModelLoading.vocabulary(field)
    let tokens = try ConfiguredTokens(
      configuration, defaults: ["unk_token": "<unk>", "eos_token": "</s>", "pad_token": "<pad>"], file: [])
    var parts = try mapped(model, vocabulary, tokens, field, path: path, isMarian: true)
    guard let end = tokens.content("eos_token").flatMap({ vocabulary.id(of: $0) }) else {
      throw field.invalid("the end-of-text token among the pieces")
    }
    parts.frame = frame(first: [], last: [end])
    if let source = settings["source_lang"].value?.string, let target = settings["target_lang"].value?.string {
      parts.languagePair = LanguagePair(source: source, target: target)
    }
    parts.readsLeadingCode = true
    return parts
  }

  /// M2M-100: the source language's token before the text, the end-of-text token after it. The ids of the languages
  /// follow those of the vocabulary.
  private static func m2m100(
    _ model: SentencePieceModel, _ field: Field, _ configuration: TokenizerConfiguration, path: String
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    var vocabulary = try ModelLoading.vocabulary(field)
    let set = settings["language_codes"].exists ? try settings["language_codes"].string() : "m2m100"
    guard let codes = LanguageCode.m2m100[set] else {
      throw .unsupported(part: "language_codes", name: set, path: settings.path)
    }
    let count = vocabulary.count
    guard count + codes.count <= Vocabulary.largestID else { throw field.invalid("fewer pieces") }
    for (index, code) in codes.enumerated() { vocabulary.set(Array("__\(code)__".utf8), id: count + index) }
    let tokens = try ConfiguredTokens(
      configuration,
      defaults: [
        "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
      ], file: [])
    var parts = try mapped(model, vocabulary, tokens, field, path: path, isMarian: false)
    let source = settings["src_lang"].exists ? try settings["src_lang"].string() : "en"
    guard let language = vocabulary.id(of: Array("__\(source)__".utf8)),
      let end = tokens.content("eos_token").flatMap({ vocabulary.id(of: $0) })
    else {
      throw .invalid(path: settings.path, expected: "the code of a language of the vocabulary", found: source)
    }
    parts.frame = frame(first: [language], last: [end])
    // A text may contain language tokens to choose the languages. Those that a file lists as special have been added
    // already.
    let listed = Set(tokens.extra.map(\.token.content))
    for code in codes {
      var token = AddedToken(special: "__\(code)__")
      token.special = false
      if !listed.contains(token.content) { parts.addedTokens.append(token) }
    }
    return parts
  }

  /// The same frame for one text and for a pair; the texts of a pair follow each other directly.
  private static func frame(first: [Int], last: [Int]) -> Frame {
    let tokens = { (ids: [Int]) in ids.isEmpty ? [] : [TemplateProcessor.PairPart(.tokens(ids), 0)] }
    return .processor(
      TemplateProcessor(
        parts: (first.isEmpty ? [] : [.tokens(first)]) + [.text, .tokens(last)],
        pair: tokens(first) + [.init(.first, 0), .init(.second, 0)] + tokens(last)))
  }

  private static func mapped(
    _ model: SentencePieceModel, _ vocabulary: Vocabulary, _ tokens: ConfiguredTokens, _ field: Field, path: String,
    isMarian: Bool
  ) throws(TokenizerError) -> TokenizerParts {
    guard let unknown = tokens.content("unk_token").flatMap({ vocabulary.id(of: $0) }) else {
      throw field.invalid("the unknown token among the pieces")
    }
    guard model.pieces.indices.contains(model.unknownID) else {
      throw .invalid(path: path, expected: "a piece for unknown text", found: "\(model.unknownID)")
    }
    let isHidden = { (id: Int) in [2, 3, 5].contains(model.pieces[id].type) }
    let cutter: any TokenModel
    switch model.modelType {
    case 1:
      cutter = UnigramModel(
        pieces: model.pieces.map { (piece: $0.text, score: $0.score) }, unknownID: model.unknownID, byteFallback: false,
        isHidden: isHidden)
    case 2: cutter = model.pairModel(byteFallback: false)
    default: throw .unsupported(part: "SentencePiece model", name: "type \(model.modelType)", path: path)
    }
    var normalizers: [any Normalizer] = []
    if var map = try model.normalizer(path: path) {
      map.takesLongest = true
      normalizers.append(map)
    }
    normalizers.append(WordSpaceNormalizer(prepends: model.addsSpace, merges: model.removesExtraSpaces))
    return TokenizerParts(
      normalizer: NormalizerSequence(normalizers: normalizers), preTokenizer: nil,
      model: MappedModel(cutter, modelUnknownID: model.unknownID, vocabulary: vocabulary, unknownID: unknown),
      decoder: Decoder(
        stages: [
          SentencePieceStage(
            pieces: .init(
              contains: { [pieces = cutter.vocabulary] in pieces.id(of: $0) != nil },
              control: Set(model.pieces.filter { $0.type == 3 }.map(\.text)),
              unknown: model.pieces[model.unknownID].text),
            special: tokens.specialContents, isMarian: isMarian,
            dropsFirst: model.addsSpace || model.removesExtraSpaces, dropsAll: model.removesExtraSpaces)
        ]),
      tokens: tokens, frame: .processor(nil))
  }
}

/// How languages are written as tokens.
enum LanguageCode {
  /// The codes of M2M-100's two sets of models, in the order of their ids.
  static let m2m100: [String: [String]] = [
    "m2m100": list(
      """
      af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy
      id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru
      sd si sk sl so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu
      """),
    "wmt21": list("en ha is ja cs ru zh de"),
  ]

  private static func list(_ words: String) -> [String] {
    words.split { $0 == " " || $0 == "\n" }.map(String.init)
  }
}
