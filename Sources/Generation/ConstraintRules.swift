import Models
import Sampling

/// The forced and forbidden tokens of a model's configuration, as a mask for each step. The rules have the meaning of
/// transformers' logits processors.
struct ConstraintRules: Sendable {
  private let constraints: TokenConstraints
  private let badWords: TokenRuns
  private let isEmpty: Bool
  private let limit: Int
  private let beginIndex: Int
  private let vocabulary: Int

  /// Rules for a text that starts from `startCount` ids and gets at most `limit` new tokens.
  init(_ constraints: TokenConstraints, startCount: Int, limit: Int, vocabulary: Int) {
    self.constraints = constraints
    badWords = TokenRuns(constraints.badWords)
    isEmpty = constraints == .none
    self.limit = limit
    self.vocabulary = vocabulary
    beginIndex = startCount == 1 && !constraints.forcedBosTokenIDs.isEmpty ? 2 : startCount
  }

  /// Checks that the ids of constraints and rules are in the vocabulary, where transformers fails at the first step if
  /// they are not.
  /// - Throws: ``GenerationError/noSuchToken(id:place:vocabulary:)``.
  static func check(
    _ constraints: TokenConstraints, _ rules: ContextRules, endOfTextIDs: [Int], startCount: Int, vocabulary: Int
  ) throws(GenerationError) {
    func check(_ ids: some Sequence<Int>, _ place: String, from least: Int = 0) throws(GenerationError) {
      for id in ids where !(least..<vocabulary).contains(id) {
        throw .noSuchToken(id: id, place: place, vocabulary: vocabulary)
      }
    }
    try check(constraints.badWords.joined(), "bad_words_ids")
    try check(rules.sequenceBias.lazy.flatMap(\.ids), "sequence_bias")
    if rules.lengthDecay != nil { try check(endOfTextIDs, "eos_token_id, for exponential_decay_length_penalty") }
    if startCount == 1 { try check(constraints.forcedBosTokenIDs, "forced_bos_token_id", from: -vocabulary) }
  }

  /// The mask for the next token, after `made` new tokens.
  /// - Throws: ``GenerationError/noSuchToken(id:place:vocabulary:)`` if a forced token is not in the vocabulary.
  func mask(_ history: TokenHistory, made: Int) throws(GenerationError) -> TokenMask? {
    guard !isEmpty else { return nil }
    var forced: [Int]?
    if history.ids.count == 1, !constraints.forcedBosTokenIDs.isEmpty {
      forced = constraints.forcedBosTokenIDs.map { $0 < 0 ? $0 + vocabulary : $0 }
    }
    if made == limit - 1, !constraints.forcedEosTokenIDs.isEmpty {
      if let id = constraints.forcedEosTokenIDs.first(where: { $0 >= vocabulary }) {
        throw .noSuchToken(id: id, place: "forced_eos_token_id", vocabulary: vocabulary)
      }
      forced = constraints.forcedEosTokenIDs
    }
    var forbidden = constraints.suppressed
    if history.ids.count == beginIndex { forbidden += constraints.suppressedAtBeginning }
    if let forced {
      let forbidden = Set(forbidden)
      return .only(forced.filter { !forbidden.contains($0) })
    }
    badWords.forEachLength(endingIn: history.ids) { words in
      for word in words { forbidden += constraints.badWords[word].suffix(1) }
    }
    return forbidden.isEmpty ? nil : .without(forbidden)
  }
}

extension TokenConstraints {
  /// The forced and forbidden tokens after a text; `nil` if there are none. Tokens that are forced at the end of a text
  /// are not among them, because its length is not known.
  /// - Parameters:
  ///   - rules: the rules of the settings, whose ids are checked as well.
  ///   - vocabulary: the number of ids.
  /// - Throws: ``GenerationError/noSuchToken(id:place:vocabulary:)``.
  public func mask(
    after history: TokenHistory, checking rules: ContextRules, vocabulary: Int
  ) throws(GenerationError) -> TokenMask? {
    let start = history.promptCount
    try ConstraintRules.check(
      self, rules, endOfTextIDs: history.endOfTextIDs, startCount: start, vocabulary: vocabulary)
    return try ConstraintRules(self, startCount: start, limit: .max, vocabulary: vocabulary)
      .mask(history, made: history.outputCount)
  }

  /// Nothing is forced or forbidden.
  public static var none: TokenConstraints { GenerationConfiguration().constraints }
}
