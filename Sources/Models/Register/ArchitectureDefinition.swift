import Tensors
import Terms

/// An architecture as the loader needs it: how its configuration is read, how its tensors are named, and how the model
/// is built. Each definition is in the file of its model; ``Architectures/all`` lists them.
struct ArchitectureDefinition: Sendable {
  /// `model_type` in `config.json`.
  let name: String
  /// The family of its models without a classification head.
  let family: ModelFamily
  /// The outer prefixes that tensor names may have, the usual one first.
  let prefixes: [String]
  /// How the keys of its configuration are treated.
  let keys: ConfigurationKeys
  /// The default ids of special tokens.
  let tokens: TokenDefaults
  /// How GGUF files of the architecture are read; `nil` if they are not.
  let gguf: GGUFMapping?
  private let read: @Sendable (ConfigurationReader) throws(ModelError) -> Reading

  /// The result of reading a configuration.
  struct Reading: Sendable {
    /// The maximum number of tokens of a sequence; `nil` if there is no limit.
    let contextLength: Int?
    /// The family of the model.
    let family: ModelFamily
    /// Builds the model from its weights.
    let build: @Sendable (WeightLoader) -> AnyLanguageModel
  }

  /// Defines an architecture.
  /// - Parameters:
  ///   - gguf: how GGUF files are read.
  ///   - configuration: reads `config.json`.
  ///   - contextLength: returns the maximum number of tokens of a sequence.
  ///   - classifier: builds the model with a classification head; `nil` if such models are not supported.
  ///   - build: builds the model.
  init<Configuration: Sendable>(
    _ name: String, _ family: ModelFamily, prefixes: [String] = [""], keys: ConfigurationKeys,
    tokens: TokenDefaults = TokenDefaults(), gguf: GGUFMapping? = nil,
    configuration: @escaping @Sendable (ConfigurationReader) throws(ModelError) -> Configuration,
    contextLength: @escaping @Sendable (Configuration) -> Int?,
    classifier: (@Sendable (WeightLoader, Configuration, LabelSet) -> any LabelingModel)? = nil,
    build: @escaping @Sendable (WeightLoader, Configuration) -> AnyLanguageModel
  ) {
    self.name = name
    self.family = family
    self.prefixes = prefixes
    self.keys = keys
    self.tokens = tokens
    self.gguf = gguf
    read = { file throws(ModelError) in
      let sizes = try configuration(file)
      guard let subject = LabelSet.subject(file) else {
        return Reading(contextLength: contextLength(sizes), family: family) { build($0, sizes) }
      }
      guard let classifier else {
        throw file.failure(
          "architectures", "a model without a classification head, for those of \(name) are not supported",
          file.members["architectures"] ?? .null)
      }
      let labels = try LabelSet(subject, file)
      return Reading(contextLength: contextLength(sizes), family: labels.family) {
        .labeling(classifier($0, sizes, labels))
      }
    }
  }

  /// Reads a configuration.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``, also for an unsupported key that would
  ///   change the numbers.
  func reading(_ file: ConfigurationReader) throws(ModelError) -> Reading {
    try keys.check(file)
    return try read(file)
  }
}

/// The ids of special tokens to use if no file names them.
struct TokenDefaults: Sendable {
  /// The first id of a text.
  var bos: Int?
  /// The padding id.
  var pad: Int?
  /// Whether the decoder's text starts with `pad` if no file names a start id.
  var startsDecoderWithPad = false
  /// The first id of the decoder's text, for a folder without `generation_config.json`.
  var decoderStart: Int?
}

/// The supported architectures.
enum Architectures {
  /// All architectures, in alphabetical order. A new architecture is one more entry.
  static let all: [ArchitectureDefinition] = [
    ALBERT.definition,
    Bart.definition,
    BERT.definition,
    RoBERTa.camembert,
    DistilBERT.definition,
    ELECTRA.definition,
    .gemma2,
    .gemma3,
    GPT2.definition,
    GPTNeo.definition,
    GPTNeoX.definition,
    .llama,
    M2M100.definition,
    Marian.definition,
    MBart.definition,
    .mistral,
    ModernBERT.definition,
    MT5.definition,
    .olmo2,
    OPT.definition,
    .phi3,
    .qwen2,
    .qwen3,
    RoBERTa.definition,
    T5.definition,
    UMT5.definition,
    RoBERTa.multilingual,
  ]

  /// The architecture with this `model_type`.
  static func named(_ name: String) -> ArchitectureDefinition? { all.first { $0.name == name } }

  /// The architecture of a GGUF file's `general.architecture`.
  static func ofGGUF(_ name: String) -> ArchitectureDefinition? { all.first { $0.gguf?.architecture == name } }

  /// The architecture whose name begins this class name. The oldest files have only a class name, such as
  /// `GPT2LMHeadModel`.
  static func ofClass(_ name: String) -> ArchitectureDefinition? {
    all.first { name.lowercased().hasPrefix($0.name.filter { $0 != "-" }) }
  }
}
