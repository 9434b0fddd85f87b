import Tensors

/// One architecture, as opening needs it: how its configuration is read, what its tensors are called, how it is built,
/// and what it can do. Each stands in the file of its model; ``Architectures/all`` lists them.
struct ArchitectureDefinition: Sendable {
  /// `model_type` in `config.json`.
  let name: String
  /// What its models are for.
  let family: ArchitectureFamily
  /// The outer prefixes that its tensors' names may have, the usual one first.
  let prefixes: [String]
  /// What becomes of the keys of its configuration.
  let keys: ConfigurationKeys
  /// The ids that it has by itself.
  let tokens: TokenDefaults
  private let read: @Sendable (ConfigurationReader) throws(ModelError) -> Reading

  /// What a configuration asks for.
  struct Reading: Sendable {
    /// The longest sequence, where there is a limit.
    let contextLength: Int?
    /// Makes the model of its weights.
    let build: @Sendable (WeightLoader) -> AnyLanguageModel
  }

  /// Defines an architecture.
  /// - Parameters:
  ///   - configuration: reads `config.json`.
  ///   - contextLength: the longest sequence of a configuration.
  ///   - build: makes the model.
  init<Configuration: Sendable>(
    _ name: String, _ family: ArchitectureFamily, prefixes: [String] = [""], keys: ConfigurationKeys,
    tokens: TokenDefaults = TokenDefaults(),
    configuration: @escaping @Sendable (ConfigurationReader) throws(ModelError) -> Configuration,
    contextLength: @escaping @Sendable (Configuration) -> Int?,
    build: @escaping @Sendable (WeightLoader, Configuration) -> AnyLanguageModel
  ) {
    self.name = name
    self.family = family
    self.prefixes = prefixes
    self.keys = keys
    self.tokens = tokens
    read = { file throws(ModelError) in
      let sizes = try configuration(file)
      return Reading(contextLength: contextLength(sizes)) { build($0, sizes) }
    }
  }

  /// Reads a configuration.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``, also for a key that would change the
  ///   numbers and is not honored.
  func reading(_ file: ConfigurationReader) throws(ModelError) -> Reading {
    try keys.check(file)
    return try read(file)
  }
}

/// The ids that an architecture has where no file names them.
struct TokenDefaults: Sendable {
  /// What a text starts with.
  var bos: Int?
  /// What fills up batches.
  var pad: Int?
  /// Whether a decoder's text starts with `pad` where nothing else is said.
  var startsDecoderWithPad = false
}

/// The architectures that are built in.
enum Architectures {
  /// In alphabetical order; a new one is a line here.
  static let all = [BERT.definition, GPT2.definition, Llama.definition, T5.definition]

  /// The architecture of a `model_type`.
  static func named(_ name: String) -> ArchitectureDefinition? { all.first { $0.name == name } }

  /// The architecture whose classes have names that begin so: the oldest files have only the name of a class.
  static func ofClass(_ name: String) -> ArchitectureDefinition? {
    all.first { name.lowercased().hasPrefix($0.name) }
  }
}
