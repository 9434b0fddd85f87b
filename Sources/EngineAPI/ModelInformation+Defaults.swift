extension ModelInformation {
  /// The number of tokens that the decoder starts from, given the length of the prompt.
  public func startCount(promptCount: Int) -> Int { family == .seq2seq ? 1 : max(promptCount, 1) }

  /// A notice that lists the unknown keys of `generation_config.json`; `nil` if there are none.
  /// - Parameter name: the model's name in the notice.
  public func unknownKeysNotice(name: String) -> String? {
    guard !unknownGenerationKeys.isEmpty else { return nil }
    let words =
      unknownGenerationKeys.count == 1 ? "this key is unknown and not used" : "these keys are unknown and not used"
    return "generation_config.json of \(name): \(words): \(unknownGenerationKeys.joined(separator: ", "))"
  }

  /// The error for a prompt that already reaches the `max_length` of the model's files.
  /// - Parameter count: the tokens that the decoder starts from.
  public func nothingMayFollow(_ count: Int) -> EngineError {
    EngineError(
      .input, "the text is as long as it may become", at: "max_length of model '\(reference)'",
      expected: "fewer than \(decoding.length.maxLength ?? count) tokens", found: "\(count)",
      hint: "set the number of new tokens, or shorten the text")
  }
}
