import JSONText

/// A value of a GGUF file's metadata, in the mapped file. It is converted when it is read, so an unused vocabulary
/// costs nothing.
public struct GGUFValue: Sendable {
  /// The type.
  public let type: GGUFType
  let bytes: StoredBytes
  /// The file and the key, for messages.
  let path: String
  let key: String

  /// The most elements of an array that is converted, those of inner arrays included: more than any vocabulary has
  /// entries.
  static let mostElements = 1 << 24

  /// The value as JSON: strings with their exact bytes, integers beyond `Int` as the nearest double.
  /// - Throws: ``CheckpointError/invalidGGUF(path:place:expected:found:hint:)`` where an array is too long.
  public func json() throws(CheckpointError) -> JSONValue {
    var reader = GGUFReader(bytes.bytes, path: path)
    reader.key = key
    var left = Self.mostElements
    return try reader.value(type, elementsLeft: &left)
  }
}

/// The types of metadata, by the numbers of the format.
public enum GGUFType: UInt32, Sendable {
  case uint8 = 0
  case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// Bytes of a value; `nil` for those of different lengths.
  var byteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }

  /// The fewest bytes that a value takes.
  var leastBytes: Int { byteCount ?? (self == .string ? 8 : 12) }
}

/// Reads the parts of a GGUF file in their order. Every length is held against the bytes that are left before it is
/// used.
struct GGUFReader {
  private let bytes: UnsafeRawBufferPointer
  let path: String
  /// The metadata key or the tensor that is being read, for messages.
  var key: String?
  /// Where the next part begins.
  private(set) var position = 0

  /// Arrays within arrays. Files of today have none; a hostile one nests thousands.
  static let deepest = 8

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// Bytes that follow.
  var rest: Int { bytes.count - position }

  func failure(_ expected: String, _ found: String, hint: String? = nil) -> CheckpointError {
    .invalidGGUF(path: path, place: key, expected: expected, found: found, hint: hint)
  }

  /// A number, least significant byte first.
  mutating func number<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(CheckpointError) -> T {
    T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
  }

  /// The next bytes.
  mutating func take(_ count: Int) throws(CheckpointError) -> UnsafeRawBufferPointer {
    guard count <= rest else { throw failure("\(count) more bytes at byte \(position)", "the end after \(rest)") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// A count of items with a minimum size in bytes.
  mutating func count(_ what: String, leastBytes: Int) throws(CheckpointError) -> Int {
    let count = try number(UInt64.self)
    guard count <= UInt64(rest / leastBytes) else {
      throw failure("\(what) that fit the \(rest) bytes which follow", "\(count)")
    }
    return Int(count)
  }

  /// The bytes of a string.
  mutating func string() throws(CheckpointError) -> UnsafeRawBufferPointer {
    try take(try count("a string's bytes", leastBytes: 1))
  }

  /// The text of a name.
  mutating func name() throws(CheckpointError) -> String {
    guard let name = String(validating: try string(), as: UTF8.self) else {
      throw failure("a name in UTF-8", "other bytes")
    }
    return name
  }

  /// A value's type.
  mutating func type() throws(CheckpointError) -> GGUFType {
    let number = try number(UInt32.self)
    guard let type = GGUFType(rawValue: number) else { throw failure("a value type from 0 to 12", "\(number)") }
    return type
  }

  /// Passes over a value and checks that it is whole.
  mutating func skip(_ type: GGUFType, depth: Int = 0) throws(CheckpointError) {
    switch type {
    case .string: _ = try string()
    case .bool: _ = try bool()
    case .array:
      let (element, count) = try arrayHead(depth)
      if let size = element.byteCount, element != .bool {
        _ = try take(count * size)
      } else {
        for _ in 0..<count { try skip(element, depth: depth + 1) }
      }
    default: _ = try take(type.leastBytes)
    }
  }

  /// A value as JSON.
  mutating func value(
    _ type: GGUFType, elementsLeft: inout Int, depth: Int = 0
  ) throws(CheckpointError) -> JSONValue {
    switch type {
    case .uint8: return .integer(Int(try number(UInt8.self)))
    case .int8: return .integer(Int(try number(Int8.self)))
    case .uint16: return .integer(Int(try number(UInt16.self)))
    case .int16: return .integer(Int(try number(Int16.self)))
    case .uint32: return .integer(Int(try number(UInt32.self)))
    case .int32: return .integer(Int(try number(Int32.self)))
    case .int64: return .integer(Int(try number(Int64.self)))
    case .uint64:
      let number = try number(UInt64.self)
      return Int(exactly: number).map(JSONValue.integer) ?? .double(Double(number))
    case .float32: return .double(Double(Float(bitPattern: try number(UInt32.self))))
    case .float64: return .double(Double(bitPattern: try number(UInt64.self)))
    case .bool: return .bool(try bool())
    case .string: return .string(ByteString(Array(try string())))
    case .array:
      let (element, count) = try arrayHead(depth)
      guard count <= elementsLeft else {
        throw failure("an array of at most \(GGUFValue.mostElements) elements", "more")
      }
      elementsLeft -= count
      var values: [JSONValue] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try value(element, elementsLeft: &elementsLeft, depth: depth + 1)) }
      return .array(values)
    }
  }

  private mutating func bool() throws(CheckpointError) -> Bool {
    let byte = try number(UInt8.self)
    guard byte <= 1 else { throw failure("a boolean of 0 or 1", "\(byte)") }
    return byte == 1
  }

  private mutating func arrayHead(_ depth: Int) throws(CheckpointError) -> (element: GGUFType, count: Int) {
    guard depth < Self.deepest else { throw failure("arrays at most \(Self.deepest) deep", "deeper ones") }
    let element = try type()
    return (element, try count("elements", leastBytes: element.leastBytes))
  }
}
