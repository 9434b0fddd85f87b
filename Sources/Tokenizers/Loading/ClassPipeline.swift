import JSONText

/// The pipeline that a tokenizer class of transformers 5 builds, described as in tokenizer.json. The class's components
/// are loaded from this description, and the components of a file are compared with it.
struct ClassPipeline {
  /// The names in the configuration of the tokens before and after a text.
  struct Frame {
    var first: String?
    var last: String?
    var pairs: TemplateProcessor.PairStyle
  }

  /// Normalizers equivalent to the class's, its own first; `nil` means no normalizer.
  var normalizers: [JSONObject?] = [nil]
  /// The pre-tokenizer; `nil` for none.
  var preTokenizer: JSONObject?
  /// The decoder.
  var decoder: JSONObject
  /// Keys of the model section with the values equivalent to the class's, its own first.
  var model: [(key: String, values: [JSONValue])]
  /// The tokens around a text; `nil` to use those of the file.
  var frame: Frame?
  /// Whether the file's post-processor comes before the frame.
  var keepsFileFrame = false
  /// Whether the file's post-processor is ignored, so that only the configuration can add tokens around a text.
  var ignoresFileFrame = false
  /// For byte-pair encoding: whether characters outside the vocabulary become the unknown token.
  var hasUnknown = false
  /// The texts of tokens that the configuration does not define.
  var tokens: [String: String]

  /// The pipeline of a class that builds its own.
  /// - Parameter settings: the tokenizer_config.json with the options of the class.
  init(_ kind: TokenizerKind, _ settings: Field) throws(TokenizerError) {
    switch kind {
    case .bert: try self.init(bert: settings)
    case .gpt2:
      try self.init(
        byteLevel: settings, frame: nil,
        tokens: ["unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"])
    case .roberta:
      try self.init(
        byteLevel: settings, frame: Frame(first: "cls_token", last: "sep_token", pairs: .doubled),
        tokens: [
          "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
          "pad_token": "<pad>", "mask_token": "<mask>",
        ])
    case .t5: self.init()
    case .llama, .generic, .byt5: try self.init(llama: settings)
    case .gemma: self.init(gemma: ())
    case .gptNeoX:
      try self.init(
        byteLevel: settings, frame: nil,
        tokens: [
          "unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
          "pad_token": "<|padding|>",
        ])
      normalizers = [["type": "NFC"]]
      ignoresFileFrame = true
    case .qwen2: try self.init(qwen2: settings)
    case .albert: try self.init(albert: settings)
    case .xlmRoberta: try self.init(xlmRoberta: settings)
    }
  }

  private init(bert settings: Field) throws(TokenizerError) {
    let strips: JSONValue = settings["strip_accents"].exists ? .bool(try settings["strip_accents"].bool()) : .null
    normalizers = [
      [
        "type": "BertNormalizer", "clean_text": true,
        "handle_chinese_chars": .bool(try settings["tokenize_chinese_chars"].bool(default: true)),
        "strip_accents": strips, "lowercase": .bool(try settings["do_lower_case"].bool(default: true)),
      ]
    ]
    preTokenizer = ["type": "BertPreTokenizer"]
    decoder = ["type": "WordPiece", "prefix": "##", "cleanup": true]
    model = [("continuing_subword_prefix", ["##"]), ("max_input_chars_per_word", [100])]
    frame = Frame(first: "cls_token", last: "sep_token", pairs: .segments)
    tokens = [
      "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
    ]
  }

  private init(byteLevel settings: Field, frame: Frame?, tokens: [String: String]) throws(TokenizerError) {
    preTokenizer = [
      "type": "ByteLevel", "add_prefix_space": .bool(try settings["add_prefix_space"].bool(default: false)),
      "use_regex": true,
    ]
    decoder = ["type": "ByteLevel"]
    model = [
      ("continuing_subword_prefix", ["", .null]), ("end_of_word_suffix", ["", .null]), ("fuse_unk", [false]),
      ("byte_fallback", [false]), ("ignore_merges", [false]),
    ]
    self.frame = frame
    self.tokens = tokens
  }

  /// The forms in which a file can describe a normalizer that is only the character map.
  private static let characterMap: [JSONObject?] = [
    nil, ["type": "Precompiled"], ["type": "Sequence", "normalizers": [["type": "Precompiled"]]],
  ]

  /// A pre-tokenizer that splits at white space and then marks spaces as SentencePiece does, and its decoder.
  private static func spacedWords(prepends: Bool) -> (preTokenizer: JSONObject, decoder: JSONObject) {
    let space: JSONObject = [
      "type": "Metaspace", "replacement": "▁", "add_prefix_space": .bool(prepends),
      "prepend_scheme": prepends ? "always" : "never",
    ]
    var pieces = space
    pieces["split"] = true
    return (["type": "Sequence", "pretokenizers": [["type": "WhitespaceSplit"], .object(pieces)]], space)
  }

  /// T5's class, which keeps only the first character map of the file.
  private init() {
    normalizers = Self.characterMap
    (preTokenizer, decoder) = Self.spacedWords(prepends: true)
    model = [("unk_id", [2]), ("byte_fallback", [false])]
    frame = Frame(first: nil, last: "eos_token", pairs: .framedPlain)
    tokens = ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"]
  }

  private init(xlmRoberta settings: Field) throws(TokenizerError) {
    normalizers = Self.characterMap
    (preTokenizer, decoder) = Self.spacedWords(prepends: try settings["add_prefix_space"].bool(default: true))
    model = [("unk_id", [3]), ("byte_fallback", [false])]
    frame = Frame(first: "bos_token", last: "eos_token", pairs: .doubled)
    tokens = [
      "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
      "pad_token": "<pad>", "mask_token": "<mask>",
    ]
  }

  private init(albert settings: Field) throws(TokenizerError) {
    var parts: [JSONValue] = [
      ["type": "Replace", "pattern": ["String": "``"], "content": "\""],
      ["type": "Replace", "pattern": ["String": "''"], "content": "\""],
    ]
    if try !settings["keep_accents"].bool(default: false) { parts += [["type": "NFKD"], ["type": "StripAccents"]] }
    if try settings["do_lower_case"].bool(default: true) { parts.append(["type": "Lowercase"]) }
    normalizers = [
      ["type": "Sequence", "normalizers": .array(parts)],
      ["type": "Sequence", "normalizers": .array(parts + [["type": "Precompiled"]])],
    ]
    (preTokenizer, decoder) = Self.spacedWords(prepends: try settings["add_prefix_space"].bool(default: true))
    model = [("unk_id", [1]), ("byte_fallback", [false])]
    frame = Frame(first: "cls_token", last: "sep_token", pairs: .segments)
    keepsFileFrame = true
    tokens = [
      "bos_token": "[CLS]", "eos_token": "[SEP]", "sep_token": "[SEP]", "cls_token": "[CLS]", "unk_token": "<unk>",
      "pad_token": "<pad>", "mask_token": "[MASK]",
    ]
  }

  private init(qwen2 settings: Field) throws(TokenizerError) {
    try self.init(
      byteLevel: settings, frame: nil,
      tokens: ["unk_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"])
    normalizers = [["type": "NFC"]]
    let split: JSONObject = [
      "type": "Split", "pattern": ["Regex": .string(ByteString(GGUFPreTokenizer.qwen2))], "behavior": "Isolated",
      "invert": false,
    ]
    var bytes = preTokenizer ?? [:]
    bytes["use_regex"] = false
    preTokenizer = ["type": "Sequence", "pretokenizers": [.object(split), .object(bytes)]]
  }

  private init(gemma: Void) {
    normalizers = [["type": "Replace", "pattern": ["String": " "], "content": "▁"]]
    preTokenizer = [
      "type": "Split", "pattern": ["String": " "], "behavior": "MergedWithPrevious", "invert": false,
    ]
    decoder = [
      "type": "Sequence",
      "decoders": [
        ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"], ["type": "Fuse"],
      ],
    ]
    model = [("fuse_unk", [true]), ("byte_fallback", [true]), ("ignore_merges", [false])]
    hasUnknown = true
    tokens = [
      "unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "mask_token": "<mask>",
    ]
  }

  private init(llama settings: Field) throws(TokenizerError) {
    let adds = try settings["add_prefix_space"].bool(default: true)
    let isLegacy = adds ? try settings["legacy"].bool(default: false) : false
    let scheme: JSONValue = !adds ? "never" : isLegacy ? "always" : "first"
    preTokenizer = ["type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": false]
    let stages: [JSONValue] = [
      ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"], ["type": "Fuse"],
    ]
    let strip: JSONValue = ["type": "Strip", "content": " ", "start": 1, "stop": 0]
    decoder = ["type": "Sequence", "decoders": .array(stages + (adds ? [strip] : []))]
    model = [("fuse_unk", [true]), ("byte_fallback", [true]), ("ignore_merges", [false])]
    tokens = ["unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"]
  }

  /// The value that the tokenizer class sets for a key of the `model` section.
  func model(_ key: String) -> JSONValue? { model.first { $0.key == key }?.values.first }

  /// The normalizer, if it is defined by the class and not by the file.
  func loadNormalizer() throws(TokenizerError) -> (any Normalizer)? {
    guard let own = normalizers.first ?? nil else { return nil }
    return try NormalizerLoading.load(Field(.object(own), "the tokenizer's class"))
  }

  /// The pre-tokenizer.
  func loadPreTokenizer() throws(TokenizerError) -> (any PreTokenizer)? {
    try PreTokenizerLoading.load(Field(preTokenizer.map(JSONValue.object), "the tokenizer's class"))
  }

  /// The decoder.
  func loadDecoder() throws(TokenizerError) -> Decoder {
    try DecoderLoading.load(Field(.object(decoder), "the tokenizer's class"))
  }
}
