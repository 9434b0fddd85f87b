import JSONText

/// Reads and checks one tensor's entry of a safetensors header.
struct TensorEntryReader {
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
    let type = try type(value["dtype"])
    let shape = try shape(value["shape"])
    let offsets = try offsets(value["data_offsets"], available: fileSize - dataStart)
    let size = try size(shape, type)
    guard offsets.count == size else {
      throw failure("\(size) bytes for \(type.rawValue) \(shape)", "data_offsets of \(offsets.count) bytes")
    }
    let range = offsets.lowerBound + dataStart..<offsets.upperBound + dataStart
    return SafetensorsHeader.Entry(name: name, type: type, shape: shape, range: range)
  }

  private func type(_ value: JSONValue?) throws(CheckpointError) -> StoredType {
    guard let word = value?.string else { throw failure("a string as dtype", value?.kind ?? "none") }
    guard let type = StoredType(rawValue: word) else { throw failure("a known dtype", excerpt(word)) }
    return type
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

  /// Bytes of a tensor; the product of a hostile shape may not fit an integer.
  private func size(_ shape: [Int], _ type: StoredType) throws(CheckpointError) -> Int {
    var bits = type.bits
    for size in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: size)
      guard !overflow else { throw failure("a shape whose size can be counted", excerpt("\(shape)")) }
      bits = product
    }
    guard bits.isMultiple(of: 8) else { throw failure("whole bytes", "\(bits) bits") }
    return bits / 8
  }

  private func failure(_ expected: String, _ found: String) -> CheckpointError {
    .invalidHeader(path: path, tensor: excerpt(key.description), expected: expected, found: found)
  }

  /// What was found may be megabytes long; a message shows its beginning.
  private func excerpt(_ text: String) -> String { text.count > 80 ? text.prefix(80) + "…" : text }
}
