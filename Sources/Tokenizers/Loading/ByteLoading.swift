extension TokenizerParts {
  /// ByT5's tokenizer, which has no vocabulary file.
  static func bytes(_ configuration: TokenizerConfiguration) throws(TokenizerError) -> TokenizerParts {
    var tokens = try ConfiguredTokens(
      configuration, defaults: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"], file: [])
    tokens.stripAround(["pad_token", "eos_token", "unk_token"])
    if !tokens.hasExtra {
      let count = try configuration.settings["extra_ids"].int(in: 0...100_000, default: 125)
      tokens.extra = (0..<count).map { ConfiguredTokens.Entry(text: "<extra_id_\($0)>") }
    }
    let special = ["pad_token", "eos_token", "unk_token"].map { tokens.content($0) ?? [] }
    return TokenizerParts(
      normalizer: nil, preTokenizer: nil, model: ByteModel(special: special), decoder: Decoder(stages: [ByteStage()]),
      tokens: tokens, frame: .named(first: nil, last: "eos_token", pairs: .framedPlain, addsLastOnce: true))
  }
}
