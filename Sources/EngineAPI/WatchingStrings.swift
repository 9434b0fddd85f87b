/// A request for the probability that a text goes on with certain strings, at each of its tokens.
public struct WatchRequest: Sendable, Hashable {
  /// The model and the text; of an encoder-decoder model the source and the target.
  public var context: ModelContext
  /// The strings.
  public var strings: [String]

  /// A request with these values.
  public init(context: ModelContext, strings: [String]) {
    self.context = context
    self.strings = strings
  }
}

/// The probability that a text goes on with a string: that of all its tokenizations added up. A string that begins with
/// a letter or a digit counts with a space before it too.
public struct WatchedString: Sendable, Hashable {
  /// The string.
  public var text: String
  /// The number of tokenizations that were added up.
  public var tokenizations: Int
  /// The natural logarithm of the probability; -infinity for 0.
  public var logprob: Double
  /// The same by the lens of each layer, the embedding's first. The last one is ``logprob``.
  public var layers: [Double]

  /// A watched string with these values.
  public init(text: String, tokenizations: Int, logprob: Double, layers: [Double]) {
    self.text = text
    self.tokenizations = tokenizations
    self.logprob = logprob
    self.layers = layers
  }
}
