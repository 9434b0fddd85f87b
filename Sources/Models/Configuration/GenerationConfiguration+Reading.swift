import JSONText

extension GenerationConfiguration {
  /// Reads `generation_config.json`, if there is one, and what it leaves out from `config.json`.
  init(folder: String, architecture: Architecture, configuration: ConfigurationReader) throws(ModelError) {
    let path = folder + "/generation_config.json"
    let own = fileExists(path) ? try ConfigurationReader(path: path) : nil
    let reader = GenerationReader(file: own ?? configuration)
    self.init()
    sampling = try reader.sampling()
    length = try reader.length()
    beams = try reader.beams()
    constraints = try reader.constraints()
    tasks = try GenerationReader(file: configuration).tasks()
    try readTokens([own, configuration].compactMap(\.self), architecture)
    unknownKeys = own.map { file in file.members.members.filter { Self.isUnknown($0) }.map(\.key.description) } ?? []
  }

  private mutating func readTokens(_ files: [ConfigurationReader], _ architecture: Architecture) throws(ModelError) {
    let readers = files.map(GenerationReader.init)
    func first(_ key: String) throws(ModelError) -> [Int]? {
      for reader in readers { if let ids = try reader.ids(key) { return ids } }
      return nil
    }
    // What the reference's configurations say where a file has no such key; an explicit null is an answer.
    let silent = { (key: String) in files.allSatisfy { !$0.has(key) } }
    eosTokenIDs = try first("eos_token_id") ?? (silent("eos_token_id") ? architecture.eosTokenIDs : [])
    bosTokenID = try first("bos_token_id")?.first ?? (silent("bos_token_id") ? architecture.bosTokenID : nil)
    padTokenID = try first("pad_token_id")?.first ?? (silent("pad_token_id") ? architecture.padTokenID : nil)
    decoderStartTokenID = try first("decoder_start_token_id")?.first ?? (architecture == .t5 ? padTokenID : nil)
  }

  /// Keys that are read, or that have no bearing on which tokens come out.
  private static let knownKeys: Set<String> = [
    "do_sample", "temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty", "no_repeat_ngram_size",
    "max_length",
    "max_new_tokens", "min_length", "min_new_tokens", "num_beams", "length_penalty", "early_stopping",
    "num_return_sequences",
    "forced_bos_token_id", "forced_eos_token_id", "suppress_tokens", "begin_suppress_tokens", "bad_words_ids",
    "eos_token_id",
    "bos_token_id", "pad_token_id", "decoder_start_token_id", "transformers_version", "_from_model_config", "use_cache",
    "cache_implementation", "cache_config", "max_cache_len", "output_attentions", "output_hidden_states",
    "output_scores", "output_logits",
    "return_dict_in_generate", "disable_compile", "compile_config", "use_mtp",
  ]

  /// Whether a member asks for something that is not known here; `null`, `false` and what switches a feature off ask
  /// for nothing.
  private static func isUnknown(_ member: (key: ByteString, value: JSONValue)) -> Bool {
    let key = member.key.description
    guard !knownKeys.contains(key), !member.value.isNull, member.value.bool != false else { return false }
    if let neutral = neutralValues[key] { return member.value.double != neutral }
    return true
  }

  /// Values that older versions of the reference wrote out although they switch a feature off.
  private static let neutralValues: [String: Double] = [
    "num_beam_groups": 1, "diversity_penalty": 0, "encoder_repetition_penalty": 1, "encoder_no_repeat_ngram_size": 0,
    "epsilon_cutoff": 0,
    "eta_cutoff": 0, "top_h": 1, "penalty_alpha": 0, "guidance_scale": 1, "assistant_confidence_threshold": 0.4,
    "num_assistant_tokens": 20, "target_lookbehind": 10, "assistant_lookbehind": 10,
  ]
}

extension Architecture {
  fileprivate var eosTokenIDs: [Int] {
    switch self {
    case .bert: []
    case .gpt2: [50_256]
    case .t5: [1]
    }
  }

  fileprivate var bosTokenID: Int? { self == .gpt2 ? 50_256 : nil }

  fileprivate var padTokenID: Int? { self == .gpt2 ? nil : 0 }
}
