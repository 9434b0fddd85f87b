/// What a model's `generation_config.json` says about how its texts are made, beside the sampler settings.
public struct DecodingDefaults: Sendable, Hashable {
  /// Whether tokens are drawn (`do_sample`); `nil` where the file is silent.
  public var samples: Bool?
  /// The temperature for draws, also where the file says that none are made.
  public var temperature = 1.0
  /// In how many groups beams run; `nil` where the file is silent.
  public var beamGroups: Int?
  /// What a group subtracts for a token of an earlier group; `nil` where the file is silent.
  public var diversityPenalty: Double?
  /// Stop strings.
  public var stopStrings: [String] = []
  /// How many seconds a text may take; `nil` where the file is silent.
  public var maxSeconds: Double?

  /// Silent defaults.
  public init() {}
}
