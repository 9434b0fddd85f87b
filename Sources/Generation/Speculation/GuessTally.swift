/// How a stream's guesses did.
public struct GuessTally: Sendable, Hashable {
  /// Tokens that were guessed and checked.
  public var guessed = 0
  /// Those that were what the stream drew.
  public var right = 0

  /// Nothing guessed yet.
  public init() {}
}
