import Sampling

/// What a model's folder says about decoding: `generation_config.json`, or `config.json` where there is no such file.
///
/// Everything is optional; `nil` and empty mean that the file is silent. The ids that a text starts with come from the
/// other file, or from the architecture's own default, where the first is silent about them.
public struct GenerationConfiguration: Sendable, Equatable {
  /// The name of the file that the values come from.
  public var file = "config.json"
  /// The ids that end a text. Negative ones never occur.
  public var eosTokenIDs: [Int] = []
  /// The id that a text starts with where it has no other.
  public var bosTokenID: Int?
  /// The id that fills up batches.
  public var padTokenID: Int?
  /// The id that a decoder's text starts with, of encoder-decoder models.
  public var decoderStartTokenID: Int?

  /// Whether tokens are drawn at all; if not, the most probable one is taken.
  public var samples: Bool?
  /// How tokens are drawn where they are: the neutral settings changed by what the file says.
  public var sampling = SamplingSettings()
  /// How long a text gets.
  public var length = LengthDefaults()
  /// How beams are searched.
  public var beams = BeamDefaults()
  /// What tokens are forced or forbidden.
  public var constraints = TokenConstraints()

  /// `task_specific_params` by task: `translation_en_to_fr` and so on.
  public var tasks: [TaskDefaults] = []
  /// Keys of the file that ask for something which is not known here, in the order of the file. To be told to the
  /// person.
  public var unknownKeys: [String] = []
  /// What else the person should hear, each a sentence.
  public var notices: [String] = []

  /// A configuration that says nothing.
  public init() {}

  /// The settings that the files ask for: ``sampling``, at temperature 0 where no tokens are to be drawn.
  public var settings: SamplingSettings {
    var settings = sampling
    if samples == false { settings.temperature = 0 }
    return settings
  }
}
