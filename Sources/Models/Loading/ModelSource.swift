import Checkpoints
import JSONText
import Tensors

/// The parts of a model that opening needs, from any place: a folder in Hugging Face layout, a snapshot in a cache, one
/// file, or memory.
///
/// Creating a source reads only the configuration; ``tensors()`` opens the weights.
public struct ModelSource: Sendable {
  /// The path of the folder or file.
  public let path: String
  /// `config.json`, or its equivalent in another kind of file.
  let configuration: ConfigurationReader
  /// `generation_config.json`, if there is one.
  let generation: ConfigurationReader?
  private let openTensors: @Sendable () throws(CheckpointError) -> any TensorStore
  /// The GGUF file, if the source is one.
  let gguf: GGUFFile?
  /// Adapters that are merged into the weights, in order.
  private let adapters: [AdapterFile]

  /// A GGUF file with the configuration and tensors derived from it.
  init(
    _ gguf: GGUFFile, _ configuration: ConfigurationReader,
    tensors: @escaping @Sendable () throws(CheckpointError) -> any TensorStore
  ) {
    path = gguf.location
    self.configuration = configuration
    generation = nil
    openTensors = tensors
    self.gguf = gguf
    adapters = []
  }

  /// A source of separate parts.
  /// - Parameters:
  ///   - path: the path for error messages.
  ///   - configuration: the members of `config.json`.
  ///   - generation: the members of `generation_config.json`, if there is one.
  ///   - tensors: opens the weights.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)`` if a configuration is not a JSON object.
  public init(
    path: String, configuration: JSONValue, generation: JSONValue? = nil,
    tensors: @escaping @Sendable () throws(CheckpointError) -> any TensorStore
  ) throws(ModelError) {
    self.path = path
    self.configuration = try ConfigurationReader(configuration, path: "\(path)/\(Self.configurationFile)")
    self.generation =
      if let generation { try ConfigurationReader(generation, path: "\(path)/\(Self.generationFile)") } else {
        nil
      }
    openTensors = tensors
    gguf = nil
    adapters = []
  }

  /// A model in Hugging Face layout with adapters.
  /// - Throws: ``ModelError`` if the base or an adapter can't be read.
  init(adapted place: AdaptedPath, path: String) throws(ModelError) {
    let base = try ModelSource(path: place.base)
    guard base.gguf == nil else {
      throw .invalidConfiguration(
        path: place.adapters[0], key: "the base", expected: "a folder in Hugging Face layout", found: "a GGUF file")
    }
    self.path = path
    var (adapters, members) = ([AdapterFile](), base.configuration.members)
    for folder in place.adapters {
      let adapter = try AdapterFile(folder: folder)
      members = adapter.configuration(over: members)
      adapters.append(adapter)
    }
    self.adapters = adapters
    configuration = try ConfigurationReader(.object(members), path: base.configuration.path)
    generation = base.generation
    openTensors = base.openTensors
    gguf = nil
  }

  /// A folder in Hugging Face layout.
  /// - Parameter containers: the weight containers to look for.
  /// - Throws: ``ModelError`` if it is not a folder, or its configuration is missing or unreadable.
  public init(folder: String, containers: [WeightContainer] = WeightContainer.all) throws(ModelError) {
    let configurationPath = "\(folder)/\(Self.configurationFile)"
    guard FileBytes.exists(configurationPath) else {
      // If the path is not a folder, throw that error instead.
      try mapErrors { () throws(CheckpointError) in try checkFolder(folder) }
      throw .configurationNotFound(folder: folder)
    }
    configuration = try ConfigurationReader(path: configurationPath)
    let own = "\(folder)/\(Self.generationFile)"
    generation = FileBytes.exists(own) ? try ConfigurationReader(path: own) : nil
    path = folder
    openTensors = { () throws(CheckpointError) in try WeightContainer.open(folder: folder, among: containers) }
    gguf = nil
    adapters = []
  }

  /// The name of the configuration file.
  static let configurationFile = "config.json"
  private static let generationFile = "generation_config.json"

  /// Opens the weights. No weight is read yet.
  public func tensors() throws(ModelError) -> any TensorStore {
    var store = try mapErrors { () throws(CheckpointError) in try openTensors() }
    for adapter in adapters { store = try AdaptedStore(store, adapter) }
    return store
  }
}
