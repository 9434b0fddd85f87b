import Sampling

/// The user's settings for new texts, used if neither the request nor the model's files override them.
public struct TextDefaults: Sendable, Hashable {
  /// Sampler settings in place of a model's own; `nil` for the model's.
  public var sampling: SamplingSettings?
  /// The maximum length of a completion, in tokens.
  public var maxTokens: Int
  /// The number of beams of a translation.
  public var beams: Int
  /// The seed of the first stream.
  public var seed: UInt64

  /// Settings of these values.
  public init(
    sampling: SamplingSettings? = nil, maxTokens: Int = Limits.defaultTokens, beams: Int = Limits.defaultBeams,
    seed: UInt64 = 7
  ) {
    self.sampling = sampling
    self.maxTokens = maxTokens
    self.beams = beams
    self.seed = seed
  }
}
