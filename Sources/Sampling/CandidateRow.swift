/// One row of the table of candidates: an id in the model's own distribution and after the chain.
public struct CandidateRow: Sendable, Hashable {
  /// The id, its log-probability and rank in the model's own distribution.
  public var ranked: RankedID
  /// The probability of all ids up to this rank together in the model's own distribution, 0…1.
  public var cumulative: Double
  /// The probability after the chain, 0 where the id was removed.
  public var chainProbability: Double
  /// The stage that removed it, if one did.
  public var removedBy: SamplerStage?
}
