/// The forced and forbidden tokens of a configuration file.
public struct TokenConstraints: Sendable, Equatable {
  /// The allowed first new tokens of a text that starts from a single id. Negative ids count from the end of the
  /// vocabulary, as in transformers.
  public var forcedBosTokenIDs: [Int] = []
  /// The allowed last tokens of a text that reaches its maximum length.
  public var forcedEosTokenIDs: [Int] = []
  /// Tokens that are never generated. Ids outside the vocabulary are ignored.
  public var suppressed: [Int] = []
  /// Tokens that are not generated first. Ids outside the vocabulary are ignored.
  public var suppressedAtBeginning: [Int] = []
  /// Token sequences that are never generated, each of at least one id.
  public var badWords: [[Int]] = []
}
