/// The beam search settings of a configuration file; `nil` if the file has none.
public struct BeamDefaults: Sendable, Hashable {
  /// The number of beams.
  public var count: Int?
  /// Scores are divided by the length raised to this power.
  public var lengthPenalty: Double?
  /// When the search ends.
  public var earlyStopping: EarlyStopping?
  /// How many sequences are returned.
  public var returned: Int?
  /// The number of groups of a diverse beam search.
  public var groups: Int?
  /// The penalty on a token's score for each earlier group that chose the token.
  public var diversityPenalty: Double?

  /// Settings of these values.
  public init(
    count: Int? = nil, lengthPenalty: Double? = nil, earlyStopping: EarlyStopping? = nil, returned: Int? = nil,
    groups: Int? = nil, diversityPenalty: Double? = nil
  ) {
    self.count = count
    self.lengthPenalty = lengthPenalty
    self.earlyStopping = earlyStopping
    self.returned = returned
    self.groups = groups
    self.diversityPenalty = diversityPenalty
  }
}
