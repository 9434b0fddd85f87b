import JSONText

/// The tokenizer classes of transformers 5 that build their own pipeline and ignore the one in tokenizer.json. Here
/// only some do (``yieldsToFile``); the others build it where there is no tokenizer.json.
enum TokenizerKind: String {
  case bert = "BertTokenizer"
  case gpt2 = "GPT2Tokenizer"
  case roberta = "RobertaTokenizer"
  case t5 = "T5Tokenizer"
  case llama = "LlamaTokenizer"
  case gemma = "GemmaTokenizer"
  case gptNeoX = "GPTNeoXTokenizer"
  case qwen2 = "Qwen2Tokenizer"
  case albert = "AlbertTokenizer"
  case xlmRoberta = "XLMRobertaTokenizer"
  /// Bytes; there is no vocabulary file.
  case byt5 = "ByT5Tokenizer"
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
    if let registered, let modelType, Self.forcedTypes.contains(modelType) { self = registered }
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
    "mt5": .t5, "switch_transformers": .t5, "byt5": .byt5, "gemma": .gemma, "gemma2": .gemma, "gemma3": .gemma,
    "gemma3_text": .gemma, "gemma3n": .gemma, "gemma3n_text": .gemma, "recurrent_gemma": .gemma, "t5gemma": .gemma,
    "gpt_neox": .gptNeoX, "mpt": .gptNeoX, "olmo": .gptNeoX, "olmoe": .gptNeoX, "rwkv": .gptNeoX, "mamba": .gptNeoX,
    "mamba2": .gptNeoX, "falcon_mamba": .gptNeoX, "xlstm": .gptNeoX, "qwen2": .qwen2, "qwen2_moe": .qwen2,
    "qwen3": .qwen2, "qwen3_moe": .qwen2, "qwen3_next": .qwen2, "albert": .albert, "yoso": .albert,
    "xlm-roberta": .xlmRoberta, "xmod": .xlmRoberta,
  ]

  /// Model types whose registered class is used even if the configuration names another one.
  private static let forcedTypes: Set<String> = ["qwen2"]

  /// Model types that always use the pipeline of tokenizer.json, even if the configuration names a class.
  private static let plainTypes: Set<String> = [
    "gpt_bigcode", "granite", "mistral", "mixtral", "modernbert", "olmo2", "olmo3", "phi3", "stablelm", "umt5",
  ]
}

extension TokenizerKind {
  /// Whether tokenizer.json is used where it differs from what the class builds. The older classes overrule the file,
  /// as in transformers 5.
  var yieldsToFile: Bool {
    switch self {
    case .bert, .gpt2, .t5, .byt5, .generic: false
    case .roberta, .llama, .gemma, .gptNeoX, .qwen2, .albert, .xlmRoberta: true
    }
  }

  /// Whether the class can build its pipeline for this kind of model. If not, the pipeline of tokenizer.json is used.
  func rebuilds(modelType: String) -> Bool {
    switch self {
    case .bert: modelType == "WordPiece"
    case .gpt2, .roberta, .llama, .gemma, .gptNeoX, .qwen2: modelType == "BPE"
    case .t5, .albert, .xlmRoberta: modelType == "Unigram"
    case .byt5: true
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
  /// The model, if the file determines it.
  var model: (any TokenModel)?

  init(
    vocabulary: Field, merges: Field, characterMap: PrecompiledNormalizer? = nil, controlTokens: [AddedToken]? = nil,
    table: Vocabulary? = nil, model: (any TokenModel)? = nil
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.characterMap = characterMap
    self.controlTokens = controlTokens
    self.table = table
    self.model = model
  }

  /// The vocabulary as a table.
  func loadVocabulary() throws(TokenizerError) -> Vocabulary {
    if let table { table } else { try ModelLoading.vocabulary(vocabulary) }
  }
}

extension TokenizerParts {
  /// The parts that a class of transformers 5 builds for a vocabulary.
  static func rebuilt(
    _ kind: TokenizerKind, _ pipeline: ClassPipeline, _ parts: VocabularyParts, _ configuration: TokenizerConfiguration,
    file: [(id: Int, token: AddedToken)], processor: (any PostProcessor)?
  ) throws(TokenizerError) -> TokenizerParts {
    let settings = configuration.settings
    var tokens = try ConfiguredTokens(configuration, defaults: pipeline.tokens, file: file)
    var normalizer = try pipeline.loadNormalizer()
    var trimming: TrimmingProcessor?
    let model: any TokenModel
    switch kind {
    case .bert: model = try wordPiece(pipeline, parts, tokens)
    case .gpt2, .roberta:
      let addsSpace = pipeline.preTokenizer?["add_prefix_space"] == true
      let trims = try settings["trim_offsets"].bool(default: true)
      if kind == .roberta, trims { trimming = TrimmingProcessor(addPrefixSpace: addsSpace) }
      model = try bytePair(pipeline, parts, tokens)
    case .t5, .albert, .xlmRoberta:
      if let map = parts.characterMap {
        normalizer = normalizer.map { NormalizerSequence(normalizers: [$0, map]) } ?? map
      }
      model = try unigram(kind, pipeline, parts, settings, &tokens)
    case .llama, .gemma, .gptNeoX, .qwen2, .generic, .byt5:
      if let control = parts.controlTokens, !tokens.hasExtra { tokens.extra = control.map(ConfiguredTokens.Entry.init) }
      model = if let own = parts.model { own } else { try bytePair(pipeline, parts, tokens) }
    }
    let own = pipeline.keepsFileFrame && processor != nil ? nil : pipeline.frame
    let frame = own.map {
      Frame.named(first: $0.first, last: $0.last, pairs: $0.pairs, trimming: trimming)
    }
    return TokenizerParts(
      normalizer: normalizer, preTokenizer: try pipeline.loadPreTokenizer(), model: model,
      decoder: try pipeline.loadDecoder(), tokens: tokens, frame: frame ?? .processor(processor))
  }

  private static func wordPiece(
    _ pipeline: ClassPipeline, _ parts: VocabularyParts, _ tokens: ConfiguredTokens
  ) throws(TokenizerError) -> WordPieceModel {
    let vocabulary = try parts.loadVocabulary()
    let unknown = tokens.content("unk_token") ?? Array((pipeline.tokens["unk_token"] ?? "").utf8)
    return WordPieceModel(
      vocabulary: vocabulary, unknownID: try ModelLoading.unknownID(unknown, vocabulary, path: parts.vocabulary.path),
      continuingPrefix: Array((pipeline.model("continuing_subword_prefix")?.string ?? "").utf8),
      mostCharacters: pipeline.model("max_input_chars_per_word")?.int ?? 0)
  }

  private static func bytePair(
    _ pipeline: ClassPipeline, _ parts: VocabularyParts, _ tokens: ConfiguredTokens
  ) throws(TokenizerError) -> BytePairModel {
    let vocabulary = try parts.loadVocabulary()
    let merges = parts.merges.exists ? parts.merges : Field([], parts.merges.path)
    var options = BytePairModel.Options()
    options.fusesUnknown = pipeline.model("fuse_unk") == true
    options.byteFallback = pipeline.model("byte_fallback") == true
    if pipeline.hasUnknown, let unknown = tokens.content("unk_token") {
      options.unknownID = vocabulary.id(of: unknown)
    }
    return BytePairModel(
      vocabulary: vocabulary, merges: try MergeLoading.load(merges, vocabulary: vocabulary, prefixLength: 0),
      options: options)
  }

  private static func unigram(
    _ kind: TokenizerKind, _ pipeline: ClassPipeline, _ parts: VocabularyParts, _ settings: Field,
    _ tokens: inout ConfiguredTokens
  ) throws(TokenizerError) -> UnigramModel {
    var pieces = try ModelLoading.unigramPieces(parts.vocabulary)
    var extra = (parts.controlTokens ?? []).map(ConfiguredTokens.Entry.init)
    if kind == .t5 {
      let extraIDs = try settings["extra_ids"].int(in: 0...100_000, default: 100)
      let sentinels = (0..<extraIDs).map { "<extra_id_\($0)>" }
      extra += sentinels.map(ConfiguredTokens.Entry.init(text:))
      if parts.controlTokens != nil { pieces += sentinels.reversed().map { (Array($0.utf8), 0) } }
    }
    if !tokens.hasExtra { tokens.extra = extra }
    let unknown = pipeline.model("unk_id")?.int ?? 0
    guard pieces.count > unknown else { throw parts.vocabulary.invalid("at least \(unknown + 1) pieces") }
    return UnigramModel(
      pieces: pieces, unknownID: unknown, byteFallback: pipeline.model("byte_fallback") == true)
  }
}
