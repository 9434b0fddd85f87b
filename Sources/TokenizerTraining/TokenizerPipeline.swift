import JSONText

/// The parts of `tokenizer.json` around the model, and the files as a whole.
struct TokenizerPipeline {
  private let recipe: TokenizerRecipe

  init(_ recipe: TokenizerRecipe) { self.recipe = recipe }

  /// A tokenizer with the normalizer and pre-tokenizer of the trained one, and an empty model.
  var untrained: JSONValue {
    let model: JSONValue =
      switch recipe.kind {
      case .bpe: pairModel([], [])
      case .wordpiece: wordPieceModel([Array(recipe.unknownToken.utf8)])
      case .unigram: unigramModel([UnigramTrainer.Piece(text: [0x3F], score: 0)], unknown: 0)
      }
    return file(model: model, isTrained: false)
  }

  /// The files of a model of pairs.
  func trained(vocabulary: [[UInt8]], merges: [PairTrainer.Merge]) -> TrainedTokenizer {
    let parts = merges.map { merge in
      JSONValue.array([
        .string(ByteString(vocabulary[Int(merge.first)])), .string(ByteString(vocabulary[Int(merge.second)])),
      ])
    }
    // A merge that was learned twice keeps its later rank, as in the trainer of `tokenizers`.
    var last: [UInt64: Int] = [:]
    for (rank, merge) in merges.enumerated() { last[UInt64(merge.first) << 32 | UInt64(merge.second)] = rank }
    let kept = merges.indices.filter { last[UInt64(merges[$0].first) << 32 | UInt64(merges[$0].second)] == $0 }
    let model = recipe.kind == .bpe ? pairModel(vocabulary, kept.map { parts[$0] }) : wordPieceModel(vocabulary)
    return TrainedTokenizer(
      json: file(model: model, isTrained: true), configuration: configuration, size: vocabulary.count,
      mergeCount: kept.count)
  }

  /// The files of a unigram model. Special tokens precede the pieces.
  func trained(pieces: [UnigramTrainer.Piece]) -> TrainedTokenizer {
    let special = recipe.allSpecialTokens.map { UnigramTrainer.Piece(text: Array($0.utf8), score: 0) }
    let unknown = recipe.allSpecialTokens.firstIndex(of: recipe.unknownToken)
    return TrainedTokenizer(
      json: file(model: unigramModel(special + pieces, unknown: unknown), isTrained: true),
      configuration: configuration, size: special.count + pieces.count, mergeCount: 0)
  }

  private func vocabulary(_ pieces: [[UInt8]]) -> JSONValue {
    .object(JSONObject(pieces.enumerated().map { (key: ByteString($1), value: .integer($0)) }))
  }

  private func pairModel(_ pieces: [[UInt8]], _ merges: [JSONValue]) -> JSONValue {
    [
      "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
      "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocabulary(pieces),
      "merges": .array(merges),
    ]
  }

  private func wordPieceModel(_ pieces: [[UInt8]]) -> JSONValue {
    [
      "type": "WordPiece", "unk_token": .init(recipe.unknownToken),
      "continuing_subword_prefix": .init(recipe.continuingPrefix), "max_input_chars_per_word": 100,
      "vocab": vocabulary(pieces),
    ]
  }

  private func unigramModel(_ pieces: [UnigramTrainer.Piece], unknown: Int?) -> JSONValue {
    [
      "type": "Unigram", "unk_id": unknown.map { .integer($0) } ?? .null,
      "vocab": .array(pieces.map { [.string(ByteString($0.text)), .double($0.score)] }), "byte_fallback": false,
    ]
  }

  private func file(model: JSONValue, isTrained: Bool) -> JSONValue {
    let tokens = isTrained ? recipe.allSpecialTokens : []
    let added = tokens.enumerated().map { (id, token) -> JSONValue in
      [
        "id": .integer(id), "content": .init(token), "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": true,
      ]
    }
    return [
      "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(added), "normalizer": normalizer,
      "pre_tokenizer": preTokenizer, "post_processor": isTrained ? postProcessor : nil, "decoder": decoder,
      "model": model,
    ]
  }

  private var normalizer: JSONValue {
    var parts: [JSONValue] = []
    switch recipe.unicodeForm {
    case .none: break
    case .nfc: parts.append(["type": "NFC"])
    case .nfkc: parts.append(["type": "NFKC"])
    }
    if recipe.kind == .wordpiece {
      parts.append([
        "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil,
        "lowercase": .bool(recipe.isLowercased),
      ])
    } else if recipe.isLowercased {
      parts.append(["type": "Lowercase"])
    }
    switch parts.count {
    case 0: return nil
    case 1: return parts[0]
    default: return ["type": "Sequence", "normalizers": .array(parts)]
    }
  }

  private var byteLevel: JSONValue {
    [
      "type": "ByteLevel", "add_prefix_space": .bool(recipe.addsPrefixSpace), "trim_offsets": true, "use_regex": true,
    ]
  }

  private var metaspace: JSONValue {
    ["type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true]
  }

  private var preTokenizer: JSONValue {
    switch recipe.kind {
    case .bpe: byteLevel
    case .wordpiece: ["type": "BertPreTokenizer"]
    case .unigram: metaspace
    }
  }

  private var decoder: JSONValue {
    switch recipe.kind {
    case .bpe: byteLevel
    case .wordpiece: ["type": "WordPiece", "prefix": .init(recipe.continuingPrefix), "cleanup": true]
    case .unigram: metaspace
    }
  }

  /// BERT's frame, if its tokens are among the special tokens.
  private var postProcessor: JSONValue {
    if recipe.kind == .bpe { return byteLevel }
    let tokens = recipe.allSpecialTokens
    guard recipe.kind == .wordpiece, let first = tokens.firstIndex(of: "[CLS]"),
      let last = tokens.firstIndex(of: "[SEP]")
    else { return nil }
    let special = { (name: String, type: Int) -> JSONValue in
      ["SpecialToken": ["id": .init(name), "type_id": .integer(type)]]
    }
    let text = { (name: String, type: Int) -> JSONValue in
      ["Sequence": ["id": .init(name), "type_id": .integer(type)]]
    }
    let token = { (name: String, id: Int) -> JSONValue in
      ["id": .init(name), "ids": [.integer(id)], "tokens": [.init(name)]]
    }
    return [
      "type": "TemplateProcessing", "single": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0)],
      "pair": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0), text("B", 1), special("[SEP]", 1)],
      "special_tokens": ["[CLS]": token("[CLS]", first), "[SEP]": token("[SEP]", last)],
    ]
  }

  /// `tokenizer_config.json`, with the roles of special tokens whose names are known.
  private var configuration: JSONValue {
    var object: JSONObject = ["tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false]
    let names: [(role: String, tokens: [String])] = [
      ("bos_token", ["<s>", "<|startoftext|>", "<|endoftext|>"]), ("eos_token", ["</s>", "<|endoftext|>"]),
      ("unk_token", ["[UNK]", "<unk>"]), ("pad_token", ["[PAD]", "<pad>"]), ("cls_token", ["[CLS]"]),
      ("sep_token", ["[SEP]"]), ("mask_token", ["[MASK]", "<mask>"]),
    ]
    for (role, candidates) in names {
      let given = role == "unk_token" && !recipe.unknownToken.isEmpty ? [recipe.unknownToken] : candidates
      if let token = given.first(where: recipe.allSpecialTokens.contains) { object[role] = .init(token) }
    }
    return .object(object)
  }
}
