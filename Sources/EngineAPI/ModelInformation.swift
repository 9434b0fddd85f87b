import Sampling

/// How long a model's input may be.
public enum ContextLength: Sendable, Hashable {
  /// At most this many tokens.
  case tokens(Int)
  /// Without limit (T5's relative positions).
  case unlimited
  /// The engine can't know it.
  case unknown

  /// A limit, or none.
  public init(_ limit: Int?) { self = limit.map(ContextLength.tokens) ?? .unlimited }

  /// The limit in tokens; `nil` where there is none or none is known.
  public var limit: Int? { if case .tokens(let limit) = self { limit } else { nil } }
}

/// A model that can be opened, as the listing shows it; nothing but its configuration and file sizes has been read.
public struct ModelSummary: Sendable, Hashable {
  /// The name to open it by.
  public var name: String
  /// The folder.
  public var path: String
  /// The family, by the architecture; `nil` where the architecture is not supported.
  public var family: ModelFamily?
  /// `model_type` of its configuration: `gpt2`, `bert`, `t5`.
  public var architecture: String
  /// The number of weights, tied ones counted once; `nil` where the engine can't know it.
  public var parameters: Int?
  /// The element type of its files, `bf16` for instance; `nil` where the engine can't know it.
  public var dtype: String?
  /// The size of its weight files; `nil` where the engine can't know it.
  public var bytes: Int?
  /// The longest input.
  public var context: ContextLength
  /// Where it was found: `bundled`, `folder`.
  public var source: String
  /// The text of the model card (`README.md` in the folder), if there is one.
  public var card: String?

  /// A summary with these values.
  public init(
    name: String, path: String, family: ModelFamily?, architecture: String, parameters: Int?, dtype: String?,
    bytes: Int?, context: ContextLength, source: String, card: String? = nil
  ) {
    self.name = name
    self.path = path
    self.family = family
    self.architecture = architecture
    self.parameters = parameters
    self.dtype = dtype
    self.bytes = bytes
    self.context = context
    self.source = source
    self.card = card
  }
}

/// A model that is open.
public struct ModelInformation: Sendable, Hashable {
  /// What it was opened as.
  public var reference: ModelReference
  /// The listing's facts.
  public var summary: ModelSummary
  /// The family, by the architecture.
  public var family: ModelFamily
  /// How many ids the logits have; `nil` where the engine can't know it.
  public var vocabularySize: Int?
  /// The longest input.
  public var context: ContextLength
  /// The longest input in tokens; `nil` where there is no limit or none is known.
  public var contextLength: Int? { context.limit }
  /// The ids that end a text.
  public var endOfTextIDs: [Int]
  /// The mask token, of masked models.
  public var maskToken: TokenValue?
  /// The sampler settings that `generation_config.json` asks for, laid over the neutral ones.
  public var defaultSettings: SamplingSettings
  /// Names of keys in `generation_config.json` that are not known, to be named once.
  public var unknownGenerationKeys: [String]
  /// What else the person should hear of the model, each a sentence.
  public var notices: [String] = []
  /// For each task of `task_specific_params` its keys beside the prefix: nothing looks at them.
  public var taskKeysWithoutEffect: [String: [String]] = [:]
  /// The default of the largest length, the prompt included; `nil` where the file is silent.
  public var defaultMaxLength: Int?
  /// The default of the least length, the prompt included; `nil` where the file is silent.
  public var defaultMinLength: Int?
  /// The default number of sequences that are returned; `nil` where the file is silent.
  public var defaultReturned: Int?
  /// Other defaults from `generation_config.json`; `nil` where it is silent.
  public var defaultMaxTokens: Int?
  /// The default number of beams; `nil` where the file is silent.
  public var defaultBeams: Int?
  /// The default length penalty; `nil` where the file is silent.
  public var defaultLengthPenalty: Double?
  /// The default of early stopping; `nil` where the file is silent.
  public var defaultEarlyStopping: EarlyStopping?
  /// What else its `generation_config.json` says about decoding.
  public var decoding = DecodingDefaults()
  /// The languages that the task prefixes of a translation model name, as codes: `["en", "fr"]`; empty where unknown.
  public var languages: [String]
  /// Equal for models with equal vocabularies; `nil` where the engine can't know it.
  public var vocabularyFingerprint: UInt64?
  /// Seconds that opening took.
  public var loadSeconds: Double
  /// Bytes of the weights as packed in memory; `nil` where the engine can't know it.
  public var weightBytes: Int?
  /// The number format of the weights; `nil` where the engine can't know it.
  public var format: NumberFormat?
  /// What can be done with the model. The router takes out what its engine lacks; an engine takes out what it lacks for
  /// this model alone.
  public var capabilities = Set(Capability.allCases)

  /// An open model with these values.
  public init(
    reference: ModelReference, summary: ModelSummary, family: ModelFamily, vocabularySize: Int?, context: ContextLength,
    endOfTextIDs: [Int] = [], maskToken: TokenValue? = nil, defaultSettings: SamplingSettings = SamplingSettings(),
    unknownGenerationKeys: [String] = [], defaultMaxTokens: Int? = nil, defaultBeams: Int? = nil,
    defaultLengthPenalty: Double? = nil, defaultEarlyStopping: EarlyStopping? = nil, languages: [String] = [],
    vocabularyFingerprint: UInt64? = nil, loadSeconds: Double = 0, weightBytes: Int? = nil,
    format: NumberFormat? = nil
  ) {
    self.reference = reference
    self.summary = summary
    self.family = family
    self.vocabularySize = vocabularySize
    self.context = context
    self.endOfTextIDs = endOfTextIDs
    self.maskToken = maskToken
    self.defaultSettings = defaultSettings
    self.unknownGenerationKeys = unknownGenerationKeys
    self.defaultMaxTokens = defaultMaxTokens
    self.defaultBeams = defaultBeams
    self.defaultLengthPenalty = defaultLengthPenalty
    self.defaultEarlyStopping = defaultEarlyStopping
    self.languages = languages
    self.vocabularyFingerprint = vocabularyFingerprint
    self.loadSeconds = loadSeconds
    self.weightBytes = weightBytes
    self.format = format
  }
}

/// How far the opening of a model is.
public struct LoadProgress: Sendable, Hashable {
  /// The share of the work that is done, 0…1.
  public var fraction: Double
  /// What is being done: `reading`, `packing`.
  public var step: String

  /// Progress at a step.
  public init(fraction: Double, step: String) {
    self.fraction = fraction
    self.step = step
  }
}
