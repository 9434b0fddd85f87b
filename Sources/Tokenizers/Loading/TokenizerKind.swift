/// The tokenizer classes of transformers 5 that build their pipeline themselves, whatever tokenizer.json says.
enum TokenizerKind: String {
  case bert = "BertTokenizer"
  case gpt2 = "GPT2Tokenizer"
  case roberta = "RobertaTokenizer"
  case t5 = "T5Tokenizer"
  case llama = "LlamaTokenizer"
  /// Everything else: the pipeline of tokenizer.json as it stands.
  case generic

  /// The class that transformers chooses: the configuration's, unless it names none; then the model type's own.
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

  /// Model types whose class is used where no configuration names one.
  private static let classes: [String: TokenizerKind] = [
    "bert": .bert, "distilbert": .bert, "electra": .bert, "convbert": .bert, "ernie": .bert, "megatron-bert": .bert,
    "nomic_bert": .bert, "squeezebert": .bert, "roberta": .roberta, "roberta-prelayernorm": .roberta,
    "bart": .roberta, "longformer": .roberta, "data2vec-text": .roberta, "ibert": .roberta, "gpt2": .gpt2,
    "gpt_neo": .gpt2, "gptj": .gpt2, "opt": .gpt2, "codegen": .gpt2, "phi": .gpt2, "starcoder2": .gpt2, "t5": .t5,
    "mt5": .t5, "switch_transformers": .t5,
  ]

  /// Model types that take tokenizer.json as it stands even where the configuration names a class.
  private static let plainTypes: Set<String> = [
    "gpt_bigcode", "granite", "mistral", "mixtral", "modernbert", "olmo2", "olmo3", "phi3", "stablelm", "umt5",
  ]
}

extension TokenizerKind {
  /// Whether the class can build its pipeline over this kind of model; where it cannot, the file is taken as it stands.
  func rebuilds(modelType: String) -> Bool {
    switch self {
    case .bert: modelType == "WordPiece"
    case .gpt2, .roberta, .llama: modelType == "BPE"
    case .t5: modelType == "Unigram"
    case .generic: false
    }
  }
}
