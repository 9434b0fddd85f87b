/// How long a text gets, as far as a file says so.
public struct LengthDefaults: Sendable, Equatable {
  /// The most tokens, the prompt included (for encoder-decoder models the decoder's start token).
  public var maxLength: Int?
  /// The most new tokens.
  public var maxNewTokens: Int?
  /// The fewest tokens, the prompt included.
  public var minLength: Int?
  /// The most seconds.
  public var maxTime: Double?
  /// Texts at which a text ends.
  public var stopStrings: [String] = []
}
