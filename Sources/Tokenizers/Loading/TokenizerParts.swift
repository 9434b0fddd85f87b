import JSONText

/// All parts of a tokenizer, as loaded from files.
struct TokenizerParts {
  var normalizer: (any Normalizer)?
  var preTokenizer: (any PreTokenizer)?
  var model: any TokenModel
  var decoder: Decoder
  /// The `added_tokens` of tokenizer.json, added before the tokens of the configuration.
  var addedTokens: [AddedToken] = []
  var tokens: ConfiguredTokens
  var frame: Frame
  var splitsSpecialTokens = false
  /// Whether a text may begin with the code of a language, `>>fra<<`, which is one token (Marian).
  var readsLeadingCode = false
  /// Whether the model reads the segments of a pair.
  var givesTypes = false
  /// A one-sentence warning about the files, for display.
  var notice: String?
  /// The languages of a tokenizer for a single translation direction.
  var languagePair: LanguagePair?

  /// The post-processing. Tokens given by name are resolved to ids once all tokens have been added.
  enum Frame {
    case processor((any PostProcessor)?)
    /// One token before the text and one after it, by their names in the configuration; `trimming` is applied first.
    case named(
      first: String?, last: String?, pairs: TemplateProcessor.PairStyle = .framed, trimming: TrimmingProcessor? = nil,
      addsLastOnce: Bool = false)
  }

  /// The parts given by tokenizer.json, or by the tokenizer's class if that builds its own pipeline and overrules the
  /// file.
  init(json: Field, _ configuration: TokenizerConfiguration) throws(TokenizerError) {
    var kind = configuration.kind
    let file = try Self.fileTokens(json["added_tokens"])
    let type = try ModelLoading.type(json["model"])
    if !kind.rebuilds(modelType: type) { kind = .generic }
    if kind == .llama, Self.mentionsByteLevel(json) { kind = .generic }
    let processor = try PostProcessorLoading.load(json["post_processor"])
    let parts = VocabularyParts(
      vocabulary: json["model"]["vocab"], merges: json["model"]["merges"],
      characterMap: [.t5, .albert, .xlmRoberta].contains(kind)
        ? try NormalizerLoading.firstPrecompiled(json["normalizer"]) : nil)
    if kind == .generic || kind.yieldsToFile {
      let pipeline = kind.yieldsToFile ? try ClassPipeline(kind, configuration.settings) : nil
      let special = Set(file.filter(\.token.special).map(\.token.content))
      let defaults = pipeline?.tokens.filter { special.contains(Array($0.value.utf8)) } ?? [:]
      tokens = try ConfiguredTokens(configuration, defaults: defaults, file: file)
      if let pipeline {
        notice = Self.notice(pipeline, kind, json, configuration.settings) {
          "used as it is, although in transformers 5 the class \(kind.rawValue) overrules \($0)"
        }
      }
      normalizer = try NormalizerLoading.load(json["normalizer"])
      preTokenizer = try PreTokenizerLoading.load(json["pre_tokenizer"])
      model = try ModelLoading.load(json["model"])
      decoder = try DecoderLoading.load(json["decoder"])
      addedTokens = file.map(\.token)
      frame = .processor(processor)
    } else {
      let pipeline = try ClassPipeline(kind, configuration.settings)
      self = try Self.rebuilt(
        kind, pipeline, parts, configuration, file: file, processor: pipeline.ignoresFileFrame ? nil : processor)
      notice = Self.notice(pipeline, kind, json, configuration.settings) {
        "the tokenizer's class \(kind.rawValue) overrules \($0), as in transformers 5"
      }
    }
    splitsSpecialTokens = try configuration.settings["split_special_tokens"].bool(default: false)
    givesTypes = try configuration.givesTypes
  }

  /// The parts that a class builds for a vocabulary from older files.
  init(_ kind: TokenizerKind, _ parts: VocabularyParts, _ configuration: TokenizerConfiguration) throws(TokenizerError)
  {
    let pipeline = try ClassPipeline(kind, configuration.settings)
    self = try Self.rebuilt(kind, pipeline, parts, configuration, file: [], processor: nil)
    splitsSpecialTokens = try configuration.settings["split_special_tokens"].bool(default: false)
    givesTypes = try configuration.givesTypes
    if pipeline.frame == nil { frame = try Self.addedFrame(configuration.settings) }
  }

  /// The tokens around a text that the configuration asks for.
  static func addedFrame(_ settings: Field) throws(TokenizerError) -> Frame {
    .named(
      first: try settings["add_bos_token"].bool(default: false) ? "bos_token" : nil,
      last: try settings["add_eos_token"].bool(default: false) ? "eos_token" : nil)
  }

  init(
    normalizer: (any Normalizer)?, preTokenizer: (any PreTokenizer)?, model: any TokenModel, decoder: Decoder,
    tokens: ConfiguredTokens, frame: Frame
  ) {
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.model = model
    self.decoder = decoder
    self.tokens = tokens
    self.frame = frame
  }

  /// The notice about differences between a class and tokenizer.json; `nil` if there are none.
  private static func notice(
    _ pipeline: ClassPipeline, _ kind: TokenizerKind, _ json: Field, _ settings: Field, _ sentence: (String) -> String
  ) -> String? {
    let overruled = OverruledParts.names(pipeline, kind, json, settings)
    return overruled.isEmpty ? nil : "\(json.path): \(sentence(overruled.joined(separator: ", ")))"
  }

  private static func fileTokens(_ field: Field) throws(TokenizerError) -> [(id: Int, token: AddedToken)] {
    guard field.exists else { return [] }
    var tokens: [(id: Int, token: AddedToken)] = []
    for element in try field.array() {
      tokens.append((try element["id"].int(in: 0...Vocabulary.largestID), try AddedToken(element)))
    }
    return tokens
  }

  private static func mentionsByteLevel(_ json: Field) -> Bool {
    [json["pre_tokenizer"], json["decoder"], json["normalizer"]].contains { part in
      let types = [part] + ["pretokenizers", "decoders", "normalizers"].flatMap { (try? part[$0].array()) ?? [] }
      return types.contains { $0["type"].value == "ByteLevel" }
    }
  }
}

extension TokenizerParts {
  /// Reads a folder: tokenizer.json if present, or else the older files.
  init(folder: String) throws(TokenizerError) {
    let configuration = try TokenizerConfiguration(folder: folder)
    if configuration.kind == .byt5 {
      self = try Self.bytes(configuration)
      return
    }
    if let json = try TokenizerFiles.json("\(folder)/tokenizer.json") {
      try self.init(json: Field(json, "\(folder)/tokenizer.json"), configuration)
      return
    }
    if let parts = try Self.mapped(folder: folder, configuration) {
      self = parts
      return
    }
    let path = "\(folder)/vocab.json"
    if let vocabulary = try TokenizerFiles.json(path), let merges = try TokenizerFiles.bytes("\(folder)/merges.txt") {
      let rules = try TokenizerFiles.mergeLines(merges, path: "\(folder)/merges.txt")
      let kind = [.roberta, .qwen2, .gptNeoX].contains(configuration.kind) ? configuration.kind : .gpt2
      let parts = VocabularyParts(vocabulary: Field(vocabulary, path), merges: Field(rules, "\(folder)/merges.txt"))
      try self.init(kind, parts, configuration)
    } else if let lines = try TokenizerFiles.bytes("\(folder)/vocab.txt") {
      let table = try TokenizerFiles.vocabularyLines(lines, path: "\(folder)/vocab.txt")
      let field = Field(nil, "\(folder)/vocab.txt")
      try self.init(.bert, VocabularyParts(vocabulary: field, merges: field, table: table), configuration)
    } else if let (file, path) = try SentencePieceModel.read(folder: folder) {
      self = try Self.sentencePiece(file, path: path, configuration)
    } else {
      throw .noTokenizer(folder: folder)
    }
  }
}
