extension JSONValue {
  /// Parses JSON text in time linear in its size.
  ///
  /// Accepts what Python's `json` accepts: RFC 8259 plus `NaN`, `Infinity` and `-Infinity`. A leading byte order mark
  /// is skipped. Strings are not checked to be UTF-8. A lone surrogate (`\ud800`) becomes its three bytes in
  /// generalized UTF-8, so that different strings stay different.
  /// - Parameter path: the file that the bytes came from, named in errors.
  /// - Throws: ``JSONError`` with the position of the first error.
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits(), path: String? = nil) throws(JSONError) {
    self = try Self.parse(bytes, path: path, limits: limits)
  }

  /// Reads and parses a file.
  /// - Throws: ``JSONError``, also if the file cannot be read or is not a regular file.
  public init(contentsOfFile path: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    self = try Self.parse(try FileBytes.read(path, limit: limits.bytes), path: path, limits: limits)
  }

  private static func parse(_ bytes: [UInt8], path: String?, limits: JSONLimits) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.bytes else {
      throw .tooLarge(path: path, bytes: bytes.count, limit: limits.bytes)
    }
    return try bytes.withUnsafeBufferPointer { (text) throws(JSONError) -> JSONValue in
      var reader = JSONReader(text, depth: limits.depth)
      do throws(JSONReader.Failure) {
        return try reader.readDocument()
      } catch {
        let position = JSONPosition(path: path, offset: error.offset, in: text)
        guard let expected = error.expected else { throw .tooDeep(position, limit: limits.depth) }
        throw .malformed(position, expected: expected, found: reader.found(at: error.offset))
      }
    }
  }
}

/// A recursive-descent parser of JSON text.
struct JSONReader {
  /// The offset at which parsing stopped and what was expected there; `expected` is `nil` if the nesting is too deep.
  struct Failure: Error {
    var offset: Int
    var expected: String?
  }

  let text: UnsafeBufferPointer<UInt8>
  var index = 0
  private var levelsLeft: Int

  init(_ text: UnsafeBufferPointer<UInt8>, depth: Int) {
    self.text = text
    levelsLeft = depth
  }

  /// The byte at the index; 0 at the end of the text, which no rule of the grammar accepts.
  @inline(__always) var byte: UInt8 { index < text.count ? text[index] : 0 }

  func failure(_ expected: String) -> Failure { Failure(offset: index, expected: expected) }

  mutating func readDocument() throws(Failure) -> JSONValue {
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    skipSpace()
    let value = try readValue()
    skipSpace()
    guard index == text.count else { throw failure("the end of the text") }
    return value
  }

  private mutating func readValue() throws(Failure) -> JSONValue {
    switch byte {
    case UInt8(ascii: "\""): return .string(ByteString(try readString()))
    case UInt8(ascii: "{"): return try readObject()
    case UInt8(ascii: "["): return try readArray()
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    case UInt8(ascii: "N"): return try readWord("NaN", .double(.nan))
    case UInt8(ascii: "I"): return try readWord("Infinity", .double(.infinity))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    default: throw failure("a value")
    }
  }

  private mutating func readObject() throws(Failure) -> JSONValue {
    try enterLevel()
    var object = JSONObject()
    skipSpace()
    if !accept("}") {
      while true {
        guard byte == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
        let key = ByteString(try readString())
        skipSpace()
        guard accept(":") else { throw failure("':'") }
        skipSpace()
        object.setValue(try readValue(), forKey: key)
        skipSpace()
        if accept("}") { break }
        guard accept(",") else { throw failure("',' or '}'") }
        skipSpace()
      }
    }
    levelsLeft += 1
    return .object(object)
  }

  private mutating func readArray() throws(Failure) -> JSONValue {
    try enterLevel()
    var elements: [JSONValue] = []
    skipSpace()
    if !accept("]") {
      while true {
        elements.append(try readValue())
        skipSpace()
        if accept("]") { break }
        guard accept(",") else { throw failure("',' or ']'") }
        skipSpace()
      }
    }
    levelsLeft += 1
    return .array(elements)
  }

  private mutating func enterLevel() throws(Failure) {
    guard levelsLeft > 0 else { throw Failure(offset: index, expected: nil) }
    levelsLeft -= 1
    index += 1
  }

  mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
    let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard text[index...].starts(with: letters) else { throw failure("a value") }
    index += letters.count
    return value
  }

  @inline(__always) mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  @inline(__always) private mutating func skipSpace() {
    while index < text.count {
      switch text[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  /// A description of the byte at an offset, for error messages.
  func found(at offset: Int) -> String {
    guard offset < text.count else { return "the end of the text" }
    let byte = text[offset]
    return (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte 0x" + String(byte, radix: 16)
  }
}
