import Sampling

/// A token of a given text under the model's own distribution.
public struct ScoredID: Sendable, Hashable {
  /// What the distribution that predicted the token says of it.
  public struct Prediction: Sendable, Hashable {
    /// Natural logarithm of its probability.
    public var logprob: Double
    /// Its rank, from 1.
    public var rank: Int
    /// The entropy of the distribution, in bits.
    public var entropy: Double
    /// The most probable ids, as many as were asked for.
    public var top: [RankedID]
  }

  /// The id.
  public var id: Int
  /// `nil` where nothing predicts the token.
  public var prediction: Prediction?
}

extension ScoredID {
  /// An id under a row of raw logits, at a position of the text.
  /// - Throws: ``GenerationError/flawedLogits(_:position:)``.
  init(_ id: Int, logits: [Float], topCount: Int, position: Int) throws(GenerationError) {
    let own = Distribution(logits: logits)
    try own.check(at: position)
    self.init(
      id: id,
      prediction: own.ranked(id).map { ranked in
        Prediction(
          logprob: ranked.logprob, rank: ranked.rank, entropy: own.entropy ?? 0,
          top: topCount > 0 ? own.top(topCount) : [])
      })
  }
}
