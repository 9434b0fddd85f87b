/// What tokens are forced or forbidden, as far as a file says so.
public struct TokenConstraints: Sendable, Equatable {
  /// The first new tokens of a text that starts from one id; negative ones count from the end of the vocabulary, as in
  /// the reference.
  public var forcedBosTokenIDs: [Int] = []
  /// The tokens to end with at the largest length.
  public var forcedEosTokenIDs: [Int] = []
  /// Tokens that never occur; ids outside the vocabulary do not count.
  public var suppressed: [Int] = []
  /// Tokens that do not occur first; ids outside the vocabulary do not count.
  public var suppressedAtBeginning: [Int] = []
  /// Runs of tokens that do not occur, each with at least one id.
  public var badWords: [[Int]] = []
}
