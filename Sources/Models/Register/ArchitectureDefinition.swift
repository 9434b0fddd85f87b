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
          "architectures", "a model without a classification head, because those of \(name) are not supported",
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
