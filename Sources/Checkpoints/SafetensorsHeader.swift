import JSONText

/// What the header of a safetensors file says, checked against the file's size.
///
/// The format (github.com/huggingface/safetensors): eight bytes with the header's length N, little end first; N bytes
/// of JSON, an object from tensor names to `{"dtype", "shape", "data_offsets"}`; the tensors' bytes, one after the
/// other without holes. Nothing in it is trusted.
struct SafetensorsHeader: Sendable {
  /// One tensor: where its bytes lie in the file and what they are.
  struct Entry: Sendable {
    let name: String
    let type: StoredType
    let shape: [Int]
    /// Its bytes, counted from the start of the file.
    let range: Range<Int>

    /// The number of its elements.
    var elementCount: Int { range.count * 8 / type.bits }
  }

  /// The tensors by name.
  let entries: [String: Entry]
  /// What the file says about itself: `__metadata__`.
  let metadata: [String: String]

  /// The format's own limit on the length of the JSON.
  static let longest = 100_000_000

  /// Bytes of the field that holds the length of the JSON.
  static let lengthField = 8

  /// Reads the header of a file.
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - path: the file's path, for messages.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(CheckpointError) {
    let length = try Self.length(bytes, path: path)
    let text = Array(bytes[Self.lengthField..<Self.lengthField + length])
    let members = try Self.members(text, path: path)
    let dataStart = Self.lengthField + length
    var entries: [String: Entry] = [:]
    var inOrder: [Entry] = []
    entries.reserveCapacity(members.count)
    for (key, value) in members where key != "__metadata__" {
      let entry = try TensorEntryReader(path: path, key: key).entry(value, dataStart: dataStart, fileSize: bytes.count)
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw .invalidHeader(path: path, tensor: entry.name, expected: "each name once", found: "the name twice")
      }
      inOrder.append(entry)
    }
    try Self.checkLayout(inOrder, dataStart: dataStart, fileSize: bytes.count, path: path)
    self.entries = entries
    metadata = Self.metadata(members)
  }

  private static func metadata(_ members: [(key: ByteString, value: JSONValue)]) -> [String: String] {
    var metadata: [String: String] = [:]
    for (key, value) in members.first(where: { $0.key == "__metadata__" })?.value.object?.members ?? [] {
      metadata[key.description] = value.string
    }
    return metadata
  }

  private static func length(_ bytes: UnsafeRawBufferPointer, path: String) throws(CheckpointError) -> Int {
    guard bytes.count >= lengthField else {
      throw .invalidHeader(
        path: path, tensor: nil, expected: "a header length of \(lengthField) bytes", found: "a file of \(bytes.count)")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(longest) else {
      throw .invalidHeader(path: path, tensor: nil, expected: "a length of at most \(longest)", found: "\(length)")
    }
    let room = bytes.count - lengthField
    guard length <= UInt64(room) else {
      throw .invalidHeader(
        path: path, tensor: nil, expected: "a length of at most the \(room) bytes that follow", found: "\(length)")
    }
    guard length >= 2 else {
      throw .invalidHeader(path: path, tensor: nil, expected: "a length of at least 2", found: "\(length)")
    }
    return Int(length)
  }

  /// Tensor entries nest three levels deep; the rest is for what future versions may add.
  private static let depth = 8

  private static func members(
    _ text: [UInt8], path: String
  ) throws(CheckpointError) -> [(key: ByteString, value: JSONValue)] {
    let header: JSONValue
    do throws(JSONError) {
      header = try JSONValue(parsing: text, limits: JSONLimits(depth: depth, bytes: longest))
    } catch {
      throw .invalidHeader(path: path, tensor: nil, expected: "JSON: \(error.facts.expected)", found: error.facts.found)
    }
    guard text.first == UInt8(ascii: "{"), let object = header.object else {
      throw .invalidHeader(path: path, tensor: nil, expected: "a JSON object", found: header.kind)
    }
    // The JSON reader keeps the last of equal keys; a file where that matters was made to be read differently by
    // different programs.
    let written = topLevelMembers(text)
    guard written == object.count else {
      throw .invalidHeader(
        path: path, tensor: nil, expected: "each name once", found: "\(written) members with \(object.count) names")
    }
    if let metadata = object["__metadata__"], metadata.object?.members.allSatisfy({ $0.value.string != nil }) != true {
      throw .invalidHeader(path: path, tensor: "__metadata__", expected: "an object of strings", found: metadata.kind)
    }
    return object.members
  }

  /// The number of members of the outermost object, counted in JSON that is known to be well formed.
  private static func topLevelMembers(_ text: [UInt8]) -> Int {
    var depth = 0
    var colons = 0
    var inString = false
    var escaped = false
    for byte in text {
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ":"): colons += depth == 1 ? 1 : 0
      default: break
      }
    }
    return colons
  }

  /// Tensors must follow each other without hole and overlap and end with the file: so no byte is read as two tensors,
  /// and a file that was cut is noticed.
  private static func checkLayout(
    _ entries: [Entry], dataStart: Int, fileSize: Int, path: String
  ) throws(CheckpointError) {
    var end = dataStart
    let byPlace = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for entry in byPlace {
      guard entry.range.lowerBound == end else {
        let found = entry.range.lowerBound < end ? "an overlap" : "a hole"
        throw .invalidHeader(
          path: path, tensor: entry.name, expected: "data_offsets from \(end - dataStart), where the one before ends",
          found: "\(entry.range.lowerBound - dataStart), \(found)")
      }
      end = entry.range.upperBound
    }
    guard end == fileSize else {
      throw .invalidHeader(
        path: path, tensor: nil, expected: "tensors that fill the file",
        found: "\(fileSize - end) bytes that belong to none")
    }
  }
}
