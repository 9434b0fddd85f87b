import Sampling

/// The maximum length of a model's input.
public enum ContextLength: Sendable, Hashable {
  /// At most this many tokens.
  case tokens(Int)
  /// No limit (T5's relative positions).
  case unlimited
  /// Not known to the engine.
  case unknown

  /// A limit in tokens; `nil` for no limit.
  public init(_ limit: Int?) { self = limit.map(ContextLength.tokens) ?? .unlimited }

  /// The limit in tokens; `nil` if there is none or it is unknown.
  public var limit: Int? { if case .tokens(let limit) = self { limit } else { nil } }
}

/// A model as listed, before it is opened: only its configuration and file sizes have been read.
public struct ModelSummary: Sendable, Hashable {
  /// The name to open it by.
  public var name: String
  /// The path of the model's folder.
  public var path: String
  /// The family of the architecture; `nil` if the architecture is not supported.
  public var family: ModelFamily?
  /// `model_type` in the configuration: `gpt2`, `bert`, `t5`; empty if it cannot be read.
  public var architecture: String
  /// The number of weights; tied weights count once. `nil` if the engine does not know it.
  public var parameters: Int?
  /// The element type of the weight files, such as `bf16`; `nil` if the engine does not know it.
  public var dtype: String?
  /// The size of the weight files in bytes; `nil` if the engine does not know it.
  public var bytes: Int?
  /// The maximum input length.
  public var context: ContextLength
  /// Where the model was found: `bundled`, `folder`, `file`, or a store: `hf`, `ollama`, `lmstudio`, `llama.cpp`.
  public var source: String
  /// The text of the model card (`README.md` in the folder); `nil` if there is none.
  public var card: String?
  /// Why the model cannot be opened; `nil` if no reason is known.
  public var reason: String?
  /// The memory that the model takes; `nil` if the engine does not know it.
  public var memory: MemoryEstimate?

  /// A summary with these values.
  public init(
    name: String, path: String, family: ModelFamily?, architecture: String, parameters: Int?, dtype: String?,
    bytes: Int?, context: ContextLength, source: String, card: String? = nil, reason: String? = nil,
    memory: MemoryEstimate? = nil
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
    self.reason = reason
    self.memory = memory
  }
}

/// An open model.
public struct ModelInformation: Sendable, Hashable {
  /// The reference that it was opened with.
  public var reference: ModelReference
  /// The values shown in the list of models.
  public var summary: ModelSummary
  /// The family of the architecture.
  public var family: ModelFamily
  /// The number of ids in the logits; `nil` if the engine does not know it.
  public var vocabularySize: Int?
  /// The maximum input length.
  public var context: ContextLength
  /// The maximum input length in tokens; `nil` if there is none or it is unknown.
  public var contextLength: Int? { context.limit }
  /// The ids that end a text.
  public var endOfTextIDs: [Int]
  /// The mask token; masked models only.
  public var maskToken: TokenValue?
  /// The labels of a model that classifies, in the model's order; empty for other models.
  public var labels: [String] = []
  /// The neutral sampler settings, overridden by `generation_config.json`.
  public var defaultSettings: SamplingSettings
  /// Unknown keys in `generation_config.json`, to be reported once.
  public var unknownGenerationKeys: [String]
  /// Other notices for the user, each one sentence.
  public var notices: [String] = []
  /// For each task in `task_specific_params`, its keys other than the prefix; the program ignores them.
  public var taskKeysWithoutEffect: [String: [String]] = [:]
  /// Other decoding defaults from `generation_config.json`.
  public var decoding = DecodingDefaults()
  /// The language codes in the task prefixes of a translation model, such as `["en", "fr"]`; empty if unknown.
  public var languages: [String]
  /// A hash of the vocabulary, equal for equal vocabularies; `nil` if the engine does not know it.
  public var vocabularyFingerprint: UInt64?
  /// Seconds that it took to open the model.
  public var loadSeconds: Double
  /// Bytes of the packed weights in memory; `nil` if the engine does not know it.
  public var weightBytes: Int?
  /// The number format of the weights; `nil` if the engine does not know it.
  public var format: NumberFormat?
  /// What can be done with this model. The router removes capabilities that the engine lacks; the engine removes those
  /// that it lacks for this model.
  public var capabilities = Set(Capability.allCases)

  /// An open model with these values.
  public init(
    reference: ModelReference, summary: ModelSummary, family: ModelFamily, vocabularySize: Int?, context: ContextLength,
    endOfTextIDs: [Int] = [], maskToken: TokenValue? = nil, defaultSettings: SamplingSettings = SamplingSettings(),
    unknownGenerationKeys: [String] = [], decoding: DecodingDefaults = DecodingDefaults(), languages: [String] = [],
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
    self.decoding = decoding
    self.languages = languages
    self.vocabularyFingerprint = vocabularyFingerprint
    self.loadSeconds = loadSeconds
    self.weightBytes = weightBytes
    self.format = format
  }
}

/// Progress in opening a model.
public struct LoadProgress: Sendable, Hashable {
  /// The completed fraction, 0…1.
  public var fraction: Double
  /// The current step: `reading`, `packing`.
  public var step: String

  /// Progress within a step.
  public init(fraction: Double, step: String) {
    self.fraction = fraction
    self.step = step
  }
}
