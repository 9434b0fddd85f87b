/// The rules for a context that a dialogue fills.
public enum ChatContext {
  /// The most tokens of a prompt where the oldest turns are left out: it leaves room for an answer, but at most a
  /// quarter of the context.
  /// - Parameters:
  ///   - limit: the tokens of the context.
  ///   - answer: the longest answer, in tokens.
  public static func mostPromptTokens(limit: Int, answer: Int) -> Int { limit - max(1, min(answer, limit / 4)) }

  /// Whether the context is nearly full: three quarters are used.
  public static func isNearlyFull(_ used: Int, limit: Int) -> Bool { used * 4 >= limit * 3 }
}
