import Checkpoints
import JSONText
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// All that opening a model needs, wherever it lies: a folder in Hugging Face layout, a snapshot of a cache, one file, or
/// memory.
///
/// Making a source reads the configuration only; weights are opened by ``tensors()``.
public struct ModelSource: Sendable {
  /// What a source is known by.
  public struct Identity: Sendable, Hashable {
    /// The path of the folder or file.
    public var path: String
    /// The commit, where the source is a snapshot of a repository.
    public var revision: String?
    /// SHA-1 or SHA-256 of files by name, as far as the source knows them without reading the files.
    public var hashes: [String: String]

    /// What a source is known by.
    public init(path: String, revision: String? = nil, hashes: [String: String] = [:]) {
      self.path = path
      self.revision = revision
      self.hashes = hashes
    }
  }

  /// What the source is known by.
  public let identity: Identity
  /// `config.json`, or what a file of another kind says in its place.
  let configuration: ConfigurationReader
  /// `generation_config.json`, where there is one.
  let generation: ConfigurationReader?
  private let openTensors: @Sendable () throws(CheckpointError) -> any TensorStore
  private let readFile: @Sendable (_ name: String, _ limit: Int) -> [UInt8]?

  /// A source of parts that lie anywhere.
  /// - Parameters:
  ///   - configuration: the members of `config.json`.
  ///   - generation: the members of `generation_config.json`, where there are any.
  ///   - tensors: opens the weights.
  ///   - file: reads a small file by its name in Hugging Face layout, `tokenizer.json` for instance.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)`` where a configuration is no object.
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
  }

  /// A folder in Hugging Face layout.
  /// - Parameter containers: what its weights may lie in.
  /// - Throws: ``ModelError`` where it is no folder, has no configuration, or one that cannot be read.
  public init(folder: String, containers: [WeightContainer] = WeightContainer.all) throws(ModelError) {
    let path = "\(folder)/\(Self.configurationFile)"
    guard FileBytes.exists(path) else {
      // A path that is no folder at all has an error that says so.
      try mapErrors { () throws(CheckpointError) in try checkFolder(folder) }
      throw .configurationNotFound(folder: folder)
    }
    configuration = try ConfigurationReader(path: path)
    let own = "\(folder)/\(Self.generationFile)"
    generation = FileBytes.exists(own) ? try ConfigurationReader(path: own) : nil
    identity = Self.identity(folder)
    openTensors = { () throws(CheckpointError) in try WeightContainer.open(folder: folder, among: containers) }
    readFile = { try? FileBytes.read("\(folder)/\($0)", limit: $1) }
  }

  /// The file of the configuration.
  static let configurationFile = "config.json"
  private static let generationFile = "generation_config.json"

  /// Opens the weights. No weight is read yet.
  public func tensors() throws(ModelError) -> any TensorStore {
    try mapErrors { () throws(CheckpointError) in try openTensors() }
  }

  /// The bytes of a small file by its name in Hugging Face layout; `nil` where the source has none that can be read.
  /// - Parameter limit: the most bytes that it may have.
  public func file(_ name: String, limit: Int = 64 << 20) -> [UInt8]? { readFile(name, limit) }

  /// The model's card, front matter included.
  public var card: [UInt8]? { file("README.md", limit: 16 << 20) }

  /// The Jinja template that turns a chat into a prompt: of its own file, else of the tokenizer's configuration.
  public var chatTemplate: String? {
    if let bytes = file("chat_template.jinja") { return String(validating: bytes, as: UTF8.self) }
    guard let bytes = file("tokenizer_config.json"), let found = try? JSONValue(parsing: bytes) else { return nil }
    return found["chat_template"]?.string
  }

  /// Which of the tokenizer's files there are.
  public var tokenizerFiles: [String] {
    ["tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "merges.txt", "vocab.txt"]
      .filter { file($0) != nil }
  }
}

extension ModelSource {
  /// A folder `…/snapshots/COMMIT` of Hugging Face's cache names its revision; its files are links to blobs that have
  /// their hashes as names.
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
