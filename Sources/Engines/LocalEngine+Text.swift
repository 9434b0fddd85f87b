import EngineAPI
import Tokenizers

/// Text and ids. None of it waits for the engine's queue or for a model's weights.
extension LocalEngine: Tokenizing {
  /// The tokens of a text.
  public nonisolated func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan] {
    let tokenizer = try tokenizer(model)
    let encoding = tokenizer.encode(text, addSpecialTokens: addingSpecialTokens)
    return encoding.ids.indices.map { index in
      let id = encoding.ids[index]
      return TokenSpan(
        token: TokenValue(id: id, bytes: tokenizer.bytes(of: id)), range: encoding.ranges[index],
        isSpecial: encoding.special[index])
    }
  }

  /// The text of ids.
  public nonisolated func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String {
    let tokenizer = try tokenizer(model)
    try Self.validate(ids, tokenizer, model)
    return tokenizer.decode(ids, skipSpecialTokens: skippingSpecialTokens)
  }

  /// The tokens of ids.
  public nonisolated func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue] {
    let tokenizer = try tokenizer(model)
    try Self.validate(ids, tokenizer, model)
    return ids.map { TokenValue(id: $0, bytes: tokenizer.bytes(of: $0)) }
  }

  /// What the person should hear of a model's tokenizer.
  public nonisolated func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? {
    try tokenizer(model).notice
  }

  private static func validate(
    _ ids: [Int], _ tokenizer: Tokenizer, _ model: ModelReference
  ) throws(EngineError) {
    guard let wrong = ids.first(where: { !(0..<tokenizer.vocabularySize).contains($0) }) else { return }
    throw EngineError(
      .input, "no such token", at: "the vocabulary of '\(model)'",
      expected: "an id from 0 to \(tokenizer.vocabularySize - 1)", found: "\(wrong)")
  }
}
