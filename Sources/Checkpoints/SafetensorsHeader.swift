import JSONText
import Tensors

/// The header of a safetensors file, checked against the file's size.
///
/// The format (github.com/huggingface/safetensors): eight bytes with the header's length N, little-endian; N bytes of
/// JSON, an object from tensor names to `{"dtype", "shape", "data_offsets"}`; the tensors' bytes, one after the other
/// without gaps. The file is untrusted.
struct SafetensorsHeader: Sendable {
  /// The entry of one tensor.
  struct Entry: Sendable {
    let name: String
    let layout: ElementLayout
    let shape: [Int]
    /// The range of its bytes, counted from the start of the file.
    let range: Range<Int>
  }

  /// The tensors by name.
  let entries: [String: Entry]
  /// The strings of `__metadata__`.
  let metadata: [String: String]

  /// The format's limit on the length of the JSON, in bytes.
  static let longest = 100_000_000

  /// The size of the length field, in bytes.
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

  /// Tensor entries are nested three levels deep; the higher limit allows for future versions.
  private static let depth = 8

  private static func members(
    _ text: [UInt8], path: String
  ) throws(CheckpointError) -> [(key: ByteString, value: JSONValue)] {
    let header: JSONValue
    do throws(JSONError) {
      header = try JSONValue(parsing: text, limits: JSONLimits(depth: depth, bytes: longest))
    } catch {
      let facts = error.facts
      throw .invalidHeader(
        path: path, tensor: nil, expected: "JSON: \(facts.expected ?? "an object")", found: facts.found ?? "other bytes"
      )
    }
    guard text.first == UInt8(ascii: "{"), let object = header.object else {
      throw .invalidHeader(path: path, tensor: nil, expected: "a JSON object", found: header.kind)
    }
    // The JSON reader keeps the last of several equal keys; other programs may keep the first. Reject such a file.
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

  /// The number of members of the outermost object of well-formed JSON, counting repeated names.
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

  /// Checks that the tensors follow each other without gaps or overlaps and end at the end of the file. So no byte
  /// belongs to two tensors, and a truncated file is detected.
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

/// Reads and checks one tensor's entry of a safetensors header.
private struct TensorEntryReader {
  let path: String
  let key: ByteString

  /// The entry, its range counted from the start of the file.
  func entry(
    _ value: JSONValue, dataStart: Int, fileSize: Int
  ) throws(CheckpointError) -> SafetensorsHeader.Entry {
    guard let name = String(validating: key.bytes, as: UTF8.self) else {
      throw failure("a name in UTF-8", "other bytes")
    }
    guard value.object != nil else { throw failure("an object", value.kind) }
    let layout = try layout(value["dtype"])
    let shape = try shape(value["shape"])
    let offsets = try offsets(value["data_offsets"], available: fileSize - dataStart)
    let size = try size(shape, layout)
    guard offsets.count == size else {
      throw failure("\(size) bytes for \(layout.name) \(shape)", "data_offsets of \(offsets.count) bytes")
    }
    let range = offsets.lowerBound + dataStart..<offsets.upperBound + dataStart
    return SafetensorsHeader.Entry(name: name, layout: layout, shape: shape, range: range)
  }

  private func layout(_ value: JSONValue?) throws(CheckpointError) -> ElementLayout {
    guard let word = value?.string else { throw failure("a string as dtype", value?.kind ?? "none") }
    guard let layout = ElementLayout.safetensors[word] else { throw failure("a known dtype", excerpt(word)) }
    return layout
  }

  private func shape(_ value: JSONValue?) throws(CheckpointError) -> [Int] {
    guard let elements = value?.array else { throw failure("an array as shape", value?.kind ?? "none") }
    var shape: [Int] = []
    for element in elements {
      guard let size = element.int, size >= 0 else {
        throw failure("sizes of 0 or more in shape", excerpt(element.serialized()))
      }
      shape.append(size)
    }
    return shape
  }

  private func offsets(_ value: JSONValue?, available: Int) throws(CheckpointError) -> Range<Int> {
    guard let pair = value?.array, pair.count == 2, let begin = pair[0].int, let end = pair[1].int else {
      throw failure("two numbers as data_offsets", excerpt(value?.serialized() ?? "none"))
    }
    guard 0 <= begin, begin <= end, end <= available else {
      throw failure("data_offsets in order within the \(available) bytes of data", "[\(begin), \(end)]")
    }
    return begin..<end
  }

  /// The size of a tensor in bytes. The product of a malicious shape may overflow.
  private func size(_ shape: [Int], _ layout: ElementLayout) throws(CheckpointError) -> Int {
    var bits = layout.bytes * 8
    for size in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: size)
      guard !overflow else { throw failure("a shape whose size can be counted", excerpt("\(shape)")) }
      bits = product
    }
    bits /= layout.elements
    guard bits.isMultiple(of: 8) else { throw failure("whole bytes", "\(bits) bits") }
    return bits / 8
  }

  private func failure(_ expected: String, _ found: String) -> CheckpointError {
    .invalidHeader(path: path, tensor: excerpt(key.description), expected: expected, found: found)
  }

  /// The first 80 characters of a value, which may be megabytes long.
  private func excerpt(_ text: String) -> String { text.count > 80 ? text.prefix(80) + "…" : text }
}

extension ElementLayout {
  /// The element types that a safetensors header may name.
  static let safetensors: [String: ElementLayout] = {
    let bytes = [
      "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2,
      "U8": 1, "BOOL": 1, "C64": 8, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1,
    ]
    let single = bytes.map { ElementLayout(name: $0.key, elements: 1, bytes: $0.value) }
    let packed = [
      ElementLayout(name: "F6_E2M3", elements: 4, bytes: 3), ElementLayout(name: "F6_E3M2", elements: 4, bytes: 3),
      ElementLayout(name: "F4", elements: 2, bytes: 1),
    ]
    return Dictionary(uniqueKeysWithValues: (single + packed).map { ($0.name, $0) })
  }()
}
