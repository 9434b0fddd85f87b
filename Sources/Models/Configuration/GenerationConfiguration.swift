import Sampling

/// A model's decoding defaults, from `generation_config.json`, or from `config.json` if there is no such file.
///
/// Everything is optional; `nil` and empty mean that the file has no value. If the first file has no start ids, they
/// come from the other file or from the architecture's default. The members of ``decoding`` can be accessed directly.
@dynamicMemberLookup
public struct GenerationConfiguration: Sendable, Equatable {
  /// The name of the file that the values come from.
  public var file = "config.json"
  /// The ids that end a text. Negative ids match no token.
  public var eosTokenIDs: [Int] = []
  /// The id that an otherwise empty text starts with.
  public var bosTokenID: Int?
  /// The padding id of batches.
  public var padTokenID: Int?
  /// The first id of the decoder's text, for encoder-decoder models.
  public var decoderStartTokenID: Int?

  /// How tokens are drawn, how long texts are, and how beams are searched.
  public var decoding = DecodingDefaults()
  /// Forced and forbidden tokens.
  public var constraints = TokenConstraints()

  /// The prefix that `config.json` has for every text (`prefix`).
  public var prefix: String?
  /// `task_specific_params` by task: `translation_en_to_fr` and so on.
  public var tasks: [TaskDefaults] = []
  /// Keys of the file that request unsupported features, in the file's order, for a notice to the user.
  public var unknownKeys: [String] = []
  /// Further notices for the user, one sentence each.
  public var notices: [String] = []

  /// A configuration without any value.
  public init() {}

  /// Access to a member of ``decoding``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<DecodingDefaults, Value>) -> Value {
    get { decoding[keyPath: path] }
    set { decoding[keyPath: path] = newValue }
  }
}
