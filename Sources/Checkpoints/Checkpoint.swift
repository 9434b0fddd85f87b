import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weights of a model folder as named tensors: one `model.safetensors`, or shards listed in
/// `model.safetensors.index.json`.
///
/// The files are mapped, not read: opening takes time for the headers only, and a tensor's bytes come from the disk
/// when they are used.
public struct Checkpoint: Sendable {
  /// The folder.
  public let folder: String
  private let files: [SafetensorsFile]
  /// Tensor name → which file.
  private let places: [String: Int]

  /// Opens the weights of a folder.
  /// - Throws: ``CheckpointError`` when there is no such folder, it holds no safetensors, or a header is not what it
  ///   should be.
  public init(folder: String) throws(CheckpointError) {
    try Self.checkFolder(folder)
    let single = folder + "/" + Self.singleFile
    let index = folder + "/" + Self.indexFile
    if exists(single) {
      try self.init(folder: folder, single: SafetensorsFile(path: single))
    } else if exists(index) {
      try self.init(folder: folder, index: ShardIndex(path: index), indexPath: index)
    } else {
      throw .weightsNotFound(folder: folder, instead: Self.otherFormats.first { exists(folder + "/" + $0) })
    }
  }

  private static let singleFile = "model.safetensors"
  private static let indexFile = "model.safetensors.index.json"

  /// Weight files of other formats, to be named when they are all that a folder has.
  private static let otherFormats = [
    "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.ckpt.index",
  ]

  private init(folder: String, single: SafetensorsFile) {
    self.folder = folder
    files = [single]
    places = Dictionary(uniqueKeysWithValues: single.names.map { ($0, 0) })
  }

  private init(folder: String, index: ShardIndex, indexPath: String) throws(CheckpointError) {
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
      guard let number = numbers[shard], files[number].header.entries[name] != nil else {
        throw .invalidIndex(path: indexPath, expected: "\(name) in \(shard)", found: "no such tensor there")
      }
      places[name] = number
    }
    self.folder = folder
    self.files = files
    self.places = places
  }

  /// Makes sure that a path is that of a folder.
  /// - Throws: ``CheckpointError/folderNotFound(path:)``, ``CheckpointError/notAFolder(path:)``,
  ///   ``CheckpointError/unreadable(path:reason:)``.
  public static func checkFolder(_ folder: String) throws(CheckpointError) {
    var status = stat()
    guard stat(folder, &status) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else { throw .unreadable(path: folder, reason: systemError()) }
      throw .folderNotFound(path: folder)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path: folder) }
  }

  /// The tensors' names, sorted.
  public var names: [String] { places.keys.sorted() }

  /// Bytes of the weight files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The number format of the matrices where they lie packed in panels; `nil` where the tensors are ordinary ones.
  public var packedFormat: NumberFormat? { files.lazy.compactMap(\.panels).first?.format }

  /// The size of a matrix that lies packed in panels.
  func panelSize(_ name: String) -> PanelDirectory.Size? { places[name].flatMap { files[$0].panels?.sizes[name] } }

  /// The tensor of this name; `nil` where there is none or its element type is one that only the format knows.
  public subscript(name: String) -> StoredTensor? { places[name].flatMap { files[$0][name] } }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { places[name] != nil }

  /// The shape and element type of a tensor, as the header says.
  func entry(_ name: String) -> SafetensorsHeader.Entry? { places[name].flatMap { files[$0].header.entries[name] } }

  /// Makes sure that no file became shorter since it was opened, not even for a while.
  public func checkSizes() throws(CheckpointError) {
    for file in files where file.file.lostBytes || file.file.size() < file.byteCount {
      throw .fileChanged(path: file.file.path, expected: file.byteCount, found: file.file.size())
    }
  }

  /// The number of elements in each element type, by the header's names in lower case: `["bf16": 124439808]`.
  public var elementCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for name in places.keys {
      guard let entry = entry(name) else { continue }
      counts[entry.type.rawValue.lowercased(), default: 0] += entry.elementCount
    }
    return counts
  }
}

private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
