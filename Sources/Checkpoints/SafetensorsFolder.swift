import JSONText
import Tensors

/// The weights of a model folder: one `model.safetensors`, or shards listed in `model.safetensors.index.json`. The
/// weights may be packed (see ``PanelDirectory``).
///
/// The files are memory-mapped: opening reads only the headers, and a tensor's bytes are read from disk when they are
/// used.
public struct SafetensorsFolder: TensorStore {
  /// The folder's path.
  public let location: String
  private let files: [SafetensorsFile]
  /// Tensor name → index in `files`.
  private let places: [String: Int]

  /// Opens the weights of a folder.
  /// - Throws: ``CheckpointError`` if there is no such folder, it has no safetensors file, or a header is invalid.
  public init(folder: String) throws(CheckpointError) {
    try checkFolder(folder)
    guard let found = try Self.find(folder) else { throw .weightsNotFound(folder: folder, instead: nil) }
    self = found
  }

  /// The name of the file if there is one.
  static let singleName = "model.safetensors"
  /// The name of the list of shards if there are several.
  static let indexName = "model.safetensors.index.json"

  /// The weights of a folder; `nil` if it has no safetensors file.
  static func find(_ folder: String) throws(CheckpointError) -> SafetensorsFolder? {
    let single = folder + "/" + singleName
    let index = folder + "/" + indexName
    if fileExists(single) { return try SafetensorsFolder(folder, single: SafetensorsFile(path: single)) }
    if fileExists(index) { return try SafetensorsFolder(folder, ShardIndex(path: index), indexPath: index) }
    return nil
  }

  private init(_ folder: String, single: SafetensorsFile) {
    location = folder
    files = [single]
    places = Dictionary(uniqueKeysWithValues: single.names.map { ($0, 0) })
  }

  private init(_ folder: String, _ index: ShardIndex, indexPath: String) throws(CheckpointError) {
    var files: [SafetensorsFile] = []
    var numbers: [String: Int] = [:]
    for shard in Set(index.shards.values).sorted() {
      numbers[shard] = files.count
      files.append(try SafetensorsFile(path: folder + "/" + shard))
    }
    var places: [String: Int] = [:]
    guard files.allSatisfy({ $0.panels == nil }) || files.count == 1 else {
      throw .invalidIndex(path: indexPath, expected: "shards of ordinary tensors", found: "packed weights")
    }
    for (name, shard) in index.shards {
      guard let number = numbers[shard], files[number].contains(name) else {
        throw .invalidIndex(path: indexPath, expected: "\(name) in \(shard)", found: "no such tensor there")
      }
      places[name] = number
    }
    location = folder
    self.files = files
    self.places = places
  }

  /// The names of the tensors, sorted.
  public var names: [String] { places.keys.sorted() }

  /// The size of the files, in bytes.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The number format of packed matrices.
  public var packedFormat: NumberFormat? { files.lazy.compactMap(\.packedFormat).first }

  /// A tensor's header entry.
  public func entry(_ name: String) -> TensorEntry? { places[name].flatMap { files[$0].entry(name) } }

  /// A range of a tensor's bytes, in the mapped file.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    places[name].flatMap { files[$0].bytes(of: name, range) }
  }

  /// Throws if any file was truncated since it was opened, even temporarily.
  public func checkUnchanged() throws(CheckpointError) { for file in files { try file.checkUnchanged() } }
}

extension WeightContainer {
  /// Safetensors, in one file or several.
  public static let safetensors = WeightContainer(
    files: [SafetensorsFolder.singleName, SafetensorsFolder.indexName]
  ) { folder throws(CheckpointError) in try SafetensorsFolder.find(folder) }
}

/// A memory-mapped safetensors file. Opening checks the header; tensors are read in place.
public struct SafetensorsFile: TensorStore {
  private let header: SafetensorsHeader
  private let file: MappedFile
  /// The description of the packed weights; `nil` if the file has none.
  let panels: PanelDirectory?

  /// Opens a file and checks its header.
  public init(path: String) throws(CheckpointError) {
    file = try MappedFile(path: path)
    header = try SafetensorsHeader(file.bytes, path: path)
    panels = try PanelDirectory(header, path: path)
  }

  /// The file's path.
  public var location: String { file.path }

  /// The names of the tensors, sorted.
  public var names: [String] { header.entries.keys.sorted() }

  /// The size of the file, in bytes.
  public var byteCount: Int { file.bytes.count }

  /// The number format of packed matrices.
  public var packedFormat: NumberFormat? { panels?.format }

  /// A tensor's header entry.
  public func entry(_ name: String) -> TensorEntry? {
    header.entries[name].map {
      TensorEntry(shape: $0.shape, layout: $0.layout, byteCount: $0.range.count, panels: panels?.sizes[name])
    }
  }

  /// A range of a tensor's bytes, in the mapped file.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    // The header has been checked, so the tensor is within the file.
    guard let entry = header.entries[name] else { return nil }
    return StoredBytes(UnsafeRawBufferPointer(rebasing: file.bytes[entry.range]), owner: file)[range]
  }

  /// Throws if the file was truncated since it was opened, even temporarily.
  public func checkUnchanged() throws(CheckpointError) {
    guard file.lostBytes || file.size() < byteCount else { return }
    throw .fileChanged(path: file.path, expected: byteCount, found: file.size())
  }
}

/// `model.safetensors.index.json`: the shard of each tensor.
struct ShardIndex: Sendable {
  /// Tensor name → the shard's path, relative to the folder.
  let shards: [String: String]

  /// Reads a shard index. Paths that lead outside the folder are rejected, because a downloaded folder must not open
  /// other files.
  init(path: String) throws(CheckpointError) {
    let index: JSONValue
    do throws(JSONError) {
      index = try JSONValue(contentsOfFile: path, limits: JSONLimits(depth: 16, bytes: SafetensorsHeader.longest))
    } catch {
      throw .invalidIndex(path: path, expected: "JSON", found: error.description)
    }
    guard let map = index["weight_map"]?.object else {
      throw .invalidIndex(path: path, expected: "an object weight_map", found: index["weight_map"]?.kind ?? "none")
    }
    guard map.count > 0 else { throw .invalidIndex(path: path, expected: "tensors in weight_map", found: "none") }
    var shards: [String: String] = [:]
    for (key, value) in map.members {
      guard let shard = value.string else {
        throw .invalidIndex(path: path, expected: "a file name for \(key)", found: value.kind)
      }
      let parts = shard.split(separator: "/", omittingEmptySubsequences: false)
      guard !shard.utf8.contains(0), parts.allSatisfy({ !$0.isEmpty && $0 != ".." && $0 != "." }) else {
        throw .shardOutsideFolder(index: path, shard: shard)
      }
      shards[key.description] = shard
    }
    self.shards = shards
  }
}
