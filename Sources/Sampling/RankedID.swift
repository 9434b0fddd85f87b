/// An id with its place in a distribution.
public struct RankedID: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// Natural logarithm of the probability; -infinity where the logit is.
  public var logprob: Double
  /// 1 for the highest logit; ties go to the lower id.
  public var rank: Int

  /// An id at a rank.
  public init(id: Int, logprob: Double, rank: Int) {
    self.id = id
    self.logprob = logprob
    self.rank = rank
  }
}
