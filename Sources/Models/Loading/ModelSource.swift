import Checkpoints
import JSONText
import Tensors
import Platform

/// The parts of a model that opening needs, from any place: a folder in Hugging Face layout, a snapshot in a cache, one
/// file, or memory.
///
/// Creating a source reads only the configuration; ``tensors()`` opens the weights.
public struct ModelSource: Sendable {
  /// The identity of a source.
  public struct Identity: Sendable, Hashable {
    /// The path of the folder or file.
    public var path: String
    /// The commit, if the source is a snapshot of a repository.
    public var revision: String?
    /// SHA-1 or SHA-256 hashes by file name, where they are known without reading the files.
    public var hashes: [String: String]

    /// The identity of a source.
    public init(path: String, revision: String? = nil, hashes: [String: String] = [:]) {
      self.path = path
      self.revision = revision
      self.hashes = hashes
    }
  }

  /// The identity of the source.
  public let identity: Identity
  /// `config.json`, or its equivalent in another kind of file.
  let configuration: ConfigurationReader
  /// `generation_config.json`, if there is one.
  let generation: ConfigurationReader?
  private let openTensors: @Sendable () throws(CheckpointError) -> any TensorStore
  private let readFile: @Sendable (_ name: String, _ limit: Int) -> [UInt8]?
  /// The file, where the source is one.
  let gguf: GGUFFile?

  /// A GGUF file with what was made of it.
  init(
    _ gguf: GGUFFile, _ configuration: ConfigurationReader,
    tensors: @escaping @Sendable () throws(CheckpointError) -> any TensorStore
  ) {
    identity = Identity(path: gguf.location)
    self.configuration = configuration
    generation = nil
    openTensors = tensors
    readFile = { _, _ in nil }
    self.gguf = gguf
  }

  /// A source of separate parts.
  /// - Parameters:
  ///   - configuration: the members of `config.json`.
  ///   - generation: the members of `generation_config.json`, if there is one.
  ///   - tensors: opens the weights.
  ///   - file: reads a small file by its name in Hugging Face layout, for example `tokenizer.json`.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)`` if a configuration is not a JSON object.
  public init(
    identity: Identity, configuration: JSONValue, generation: JSONValue? = nil,
    tensors: @escaping @Sendable () throws(CheckpointError) -> any TensorStore,
    file: @escaping @Sendable (_ name: String, _ limit: Int) -> [UInt8]? = { _, _ in nil }
  ) throws(ModelError) {
    self.identity = identity
    self.configuration = try ConfigurationReader(configuration, path: "\(identity.path)/\(Self.configurationFile)")
    self.generation =
      if let generation { try ConfigurationReader(generation, path: "\(identity.path)/\(Self.generationFile)") } else {
        nil
      }
    openTensors = tensors
    readFile = file
    gguf = nil
  }

  /// A folder in Hugging Face layout.
  /// - Parameter containers: the weight containers to look for.
  /// - Throws: ``ModelError`` if it is not a folder, or its configuration is missing or unreadable.
  public init(folder: String, containers: [WeightContainer] = WeightContainer.all) throws(ModelError) {
    let path = "\(folder)/\(Self.configurationFile)"
    guard FileBytes.exists(path) else {
      // If the path is not a folder, throw that error instead.
      try mapErrors { () throws(CheckpointError) in try checkFolder(folder) }
      throw .configurationNotFound(folder: folder)
    }
    configuration = try ConfigurationReader(path: path)
    let own = "\(folder)/\(Self.generationFile)"
    generation = FileBytes.exists(own) ? try ConfigurationReader(path: own) : nil
    identity = Self.identity(folder)
    openTensors = { () throws(CheckpointError) in try WeightContainer.open(folder: folder, among: containers) }
    readFile = { try? FileBytes.read("\(folder)/\($0)", limit: $1) }
    gguf = nil
  }

  /// The name of the configuration file.
  static let configurationFile = "config.json"
  private static let generationFile = "generation_config.json"

  /// Opens the weights. No weight is read yet.
  public func tensors() throws(ModelError) -> any TensorStore {
    try mapErrors { () throws(CheckpointError) in try openTensors() }
  }

  /// The bytes of a small file by its name in Hugging Face layout; `nil` if the source has no readable file of that
  /// name.
  /// - Parameter limit: the maximum size in bytes.
  public func file(_ name: String, limit: Int = 64 << 20) -> [UInt8]? { readFile(name, limit) }

  /// The model card, including its front matter.
  public var card: [UInt8]? { file("README.md", limit: 16 << 20) }

  /// The Jinja template that turns a chat into a prompt: from `chat_template.jinja`, `tokenizer_config.json` or
  /// a GGUF file's metadata.
  public var chatTemplate: String? {
    if let gguf { return (try? gguf.metadata("tokenizer.chat_template")?.json())?.string }
    if let bytes = file("chat_template.jinja") { return String(validating: bytes, as: UTF8.self) }
    guard let bytes = file("tokenizer_config.json"), let found = try? JSONValue(parsing: bytes) else { return nil }
    return found["chat_template"]?.string
  }

  /// The names of the tokenizer files that the source has.
  public var tokenizerFiles: [String] {
    ["tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "merges.txt", "vocab.txt"]
      .filter { file($0) != nil }
  }
}

extension ModelSource {
  /// In Hugging Face's cache a folder `…/snapshots/COMMIT` names its revision, and its files are links to blobs named
  /// by their hashes.
  private static func identity(_ folder: String) -> Identity {
    var identity = Identity(path: folder)
    let parts = folder.split(separator: "/").suffix(2)
    if parts.count == 2, parts.first == "snapshots" { identity.revision = parts.last.map(String.init) }
    for name in [configurationFile, "model.safetensors", "tokenizer.json"] {
      guard let target = linkTarget("\(folder)/\(name)"), let hash = target.split(separator: "/").last,
        [40, 64].contains(hash.utf8.count), hash.allSatisfy({ $0.isASCII && $0.isHexDigit })
      else { continue }
      identity.hashes[name] = String(hash)
    }
    return identity
  }

  private static func linkTarget(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink(path, start, buffer.count)
      guard count > 0 else { return nil }
      return String(validating: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
