/// What tokens are forced or forbidden, as far as a file says so.
public struct TokenConstraints: Sendable, Equatable {
  /// The first new token.
  public var forcedBosTokenID: Int?
  /// The tokens to end with at the largest length.
  public var forcedEosTokenIDs: [Int] = []
  /// Tokens that never occur.
  public var suppressed: [Int] = []
  /// Tokens that do not occur first.
  public var suppressedAtBeginning: [Int] = []
  /// Runs of tokens that do not occur.
  public var badWords: [[Int]] = []
}
