import Sampling

extension ModelInformation {
  /// How many new tokens the model's files let follow a text; `nil` where they are silent. `max_new_tokens` comes
  /// before `max_length`, which counts the text too, so that nothing or less may be left.
  /// - Parameter count: the tokens that the decoder starts from: the prompt, or a start token.
  public func defaultNewTokens(after count: Int) -> Int? {
    defaultMaxTokens ?? defaultMaxLength.map { $0 - count }
  }

  /// The sampler settings of the model's files for a text: ``defaultSettings`` with the fewest tokens that `min_length`
  /// asks for, unless `min_new_tokens` does.
  /// - Parameter count: the tokens that the decoder starts from: the prompt, or a start token.
  public func defaultSettings(after count: Int) -> SamplingSettings {
    var settings = defaultSettings
    if settings.minTokens == 0, let defaultMinLength { settings.minTokens = max(0, defaultMinLength - count) }
    return settings
  }

  /// The tokens that the decoder starts from after a prompt of so many.
  public func startCount(promptCount: Int) -> Int { family == .seq2seq ? 1 : max(promptCount, 1) }

  /// Names the keys of `generation_config.json` that are not known; `nil` where all are.
  /// - Parameter name: what to call the model.
  public func unknownKeysNotice(name: String) -> String? {
    guard !unknownGenerationKeys.isEmpty else { return nil }
    let words =
      unknownGenerationKeys.count == 1 ? "this key is unknown and not used" : "these keys are unknown and not used"
    return "generation_config.json of \(name): \(words): \(unknownGenerationKeys.joined(separator: ", "))"
  }

  /// The error that the model's files let nothing follow a text.
  /// - Parameter count: the tokens that the decoder starts from.
  public func nothingMayFollow(_ count: Int) -> EngineError {
    EngineError(
      .input, "the text is as long as it may become", at: "max_length of model '\(reference)'",
      expected: "fewer than \(defaultMaxLength ?? count) tokens", found: "\(count)",
      hint: "set the number of new tokens, or shorten the text")
  }
}
