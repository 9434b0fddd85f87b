import Terms

/// Decoding defaults from a model's `generation_config.json`, other than the sampler settings. `nil` means that the
/// file does not set the value.
public struct DecodingDefaults: Sendable, Hashable {
  /// Whether tokens are sampled (`do_sample`).
  public var samples: Bool?
  /// The sampling temperature, even if the file disables sampling.
  public var temperature = 1.0
  /// How long texts are, and what ends them.
  public var length = LengthDefaults()
  /// How beams are searched.
  public var beams = BeamDefaults()

  /// Defaults of a file that sets nothing.
  public init() {}

  /// Defaults of these values.
  public init(samples: Bool?, temperature: Double, length: LengthDefaults, beams: BeamDefaults) {
    self.samples = samples
    self.temperature = temperature
    self.length = length
    self.beams = beams
  }
}

extension ModelInformation {
  /// The default maximum length, including the prompt; `nil` if the file sets none.
  public var defaultMaxLength: Int? {
    get { decoding.length.maxLength }
    set { decoding.length.maxLength = newValue }
  }
  /// The default minimum length, including the prompt; `nil` if the file sets none.
  public var defaultMinLength: Int? {
    get { decoding.length.minLength }
    set { decoding.length.minLength = newValue }
  }
  /// The default number of new tokens; `nil` if the file sets none.
  public var defaultMaxTokens: Int? {
    get { decoding.length.maxNewTokens }
    set { decoding.length.maxNewTokens = newValue }
  }
  /// The default number of returned sequences; `nil` if the file sets none.
  public var defaultReturned: Int? {
    get { decoding.beams.returned }
    set { decoding.beams.returned = newValue }
  }
  /// The default number of beams; `nil` if the file sets none.
  public var defaultBeams: Int? {
    get { decoding.beams.count }
    set { decoding.beams.count = newValue }
  }
  /// The default length penalty; `nil` if the file sets none.
  public var defaultLengthPenalty: Double? {
    get { decoding.beams.lengthPenalty }
    set { decoding.beams.lengthPenalty = newValue }
  }
  /// The default for early stopping; `nil` if the file sets none.
  public var defaultEarlyStopping: EarlyStopping? {
    get { decoding.beams.earlyStopping }
    set { decoding.beams.earlyStopping = newValue }
  }
}
