import JSONText

/// The pipeline that a class of transformers 5 builds, in the words of tokenizer.json. The class's parts are loaded from
/// it, and the parts of a file are compared with it.
struct ClassPipeline {
  /// The token before a text and the one after it, by their names in the configuration.
  struct Frame {
    var first: String?
    var last: String?
  }

  /// Normalizers that mean what the class's does, its own first; `nil` stands for none.
  var normalizers: [JSONObject?] = [nil]
  /// The pre-tokenizer.
  var preTokenizer: JSONObject
  /// The decoder.
  var decoder: JSONObject
  /// Keys of the model section with the values that mean what the class does, its own first.
  var model: [(key: String, values: [JSONValue])]
  /// The tokens around a text; `nil` where those of the file stay.
  var frame: Frame?
  /// The texts of tokens that the configuration does not name.
  var tokens: [String: String]

  /// The pipeline of a class that builds its own.
  /// - Parameter settings: the tokenizer_config.json, from which the class takes its options.
  init(_ kind: TokenizerKind, _ settings: Field) throws(TokenizerError) {
    switch kind {
    case .bert: try self.init(bert: settings)
    case .gpt2:
      try self.init(
        byteLevel: settings, frame: nil,
        tokens: ["unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"])
    case .roberta:
      try self.init(
        byteLevel: settings, frame: Frame(first: "cls_token", last: "sep_token"),
        tokens: [
          "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
          "pad_token": "<pad>", "mask_token": "<mask>",
        ])
    case .t5: self.init()
    case .llama, .generic: try self.init(llama: settings)
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
    frame = Frame(first: "cls_token", last: "sep_token")
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

  /// T5's class, which keeps only the first character map of the file.
  private init() {
    normalizers = [nil, ["type": "Precompiled"], ["type": "Sequence", "normalizers": [["type": "Precompiled"]]]]
    let space: JSONObject = [
      "type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "prepend_scheme": "always",
    ]
    var pieces = space
    pieces["split"] = true
    preTokenizer = ["type": "Sequence", "pretokenizers": [["type": "WhitespaceSplit"], .object(pieces)]]
    decoder = space
    model = [("unk_id", [2]), ("byte_fallback", [false])]
    frame = Frame(first: nil, last: "eos_token")
    tokens = ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"]
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

  /// A value of the model section, as the class has it.
  func model(_ key: String) -> JSONValue? { model.first { $0.key == key }?.values.first }

  /// The normalizer, where the class has one that does not come from the file.
  func loadNormalizer() throws(TokenizerError) -> (any Normalizer)? {
    guard let own = normalizers.first ?? nil else { return nil }
    return try NormalizerLoading.load(Field(.object(own), "the tokenizer's class"))
  }

  /// The pre-tokenizer.
  func loadPreTokenizer() throws(TokenizerError) -> (any PreTokenizer)? {
    try PreTokenizerLoading.load(Field(.object(preTokenizer), "the tokenizer's class"))
  }

  /// The decoder.
  func loadDecoder() throws(TokenizerError) -> Decoder {
    try DecoderLoading.load(Field(.object(decoder), "the tokenizer's class"))
  }
}
