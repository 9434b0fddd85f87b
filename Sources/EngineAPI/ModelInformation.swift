import Sampling
import Terms

/// The maximum length of a model's input.
public typealias ContextLength = Terms.ContextLength

/// What is known about a model without reading its weights.
public typealias ModelDescription = Terms.ModelDescription

/// The location of a model, known without opening its files.
public struct ModelPlace: Sendable, Hashable {
  /// The name to open it by.
  public var name: String
  /// The folder in Hugging Face layout, or the GGUF file.
  public var path: String
  /// Where it was found: `bundled`, `folder`, `file`, or a store: `hf`, `ollama`, `lmstudio`, `llama.cpp`.
  public var source: String
  /// The size of its weight files in bytes, of models in stores.
  public var bytes: Int?
  /// Why it can't be opened; `nil` if no reason is known.
  public var reason: String?

  /// A place.
  public init(name: String, path: String, source: String, bytes: Int? = nil, reason: String? = nil) {
    self.name = name
    self.path = path
    self.source = source
    self.bytes = bytes
    self.reason = reason
  }
}

/// A model as listed, before it is opened: its location, and the facts in its configuration and in the headers of its
/// files. The members of both can be accessed directly, as in `summary.name` and `summary.family`.
@dynamicMemberLookup
public struct ModelSummary: Sendable, Hashable {
  /// The model's location.
  public var place: ModelPlace
  /// The facts in the model's files.
  public var description: ModelDescription
  /// The text of the model card (`README.md` in the folder); `nil` if there is none.
  public var card: String?

  /// A model at a place.
  public init(_ place: ModelPlace, _ description: ModelDescription, card: String?) {
    self.place = place
    self.description = description
    self.card = card
  }

  /// A summary of an engine that knows these values.
  public init(
    name: String, path: String, family: ModelFamily?, architecture: String, parameters: Int?, dtype: String?,
    bytes: Int?, context: ContextLength, source: String, card: String? = nil, reason: String? = nil
  ) {
    self.init(
      ModelPlace(name: name, path: path, source: source, reason: reason),
      ModelDescription(
        architecture: architecture, family: family, context: context, parameters: parameters, dtype: dtype,
        bytes: bytes),
      card: card)
  }

  /// Whether the model can be opened, as far as its files show.
  public var canOpen: Bool { description.family != nil && place.reason == nil }

  /// The size of the weight files in bytes; `nil` if the engine does not know it.
  public var bytes: Int? { description.bytes ?? place.bytes }

  /// Access to a member of ``place``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<ModelPlace, Value>) -> Value {
    get { place[keyPath: path] }
    set { place[keyPath: path] = newValue }
  }

  /// Access to a member of ``description``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<ModelDescription, Value>) -> Value {
    get { description[keyPath: path] }
    set { description[keyPath: path] = newValue }
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
  public var context: ContextLength {
    get { summary.context }
    set { summary.context = newValue }
  }
  /// The maximum input length in tokens; `nil` if there is none or it is unknown.
  public var contextLength: Int? { context.limit }
  /// The ids that end a text.
  public var endOfTextIDs: [Int]
  /// The mask token, if the tokenizer has one; masked models and classifiers only.
  public var maskToken: TokenValue?
  /// The labels of a model that classifies, in the model's order; empty for other models.
  public var labels: [String] = []
  /// Unknown keys in `generation_config.json`, to be reported once.
  public var unknownGenerationKeys: [String]
  /// Other notices for the user, each one sentence.
  public var notices: [String] = []
  /// For each task in `task_specific_params`, its keys other than the prefix; the program ignores them.
  public var taskKeysWithoutEffect: [String: [String]] = [:]
  /// The decoding defaults of `generation_config.json`.
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
    reference: ModelReference, summary: ModelSummary, family: ModelFamily, vocabularySize: Int?,
    endOfTextIDs: [Int] = [], maskToken: TokenValue? = nil, unknownGenerationKeys: [String] = [],
    decoding: DecodingDefaults = DecodingDefaults(), languages: [String] = [], vocabularyFingerprint: UInt64? = nil,
    loadSeconds: Double = 0, weightBytes: Int? = nil, format: NumberFormat? = nil
  ) {
    self.reference = reference
    self.summary = summary
    self.family = family
    self.vocabularySize = vocabularySize
    self.endOfTextIDs = endOfTextIDs
    self.maskToken = maskToken
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
