/// The length limits of a configuration file; `nil` if the file has none.
public struct LengthDefaults: Sendable, Hashable {
  /// The maximum number of tokens, including the prompt (for encoder-decoder models, the decoder's start token).
  public var maxLength: Int?
  /// The maximum number of new tokens.
  public var maxNewTokens: Int?
  /// The minimum number of tokens, including the prompt.
  public var minLength: Int?
  /// The time limit, in seconds.
  public var maxTime: Double?
  /// Strings that end a text.
  public var stopStrings: [String] = []

  /// Limits of these values.
  public init(
    maxLength: Int? = nil, maxNewTokens: Int? = nil, minLength: Int? = nil, maxTime: Double? = nil,
    stopStrings: [String] = []
  ) {
    self.maxLength = maxLength
    self.maxNewTokens = maxNewTokens
    self.minLength = minLength
    self.maxTime = maxTime
    self.stopStrings = stopStrings
  }
}
