import JSONText
import Tensors

/// The tensors and metadata of a GGUF file, or of all parts of a split model.
///
/// The files are memory-mapped: opening reads only the headers, and a tensor's bytes are read from disk when they are
/// used. Shapes list the outermost axis first; the files list it last.
public struct GGUFFile: TensorStore {
  /// The path of the file; for a split model, of its first file.
  public let location: String
  private let shards: [GGUFShard]
  /// Tensor name → index in `shards`.
  private let places: [String: Int]

  private static let suffix = ".gguf"

  /// Opens a model's file and, for a split model, all other parts.
  /// - Parameter path: the file; for a split model the first one, `NAME-00001-of-0000N.gguf`.
  /// - Throws: ``CheckpointError`` if a file cannot be read or is invalid, or a part is missing or belongs to another
  ///   model.
  public init(path: String) throws(CheckpointError) {
    let first = try GGUFShard(path: path)
    guard first.header.metadata["general.architecture"]?.type == .string else {
      throw .invalidGGUF(
        path: path, place: "general.architecture", expected: "the name of an architecture",
        found: first.header.metadata["general.architecture"] == nil ? "none" : "a number", hint: nil)
    }
    location = path
    shards = [first] + (try Self.others(of: first))
    var places: [String: Int] = [:]
    for (number, shard) in shards.enumerated() {
      for name in shard.header.entries.keys {
        guard places.updateValue(number, forKey: name) == nil else {
          throw .invalidGGUF(
            path: shard.file.path, place: "tensor \(name)", expected: "each name once", found: "the name in two files",
            hint: nil)
        }
      }
    }
    self.places = places
    if let total = try first.number("split.tensors.count"), total != places.count {
      throw .invalidGGUF(
        path: path, place: "split.tensors.count", expected: "\(total) tensors in all files", found: "\(places.count)",
        hint: nil)
    }
  }

  /// The other files of a split model.
  private static func others(of first: GGUFShard) throws(CheckpointError) -> [GGUFShard] {
    let count = try first.number("split.count") ?? 1
    guard count > 1 else { return [] }
    let (path, number) = (first.file.path, try first.number("split.no") ?? 0)
    func name(_ number: Int) -> String {
      ["", digits(number + 1), "of", digits(count) + suffix].joined(separator: "-")
    }
    guard count < 100_000, number >= 0, number < count, path.hasSuffix(name(number)) else {
      throw .invalidGGUF(
        path: path, place: "split.no", expected: "a file named NAME\(name(max(0, number)))",
        found: String(path.split(separator: "/").last ?? ""), hint: "give the files the names that they had")
    }
    let stem = path.dropLast(name(number).count)
    guard number == 0 else {
      throw .invalidGGUF(
        path: path, place: "split.no", expected: "the first of \(count) files", found: "file \(number + 1)",
        hint: "open \(stem)\(name(0))")
    }
    var others: [GGUFShard] = []
    for number in 1..<count {
      let shard = try GGUFShard(path: stem + name(number))
      for (key, expected) in [("split.no", number), ("split.count", count)] {
        let found = try shard.number(key)
        guard found == expected else {
          throw .invalidGGUF(
            path: shard.file.path, place: key, expected: "\(expected)", found: found.map(String.init) ?? "none",
            hint: nil)
        }
      }
      others.append(shard)
    }
    return others
  }

  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 5 - text.count)) + text
  }

  /// The metadata keys, sorted.
  public var keys: [String] { shards[0].header.metadata.keys.sorted() }

  /// The version of the format: 2 or 3.
  public var version: Int { shards[0].header.version }

  /// A value of the metadata.
  public func metadata(_ key: String) -> GGUFValue? { shards[0].header.metadata[key] }

  /// The metadata values whose keys satisfy `isWanted`, sorted by key.
  public func metadata(where isWanted: (String) -> Bool) throws(CheckpointError) -> JSONObject {
    var members = JSONObject()
    for key in keys where isWanted(key) {
      guard let value = metadata(key) else { continue }
      members.setValue(try value.json(), forKey: ByteString(key))
    }
    return members
  }

  /// The names of the tensors, sorted.
  public var names: [String] { places.keys.sorted() }

  /// The total size of the files, in bytes.
  public var byteCount: Int { shards.reduce(0) { $0 + $1.file.bytes.count } }

  /// Layer matrices in GGUF files are always `[outputs, inputs]`.
  public var matrixLayout: WeightLayout? { .outputsByInputs }

  /// `stored` if a matrix has a type that panels hold unchanged.
  public var ownFormat: NumberFormat {
    let isStored = places.keys.contains { name in
      entry(name).map { $0.matrix != nil && $0.layout.elementType?.hasPanels == true } ?? false
    }
    return isStored ? .stored : .f32
  }

  /// A tensor's header entry.
  public func entry(_ name: String) -> TensorEntry? {
    guard let entry = places[name].flatMap({ shards[$0].header.entries[name] }) else { return nil }
    return TensorEntry(shape: entry.shape, layout: entry.layout, byteCount: entry.range.count)
  }

  /// A range of a tensor's bytes, in the mapped file.
  public func bytes(of name: String, _ range: Range<Int>) -> StoredBytes? {
    guard let shard = places[name].map({ shards[$0] }), let entry = shard.header.entries[name] else { return nil }
    return StoredBytes(shard.file.bytes, owner: shard.file)[entry.range]?[range]
  }

  /// Throws if any file was truncated since it was opened, even temporarily.
  public func checkUnchanged() throws(CheckpointError) {
    for shard in shards where shard.file.lostBytes || shard.file.size() < shard.file.bytes.count {
      throw .fileChanged(path: shard.file.path, expected: shard.file.bytes.count, found: shard.file.size())
    }
  }
}

/// One memory-mapped file with its header.
private struct GGUFShard {
  let file: MappedFile
  let header: GGUFHeader

  init(path: String) throws(CheckpointError) {
    file = try MappedFile(path: path)
    header = try GGUFHeader(StoredBytes(file.bytes, owner: file), path: path)
  }

  /// An integer from the metadata.
  func number(_ key: String) throws(CheckpointError) -> Int? {
    guard let value = header.metadata[key] else { return nil }
    guard let number = try value.json().int else {
      throw .invalidGGUF(path: file.path, place: key, expected: "a whole number", found: "\(value.type)", hint: nil)
    }
    return number
  }
}
