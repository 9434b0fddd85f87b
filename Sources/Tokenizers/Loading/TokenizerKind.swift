import JSONText

/// The tokenizer classes of transformers 5 that build their own pipeline and ignore the one in tokenizer.json.
enum TokenizerKind: String {
  case bert = "BertTokenizer"
  case gpt2 = "GPT2Tokenizer"
  case roberta = "RobertaTokenizer"
  case t5 = "T5Tokenizer"
  case llama = "LlamaTokenizer"
  /// Any other class: uses the pipeline of tokenizer.json.
  case generic

  /// The class that transformers chooses: the one the configuration names, or else the one registered for the model
  /// type.
  init(className: String?, modelType: String?) {
    let registered = modelType.flatMap { Self.classes[$0] }
    guard var name = className else {
      self = registered ?? .generic
      return
    }
    if name.hasSuffix("Fast") { name.removeLast(4) }
    self = Self(rawValue: Self.aliases[name] ?? name) ?? .generic
    if let modelType, Self.plainTypes.contains(modelType) { self = .generic }
  }

  private static let aliases = [
    "DistilBertTokenizer": "BertTokenizer", "ElectraTokenizer": "BertTokenizer", "BartTokenizer": "RobertaTokenizer",
    "LongformerTokenizer": "RobertaTokenizer", "LEDTokenizer": "RobertaTokenizer",
  ]

  /// The class for each model type, used if the configuration names no class.
  private static let classes: [String: TokenizerKind] = [
    "bert": .bert, "distilbert": .bert, "electra": .bert, "convbert": .bert, "ernie": .bert, "megatron-bert": .bert,
    "nomic_bert": .bert, "squeezebert": .bert, "roberta": .roberta, "roberta-prelayernorm": .roberta,
    "bart": .roberta, "longformer": .roberta, "data2vec-text": .roberta, "ibert": .roberta, "gpt2": .gpt2,
    "gpt_neo": .gpt2, "gptj": .gpt2, "opt": .gpt2, "codegen": .gpt2, "phi": .gpt2, "starcoder2": .gpt2, "t5": .t5,
    "mt5": .t5, "switch_transformers": .t5,
  ]

  /// Model types that always use the pipeline of tokenizer.json, even if the configuration names a class.
  private static let plainTypes: Set<String> = [
    "gpt_bigcode", "granite", "mistral", "mixtral", "modernbert", "olmo2", "olmo3", "phi3", "stablelm", "umt5",
  ]
}

extension TokenizerKind {
  /// Whether the class can build its pipeline for this kind of model. If not, the pipeline of tokenizer.json is used.
  func rebuilds(modelType: String) -> Bool {
    switch self {
    case .bert: modelType == "WordPiece"
    case .gpt2, .roberta, .llama: modelType == "BPE"
    case .t5: modelType == "Unigram"
    case .generic: false
    }
  }
}

/// A vocabulary as read from a file, for the classes that build their own pipeline.
struct VocabularyParts {
  /// An object from piece to id, or an array of pieces with scores.
  var vocabulary: Field
  /// The merge rules of byte-pair encoding.
  var merges: Field
  /// SentencePiece's character map.
  var characterMap: PrecompiledNormalizer?
  /// The control and user-defined tokens of a SentencePiece model; `nil` for other files.
  var controlTokens: [AddedToken]?
  /// The vocabulary as a table, if the file was read as one (vocab.txt).
  var table: Vocabulary?

  init(
    vocabulary: Field, merges: Field, characterMap: PrecompiledNormalizer? = nil, controlTokens: [AddedToken]? = nil,
    table: Vocabulary? = nil
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.characterMap = characterMap
    self.controlTokens = controlTokens
    self.table = table
  }

  /// The vocabulary as a table.
  func loadVocabulary() throws(TokenizerError) -> Vocabulary {
    if let table { table } else { try ModelLoading.vocabulary(vocabulary) }
  }
}

extension TokenizerParts {
  /// The pipeline that a class of transformers 5 builds for a vocabulary.
  static func rebuilt(
    _ kind: TokenizerKind, _ parts: VocabularyParts, _ configuration: TokenizerConfiguration,
    file: [(id: Int, token: AddedToken)], processor: (any PostProcessor)?
  ) throws(TokenizerError) -> TokenizerParts {
    switch kind {
    case .bert: return try bert(parts, configuration, file)
    case .gpt2, .roberta: return try byteLevel(kind, parts, configuration, file, processor)
    case .t5: return try t5(parts, configuration, file)
    case .llama, .generic: return try llama(parts, configuration, file, processor)
    }
  }

  private static func bert(
    _ parts: VocabularyParts, _ configuration: TokenizerConfiguration, _ file: [(id: Int, token: AddedToken)]
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    let tokens = try ConfiguredTokens(
      configuration,
      defaults: [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
      ], file: file)
    let vocabulary = try parts.loadVocabulary()
    let unknown = tokens.content("unk_token") ?? Array("[UNK]".utf8)
    return TokenizerParts(
      normalizer: BertNormalizer(
        cleanText: true, handleChineseCharacters: try settings["tokenize_chinese_chars"].bool(default: true),
        stripAccents: settings["strip_accents"].exists ? try settings["strip_accents"].bool() : nil,
        lowercase: try settings["do_lower_case"].bool(default: true)),
      preTokenizer: BertPreTokenizer(),
      model: WordPieceModel(
        vocabulary: vocabulary,
        unknownID: try ModelLoading.unknownID(unknown, vocabulary, path: parts.vocabulary.path),
        continuingPrefix: Array("##".utf8), mostCharacters: 100),
      decoder: Decoder(stages: [WordPieceStage(prefix: Array("##".utf8), cleansUp: true)]), tokens: tokens,
      frame: .named(first: "cls_token", last: "sep_token", trimming: nil))
  }

  private static func byteLevel(
    _ kind: TokenizerKind, _ parts: VocabularyParts, _ configuration: TokenizerConfiguration,
    _ file: [(id: Int, token: AddedToken)], _ processor: (any PostProcessor)?
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    let addPrefixSpace = try settings["add_prefix_space"].bool(default: false)
    let defaults =
      kind == .gpt2
      ? ["unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"]
      : [
        "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
        "pad_token": "<pad>", "mask_token": "<mask>",
      ]
    let trims = try settings["trim_offsets"].bool(default: true)
    return TokenizerParts(
      normalizer: nil, preTokenizer: ByteLevelPreTokenizer(addPrefixSpace: addPrefixSpace, usePattern: true),
      model: try bytePair(parts, BytePairModel.Options()), decoder: Decoder(stages: [ByteLevelStage()]),
      tokens: try ConfiguredTokens(configuration, defaults: defaults, file: file),
      frame: kind == .gpt2
        ? .processor(processor)
        : .named(
          first: "cls_token", last: "sep_token",
          trimming: trims ? TrimmingProcessor(addPrefixSpace: addPrefixSpace) : nil))
  }

  private static func llama(
    _ parts: VocabularyParts, _ configuration: TokenizerConfiguration, _ file: [(id: Int, token: AddedToken)],
    _ processor: (any PostProcessor)?
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    let addPrefixSpace = try settings["add_prefix_space"].bool(default: true)
    let scheme: MetaspacePreTokenizer.PrependScheme =
      !addPrefixSpace ? .never : try settings["legacy"].bool(default: false) ? .always : .first
    let space = Array("▁".utf8)
    var stages: [any DecodingStage] = [
      ReplaceStage(pattern: StringCutter(needle: space), content: [0x20]), ByteFallbackStage(), FuseStage(),
    ]
    if addPrefixSpace { stages.append(StripStage(content: [0x20], start: 1, stop: 0)) }
    var options = BytePairModel.Options()
    options.fusesUnknown = true
    options.byteFallback = true
    return TokenizerParts(
      normalizer: nil, preTokenizer: MetaspacePreTokenizer(replacement: "▁", scheme: scheme, split: false),
      model: try bytePair(parts, options), decoder: Decoder(stages: stages),
      tokens: try ConfiguredTokens(
        configuration, defaults: ["unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"], file: file),
      frame: .processor(processor))
  }

  private static func bytePair(
    _ parts: VocabularyParts, _ options: BytePairModel.Options
  ) throws(TokenizerError) -> BytePairModel {
    let vocabulary = try parts.loadVocabulary()
    let merges = parts.merges.exists ? parts.merges : Field([], parts.merges.path)
    return BytePairModel(
      vocabulary: vocabulary, merges: try MergeLoading.load(merges, vocabulary: vocabulary, prefixLength: 0),
      options: options)
  }

  private static func t5(
    _ parts: VocabularyParts, _ configuration: TokenizerConfiguration, _ file: [(id: Int, token: AddedToken)]
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    var tokens = try ConfiguredTokens(
      configuration, defaults: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"], file: file)
    let extraIDs = try settings["extra_ids"].int(in: 0...100_000, default: 100)
    let sentinels = (0..<extraIDs).map { "<extra_id_\($0)>" }
    if !tokens.hasExtra {
      tokens.extra =
        (parts.controlTokens ?? []).map(ConfiguredTokens.Entry.init)
        + sentinels.map(ConfiguredTokens.Entry.init(text:))
    }
    var pieces = try ModelLoading.unigramPieces(parts.vocabulary)
    if parts.controlTokens != nil { pieces += sentinels.reversed().map { (Array($0.utf8), 0) } }
    guard pieces.count > 2 else { throw parts.vocabulary.invalid("at least three pieces") }
    let preTokenizers: [any PreTokenizer] = [
      SplitPreTokenizer(cutter: CharacterCutter(isDelimiter: ScalarClass.isWhitespace), behavior: .removed),
      MetaspacePreTokenizer(replacement: "▁", scheme: .always, split: true),
    ]
    return TokenizerParts(
      normalizer: parts.characterMap, preTokenizer: PreTokenizerSequence(parts: preTokenizers),
      model: UnigramModel(pieces: pieces, unknownID: 2, byteFallback: false),
      decoder: Decoder(stages: [MetaspaceStage(replacement: Array("▁".utf8), keepsFirst: false)]), tokens: tokens,
      frame: .named(first: nil, last: "eos_token", trimming: nil))
  }
}
