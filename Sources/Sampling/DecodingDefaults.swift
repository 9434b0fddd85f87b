import Terms

/// What a model's files say about decoding; `nil` where they say nothing.
public struct DecodingDefaults: Sendable, Hashable {
  /// Whether tokens are sampled (`do_sample`); if `false`, the most probable token is chosen.
  public var samples: Bool?
  /// The sampler settings, whether tokens are sampled or not: the neutral ones with the files' values applied.
  public var sampling = SamplingSettings()
  /// How long texts are, and what ends them.
  public var length = LengthDefaults()
  /// How beams are searched.
  public var beams = BeamDefaults()

  /// Defaults of files that say nothing.
  public init() {}

  /// The effective sampler settings: ``sampling``, with temperature 0 if ``samples`` is `false`.
  public var settings: SamplingSettings {
    var settings = sampling
    if samples == false { settings.temperature = 0 }
    return settings
  }

  /// The effective sampler settings for a text: ``settings``, with the minimum number of new tokens derived from
  /// `min_length` unless `min_new_tokens` is set.
  /// - Parameter count: the tokens that the decoder starts from: the prompt, or a start token.
  public func settings(after count: Int) -> SamplingSettings {
    var settings = settings
    if settings.minTokens == 0, let least = length.minLength { settings.minTokens = max(0, least - count) }
    return settings
  }

  /// The number of new tokens; `nil` if the files set none. `max_new_tokens` takes precedence over `max_length`, which
  /// includes the prompt, so the result may be zero or negative.
  /// - Parameter count: the tokens that the decoder starts from: the prompt, or a start token.
  public func newTokens(after count: Int) -> Int? { length.maxNewTokens ?? length.maxLength.map { $0 - count } }
}
