import Sampling

/// A sequence that beam search found.
public struct BeamHypothesis: Sendable, Hashable {
  /// The tokens made, the end-of-text token included. `sampledLogprob` is what the token added to the sum.
  public var tokens: [DrawnToken]
  /// The text, without end-of-text and stop string.
  public var text: String
  /// The score.
  public var score: Double
  /// Why it ended; `.interrupted` where it had not when the search was left.
  public var end: TextEnd

  /// A hypothesis.
  public init(tokens: [DrawnToken], text: String, score: Double, end: TextEnd) {
    self.tokens = tokens
    self.text = text
    self.score = score
    self.end = end
  }
}
