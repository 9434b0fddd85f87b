import Sampling

/// The candidates for one gap.
public struct GapCandidates: Sendable, Hashable {
  /// The index of the gap among the ids.
  public var position: Int
  /// The entropy of its distribution, in bits.
  public var entropy: Double
  /// The best candidates with their places in the whole distribution, most probable first.
  public var candidates: [RankedID]
}
