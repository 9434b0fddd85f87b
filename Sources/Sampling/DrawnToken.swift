/// The token that a step made, with the distribution that predicted it summed up.
public struct DrawnToken: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// Natural logarithm of its probability in the model's own distribution.
  public var logprob: Double
  /// Its rank there, from 1.
  public var rank: Int
  /// The entropy of the model's own distribution, in bits.
  public var entropy: Double
  /// Natural logarithm of its probability after the chain; 0 at temperature 0.
  public var sampledLogprob: Double
  /// Its surprise after the chain, in bits.
  public var surprise: Double { -sampledLogprob / Natural.ln2 }
  /// The most probable ids of the model's own distribution, as many as were asked for.
  public var top: [RankedID]

  /// A token with its numbers.
  public init(
    id: Int, logprob: Double, rank: Int, entropy: Double, sampledLogprob: Double, top: [RankedID] = []
  ) {
    self.id = id
    self.logprob = logprob
    self.rank = rank
    self.entropy = entropy
    self.sampledLogprob = sampledLogprob
    self.top = top
  }
}
