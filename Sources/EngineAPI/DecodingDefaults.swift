/// Decoding defaults from a model's `generation_config.json`, other than the sampler settings. `nil` means that the
/// file does not set the value.
public struct DecodingDefaults: Sendable, Hashable {
  /// Whether tokens are sampled (`do_sample`).
  public var samples: Bool?
  /// The sampling temperature, even if the file disables sampling.
  public var temperature = 1.0
  /// The number of beam groups.
  public var beamGroups: Int?
  /// The penalty of diverse beam search: subtracted from a token's score for each use of the token by an earlier group.
  public var diversityPenalty: Double?
  /// Stop strings.
  public var stopStrings: [String] = []
  /// The time limit of a text, in seconds.
  public var maxSeconds: Double?

  /// Defaults of a file that sets nothing.
  public init() {}
}
