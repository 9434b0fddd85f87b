import JSONText
import Tensors

/// The weights of a model folder: one `model.safetensors`, or shards listed in `model.safetensors.index.json`. A folder
/// of packed weights is one too (see ``PanelDirectory``).
///
/// The files are mapped, not read: opening takes time for the headers only, and a tensor's bytes come from the disk
/// when they are used.
public struct SafetensorsFolder: TensorStore {
  /// The folder.
  public let location: String
  private let files: [SafetensorsFile]
  /// Tensor name → which file.
  private let places: [String: Int]

  /// Opens the weights of a folder.
  /// - Throws: ``CheckpointError`` when there is no such folder, it holds no safetensors, or a header is not what it
  ///   should be.
  public init(folder: String) throws(CheckpointError) {
    try checkFolder(folder)
    guard let found = try Self.find(folder) else { throw .weightsNotFound(folder: folder, instead: nil) }
    self = found
  }

  /// The weights of a folder; `nil` where it has no safetensors file.
  static func find(_ folder: String) throws(CheckpointError) -> SafetensorsFolder? {
    let single = folder + "/model.safetensors"
    let index = folder + "/model.safetensors.index.json"
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

  /// The tensors' names, sorted.
  public var names: [String] { places.keys.sorted() }

  /// Bytes of the files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The number format of packed matrices.
  public var packedFormat: NumberFormat? { files.lazy.compactMap(\.packedFormat).first }

  /// What the header says about a tensor.
  public func entry(_ name: String) -> TensorEntry? { places[name].flatMap { files[$0].entry(name) } }

  /// A part of a tensor's bytes, where they are mapped.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    places[name].flatMap { files[$0].bytes(of: name, range) }
  }

  /// Makes sure that no file became shorter since it was opened, not even for a while.
  public func checkUnchanged() throws(CheckpointError) { for file in files { try file.checkUnchanged() } }
}

extension WeightContainer {
  /// Safetensors, in one file or several.
  public static let safetensors = WeightContainer { folder throws(CheckpointError) in
    try SafetensorsFolder.find(folder)
  }
}

/// One safetensors file, mapped: its header is checked when it is opened, its tensors are read where they lie.
public struct SafetensorsFile: TensorStore {
  private let header: SafetensorsHeader
  private let file: MappedFile
  /// What the file says about packed weights, where it holds some.
  let panels: PanelDirectory?

  /// Opens a file and checks its header.
  public init(path: String) throws(CheckpointError) {
    file = try MappedFile(path: path)
    header = try SafetensorsHeader(file.bytes, path: path)
    panels = try PanelDirectory(header, path: path)
  }

  /// The file's path.
  public var location: String { file.path }

  /// The tensors' names, sorted.
  public var names: [String] { header.entries.keys.sorted() }

  /// Bytes of the files.
  public var byteCount: Int { file.bytes.count }

  /// The number format of packed matrices.
  public var packedFormat: NumberFormat? { panels?.format }

  /// What the header says about a tensor.
  public func entry(_ name: String) -> TensorEntry? {
    header.entries[name].map {
      TensorEntry(shape: $0.shape, layout: $0.layout, byteCount: $0.range.count, panels: panels?.sizes[name])
    }
  }

  /// A part of a tensor's bytes, where they are mapped.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    // The header has been checked: the tensor lies within the file.
    guard let entry = header.entries[name] else { return nil }
    return StoredBytes(UnsafeRawBufferPointer(rebasing: file.bytes[entry.range]), owner: file)[range]
  }

  /// Makes sure that the file did not become shorter since it was opened, not even for a while.
  public func checkUnchanged() throws(CheckpointError) {
    guard file.lostBytes || file.size() < byteCount else { return }
    throw .fileChanged(path: file.path, expected: byteCount, found: file.size())
  }
}

/// `model.safetensors.index.json`: which shard holds which tensor.
struct ShardIndex: Sendable {
  /// Tensor name → the shard's path, relative to the folder.
  let shards: [String: String]

  /// Reads a list of shards. Paths that lead out of the folder are refused: a folder from elsewhere must not open other
  /// files.
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
