import JSONText
import Terms

extension GenerationConfiguration {
  /// Reads `generation_config.json`, or the decoding keys of `config.json` if there is no such file, as transformers
  /// does.
  /// - Parameters:
  ///   - own: `generation_config.json`; `nil` if the folder has none.
  ///   - family: the family of the architecture.
  ///   - tokens: the architecture's default ids.
  init(
    own: ConfigurationReader?, configuration: ConfigurationReader, family: ModelFamily, tokens: TokenDefaults
  ) throws(ModelError) {
    let file = own ?? configuration
    let reader = GenerationReader(file: file)
    self.init()
    if own != nil { self.file = "generation_config.json" }
    let ignored: [String]
    (decoding, ignored) = try reader.decoding()
    constraints = try reader.constraints()
    prefix = configuration.members["prefix"]?.string
    tasks = try GenerationReader(file: configuration).tasks()
    try readTokens(own, configuration, family, tokens)
    if own == nil, constraints.forcedBosTokenIDs.isEmpty,
      try configuration.boolean("force_bos_token_to_be_generated", default: false)
    {
      constraints.forcedBosTokenIDs = [bosTokenID].compactMap(\.self)
    }
    // transformers drops an end-of-text token from the forbidden words.
    constraints.badWords.removeAll { $0.count == 1 && eosTokenIDs.contains($0[0]) }
    unknownKeys = GenerationKey.unknown(in: file.members, isOwn: own != nil) + ignored
    if eosTokenIDs.isEmpty {
      let inert = [
        ("exponential_decay_length_penalty", decoding.sampling.rules.lengthDecay != nil),
        ("min_length", (decoding.length.minLength ?? 0) > 0), ("min_new_tokens", decoding.sampling.minTokens > 0),
      ]
      for (key, isSet) in inert where isSet {
        notices.append(
          "\(self.file) sets \(key) but no eos_token_id: the key concerns end-of-text tokens and has no effect")
      }
    }
  }

  private mutating func readTokens(
    _ own: ConfigurationReader?, _ configuration: ConfigurationReader, _ family: ModelFamily, _ tokens: TokenDefaults
  ) throws(ModelError) {
    let readers = [own, configuration].compactMap(\.self).map(GenerationReader.init)
    func first(_ key: String) throws(ModelError) -> Int? {
      for reader in readers { if let id = try reader.ids(key)?.first { return id } }
      return nil
    }
    // transformers reads end-of-text ids from one file only.
    eosTokenIDs = try readers[0].ids("eos_token_id") ?? []
    if eosTokenIDs.isEmpty, let own, !own.has("eos_token_id"), try !(readers[1].ids("eos_token_id") ?? []).isEmpty {
      notices.append(
        "generation_config.json has no eos_token_id: texts end only at the maximum length, as in transformers, "
          + "although config.json names an end-of-text token")
    }
    let silent = { (key: String) in readers.allSatisfy { !$0.file.has(key) } }
    bosTokenID = try first("bos_token_id") ?? (silent("bos_token_id") ? tokens.bos : nil)
    padTokenID = try first("pad_token_id") ?? (silent("pad_token_id") ? tokens.pad : nil)
    if own == nil, silent("decoder_start_token_id") { decoderStartTokenID = tokens.decoderStart }
    for reader in readers where decoderStartTokenID == nil {
      decoderStartTokenID = try reader.ids("decoder_start_token_id")?.first
      if family == .seq2seq, decoderStartTokenID == nil {
        decoderStartTokenID = try reader.ids("bos_token_id")?.first
      }
    }
    if tokens.startsDecoderWithPad, decoderStartTokenID == nil { decoderStartTokenID = padTokenID }
  }
}
