/// How beams are searched, as far as a file says so.
public struct BeamDefaults: Sendable, Equatable {
  /// When a search ends.
  public enum EarlyStopping: Sendable, Equatable {
    /// When no unfinished beam is likely to get better.
    case whenUnlikely
    /// As soon as there are enough finished beams.
    case always
    /// When no unfinished beam can get better.
    case never
  }

  /// The number of beams.
  public var count: Int?
  /// The exponent of the length that scores are divided by.
  public var lengthPenalty: Double?
  /// When the search ends.
  public var earlyStopping: EarlyStopping?
  /// How many sequences are returned.
  public var returned: Int?
  /// In how many groups the beams run.
  public var groups: Int?
  /// What a group subtracts for a token of an earlier group.
  public var diversityPenalty: Double?
}
