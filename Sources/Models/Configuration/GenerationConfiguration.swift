/// What a model's folder says about decoding: `generation_config.json`, and from `config.json` what the first leaves
/// out.
///
/// Everything is optional; `nil` and empty mean that the files are silent. Token ids come from
/// `generation_config.json`, else from `config.json`, else from the architecture's own default. The other values come
/// from `config.json` only where there is no `generation_config.json`, as in the reference.
public struct GenerationConfiguration: Sendable, Equatable {
  /// The ids that end a text.
  public var eosTokenIDs: [Int] = []
  /// The id that a text starts with where it has no other.
  public var bosTokenID: Int?
  /// The id that fills up batches.
  public var padTokenID: Int?
  /// The id that a decoder's text starts with, of encoder-decoder models.
  public var decoderStartTokenID: Int?

  /// How tokens are drawn.
  public var sampling = SamplingDefaults()
  /// How long a text gets.
  public var length = LengthDefaults()
  /// How beams are searched.
  public var beams = BeamDefaults()
  /// What tokens are forced or forbidden.
  public var constraints = TokenConstraints()

  /// `task_specific_params` by task: `translation_en_to_fr` and so on.
  public var tasks: [TaskDefaults] = []
  /// Keys of `generation_config.json` that ask for something which is not known here, in the order of the file. To be
  /// told to the person.
  public var unknownKeys: [String] = []

  /// A configuration that says nothing.
  public init() {}
}
