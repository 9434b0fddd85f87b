import EngineAPI

/// Tokens made after a prompt, and the ids they go on from: what a stream or a beam shows.
struct Trace: Sendable, Equatable {
  /// The model, the encoder's ids, and the ids of the prompt.
  var context: ModelContext
  /// What was made.
  var tokens: [ScoredToken] = []
  /// Indexes of tokens that a person chose.
  var chosen: Set<Int> = []

  /// Everything up to token `index` as a context.
  func context(upTo index: Int) -> ModelContext {
    var result = context
    result.ids += tokens.prefix(max(0, index)).map(\.token.id)
    return result
  }

  /// The place behind the last token; the last token itself where it ends the text.
  func end(endOfText: [Int]) -> Int {
    guard let last = tokens.last, endOfText.contains(last.token.id) else { return tokens.count }
    return tokens.count - 1
  }

  /// The trace cut before token `index`, with another token in its place.
  func branched(at index: Int, taking token: ScoredToken) -> Trace {
    var result = self
    result.tokens = Array(tokens.prefix(index)) + [token]
    result.chosen = chosen.filter { $0 < index }.union([index])
    return result
  }
}
