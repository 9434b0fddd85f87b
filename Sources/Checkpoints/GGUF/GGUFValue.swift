import JSONText

/// A metadata value in the mapped GGUF file. It is converted only on access, so an unused vocabulary costs nothing.
public struct GGUFValue: Sendable {
  /// The type.
  public let type: GGUFType
  let bytes: StoredBytes
  /// The file's path and the value's key, for error messages.
  let path: String
  let key: String

  /// The maximum number of array elements to convert, nested arrays included; larger than any vocabulary.
  static let mostElements = 1 << 24

  /// The value as JSON. Strings keep their exact bytes; integers that do not fit `Int` become the nearest double.
  /// - Throws: ``CheckpointError/invalidGGUF(path:place:expected:found:hint:)`` if an array is too long.
  public func json() throws(CheckpointError) -> JSONValue {
    var reader = GGUFReader(bytes.bytes, path: path)
    reader.key = key
    var left = Self.mostElements
    return try reader.value(type, elementsLeft: &left)
  }
}

/// The types of metadata values. Raw values are the numbers in the file format.
public enum GGUFType: UInt32, Sendable {
  case uint8 = 0
  case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// Bytes of a value; `nil` for types of variable length.
  var byteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }

  /// The minimum size of a value in bytes.
  var leastBytes: Int { byteCount ?? (self == .string ? 8 : 12) }
}

/// Parses a GGUF file sequentially. Each length is checked against the remaining bytes before it is used.
struct GGUFReader {
  private let bytes: UnsafeRawBufferPointer
  let path: String
  /// The metadata key or tensor being parsed, for error messages.
  var key: String?
  /// The offset of the next byte to parse.
  private(set) var position = 0

  /// The maximum nesting of arrays. Existing files have no nested arrays; a malicious file may nest thousands.
  static let deepest = 8

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// The number of remaining bytes.
  var rest: Int { bytes.count - position }

  func failure(_ expected: String, _ found: String, hint: String? = nil) -> CheckpointError {
    .invalidGGUF(path: path, place: key, expected: expected, found: found, hint: hint)
  }

  /// Parses a little-endian integer or floating-point number.
  mutating func number<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(CheckpointError) -> T {
    T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
  }

  /// Takes the next `count` bytes.
  mutating func take(_ count: Int) throws(CheckpointError) -> UnsafeRawBufferPointer {
    guard count <= rest else { throw failure("\(count) more bytes at byte \(position)", "the end after \(rest)") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// Parses a count of items that have a minimum size in bytes each.
  mutating func count(_ what: String, leastBytes: Int) throws(CheckpointError) -> Int {
    let count = try number(UInt64.self)
    guard count <= UInt64(rest / leastBytes) else {
      throw failure("\(what) that fit the \(rest) bytes which follow", "\(count)")
    }
    return Int(count)
  }

  /// Parses a string.
  mutating func string() throws(CheckpointError) -> UnsafeRawBufferPointer {
    try take(try count("a string's bytes", leastBytes: 1))
  }

  /// Parses a name.
  mutating func name() throws(CheckpointError) -> String {
    guard let name = String(validating: try string(), as: UTF8.self) else {
      throw failure("a name in UTF-8", "other bytes")
    }
    return name
  }

  /// Parses the type of a value.
  mutating func type() throws(CheckpointError) -> GGUFType {
    let number = try number(UInt32.self)
    guard let type = GGUFType(rawValue: number) else { throw failure("a value type from 0 to 12", "\(number)") }
    return type
  }

  /// Skips a value and checks that it is complete.
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

  /// Parses a value and converts it to JSON.
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
