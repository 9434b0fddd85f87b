import Tensors

/// The header of a GGUF file, checked against the file's size.
///
/// The format (github.com/ggml-org/ggml, docs/gguf.md), versions 2 and 3, little-endian: the letters `GGUF`, the
/// version, the number of tensors, the number of metadata entries; the metadata entries (key, type, value); the tensor
/// entries (name, sizes with the innermost first, type, offset); padding to a multiple of the alignment; the tensors'
/// bytes. The file is untrusted.
struct GGUFHeader {
  /// The entry of one tensor.
  struct Entry: Sendable {
    let name: String
    /// Outermost axis first, the reverse of the order in the file.
    let shape: [Int]
    let layout: ElementLayout
    /// The range of its bytes, counted from the start of the file.
    let range: Range<Int>
  }

  /// The version of the format: 2 or 3.
  let version: Int
  /// The metadata by key.
  let metadata: [String: GGUFValue]
  /// The tensors by name.
  let entries: [String: Entry]
  /// Tensors start at multiples of this number of bytes.
  let alignment: Int

  /// Parses and checks the header of a file.
  init(_ file: StoredBytes, path: String) throws(CheckpointError) {
    var reader = GGUFReader(file.bytes, path: path)
    version = try Self.version(&reader)
    let tensorCount = try reader.count("tensors", leastBytes: 24)
    let metadataCount = try reader.count("metadata entries", leastBytes: 13)
    metadata = try Self.metadata(&reader, metadataCount, file, path: path)
    alignment = try Self.alignment(metadata["general.alignment"], path: path)
    let tensors = try Self.tensors(&reader, tensorCount)
    let start = (reader.position + alignment - 1) / alignment * alignment
    entries = try Self.checkedEntries(
      tensors, from: start, fileSize: file.bytes.count, alignment: alignment, path: path)
  }

  private static func version(_ reader: inout GGUFReader) throws(CheckpointError) -> Int {
    let magic = Array(try reader.take(min(4, reader.rest)))
    guard magic == Array("GGUF".utf8) else {
      let older = ["tjgg", "fmgg", "lmgg", "algg"].contains { magic == Array($0.utf8) }
      throw reader.failure(
        "a file that begins with GGUF", older ? "GGML, the format before GGUF" : "other bytes",
        hint: magic == Array("vers".utf8)
          ? "the file is a Git LFS pointer; fetch the model itself with git lfs pull"
          : older ? "make the file again from the original model with a current llama.cpp" : nil)
    }
    let version = try reader.number(UInt32.self)
    if version == 2 || version == 3 { return Int(version) }
    guard ![2, 3].contains(version.byteSwapped) else {
      throw reader.failure(
        "numbers in little-endian order", "big-endian version \(version.byteSwapped)",
        hint: "convert the file: gguf-convert-endian FILE little")
    }
    throw reader.failure(
      "version 2 or 3", "version \(version)",
      hint: version < 2 ? "make the file again from the original model with a current llama.cpp" : nil)
  }

  private static func metadata(
    _ reader: inout GGUFReader, _ count: Int, _ file: StoredBytes, path: String
  ) throws(CheckpointError) -> [String: GGUFValue] {
    var metadata: [String: GGUFValue] = [:]
    for number in 0..<count {
      reader.key = "metadata entry \(number)"
      let key = try reader.name()
      reader.key = excerpt(key)
      let type = try reader.type()
      let begin = reader.position
      try reader.skip(type)
      guard let bytes = file[begin..<reader.position] else { throw reader.failure("a value in the file", "none") }
      let value = GGUFValue(type: type, bytes: bytes, path: path, key: key)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw reader.failure("each key once", "the key twice")
      }
    }
    reader.key = nil
    return metadata
  }

  private static func alignment(_ value: GGUFValue?, path: String) throws(CheckpointError) -> Int {
    guard let value else { return 32 }
    let number = try value.json().int ?? 0
    guard number > 0, number & (number - 1) == 0, number <= 1 << 20 else {
      throw .invalidGGUF(
        path: path, place: "general.alignment", expected: "a power of two up to \(1 << 20)",
        found: value.type == .string ? "a string" : "\(number)", hint: nil)
    }
    return number
  }

  /// A tensor entry whose offset has not been checked yet.
  private struct UncheckedEntry {
    let name: String
    let shape: [Int]
    let layout: ElementLayout
    let size: Int
    let offset: UInt64
  }

  private static func tensors(_ reader: inout GGUFReader, _ count: Int) throws(CheckpointError) -> [UncheckedEntry] {
    var tensors: [UncheckedEntry] = []
    for number in 0..<count {
      reader.key = "tensor \(number)"
      let name = try reader.name()
      reader.key = "tensor \(excerpt(name))"
      let axes = try reader.number(UInt32.self)
      guard 1...4 ~= axes else { throw reader.failure("1 to 4 dimensions", "\(axes)") }
      var shape: [Int] = []
      for _ in 0..<axes {
        let size = try reader.number(UInt64.self)
        guard size > 0, let size = Int(exactly: size) else {
          throw reader.failure("sizes from 1 to \(Int.max)", "\(size)")
        }
        shape.insert(size, at: 0)
      }
      let layout = try layout(&reader)
      let size = try size(shape, layout, reader)
      tensors.append(
        UncheckedEntry(name: name, shape: shape, layout: layout, size: size, offset: try reader.number(UInt64.self)))
    }
    reader.key = nil
    return tensors
  }

  private static func layout(_ reader: inout GGUFReader) throws(CheckpointError) -> ElementLayout {
    let number = try reader.number(UInt32.self)
    if let layout = ElementLayout.gguf[number] { return layout }
    let dropped = ElementLayout.droppedFromGGUF.contains(number)
    throw reader.failure(
      "a known tensor type", dropped ? "type \(number), which llama.cpp has dropped" : "type \(number)",
      hint: dropped ? "make the file again from the original model with a current llama.cpp" : nil)
  }

  /// The size of a tensor in bytes. The product of a malicious shape may overflow.
  private static func size(
    _ shape: [Int], _ layout: ElementLayout, _ reader: GGUFReader
  ) throws(CheckpointError) -> Int {
    guard let row = shape.last, row.isMultiple(of: layout.elements) else {
      throw reader.failure("rows of a multiple of \(layout.elements) in \(layout.name)", "\(shape.last ?? 0)")
    }
    var size = layout.bytes
    for axis in shape.dropLast() + [row / layout.elements] {
      let (product, overflow) = size.multipliedReportingOverflow(by: axis)
      guard !overflow else { throw reader.failure("a shape whose size can be counted", "\(shape)") }
      size = product
    }
    return size
  }

  /// Checks that all tensors are aligned, within the file, and do not overlap.
  private static func checkedEntries(
    _ tensors: [UncheckedEntry], from start: Int, fileSize: Int, alignment: Int, path: String
  ) throws(CheckpointError) -> [String: Entry] {
    var entries: [String: Entry] = [:]
    func failure(_ name: String, _ expected: String, _ found: String) -> CheckpointError {
      .invalidGGUF(path: path, place: "tensor \(excerpt(name))", expected: expected, found: found, hint: nil)
    }
    for tensor in tensors {
      let room = max(0, fileSize - start)
      guard let offset = Int(exactly: tensor.offset), offset <= room, tensor.size <= room - offset else {
        throw failure(
          tensor.name, "\(tensor.size) bytes within the \(room) bytes of data", "offset \(tensor.offset)")
      }
      guard offset.isMultiple(of: alignment) else {
        throw failure(tensor.name, "an offset that is a multiple of \(alignment)", "\(offset)")
      }
      let entry = Entry(
        name: tensor.name, shape: tensor.shape, layout: tensor.layout,
        range: start + offset..<start + offset + tensor.size)
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw failure(tensor.name, "each name once", "the name twice")
      }
    }
    var end = 0
    for entry in entries.values.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard entry.range.lowerBound >= end else {
        throw failure(entry.name, "bytes of its own", "an overlap with another tensor")
      }
      end = entry.range.upperBound
    }
    return entries
  }

  /// The first 80 characters of a name, which may be megabytes long.
  private static func excerpt(_ text: String) -> String { text.count > 80 ? text.prefix(80) + "…" : text }
}

extension ElementLayout {
  /// The tensor types of GGUF by number: name, elements and bytes of a block.
  static let gguf: [UInt32: ElementLayout] = {
    let types: [(number: UInt32, name: String, elements: Int, bytes: Int)] = [
      (0, "F32", 1, 4), (1, "F16", 1, 2), (2, "Q4_0", 32, 18), (3, "Q4_1", 32, 20), (6, "Q5_0", 32, 22),
      (7, "Q5_1", 32, 24), (8, "Q8_0", 32, 34), (9, "Q8_1", 32, 40), (10, "Q2_K", 256, 84), (11, "Q3_K", 256, 110),
      (12, "Q4_K", 256, 144), (13, "Q5_K", 256, 176), (14, "Q6_K", 256, 210), (15, "Q8_K", 256, 292),
      (16, "IQ2_XXS", 256, 66), (17, "IQ2_XS", 256, 74), (18, "IQ3_XXS", 256, 98), (19, "IQ1_S", 256, 50),
      (20, "IQ4_NL", 32, 18), (21, "IQ3_S", 256, 110), (22, "IQ2_S", 256, 82), (23, "IQ4_XS", 256, 136),
      (24, "I8", 1, 1), (25, "I16", 1, 2), (26, "I32", 1, 4), (27, "I64", 1, 8), (28, "F64", 1, 8),
      (29, "IQ1_M", 256, 56), (30, "BF16", 1, 2), (34, "TQ1_0", 256, 54), (35, "TQ2_0", 256, 66),
      (39, "MXFP4", 32, 17), (40, "NVFP4", 64, 36), (41, "Q1_0", 128, 18),
    ]
    return Dictionary(
      uniqueKeysWithValues: types.map {
        ($0.number, ElementLayout(name: $0.name, elements: $0.elements, bytes: $0.bytes))
      })
  }()

  /// Numbers of removed types: Q4_2, Q4_3, and weights arranged for certain processors.
  static let droppedFromGGUF: Set<UInt32> = [4, 5, 31, 32, 33, 36, 37, 38]
}
