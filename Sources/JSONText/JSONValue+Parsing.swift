extension JSONValue {
  /// Reads one JSON text.
  ///
  /// Takes what Python's `json` takes: RFC 8259 and the words `NaN`, `Infinity` and `-Infinity`. A byte order mark at
  /// the start is skipped. Strings are not checked to be UTF-8; a lone surrogate (`\ud800`) becomes its three bytes in
  /// generalised UTF-8, so that different strings stay different. Linear in the size of the text.
  /// - Parameter path: the file that the bytes came from, named in errors.
  /// - Throws: ``JSONError`` with the place of the first mistake.
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits(), path: String? = nil) throws(JSONError) {
    self = try Self.parse(bytes, path: path, limits: limits)
  }

  /// Reads the JSON text in a file.
  /// - Throws: ``JSONError``, also when the file cannot be read or is not a regular file.
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
