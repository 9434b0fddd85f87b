import JSONText

/// Reads tokenizer files.
enum TokenizerFiles {
  /// The JSON value in a file; `nil` if the file does not exist.
  static func json(_ path: String) throws(TokenizerError) -> JSONValue? {
    guard let bytes = try self.bytes(path) else { return nil }
    do throws(JSONError) {
      return try JSONValue(parsing: bytes, path: path)
    } catch {
      throw .file(error)
    }
  }

  /// The bytes of a file; `nil` if the file does not exist.
  static func bytes(_ path: String) throws(TokenizerError) -> [UInt8]? {
    guard FileBytes.exists(path) else { return nil }
    do throws(JSONError) {
      return try FileBytes.read(path)
    } catch {
      throw .file(error)
    }
  }

  /// The lines of a text file, without line endings.
  static func lines(_ bytes: [UInt8], path: String) throws(TokenizerError) -> [ArraySlice<UInt8>] {
    guard isValidUTF8(bytes) else { throw .invalid(path: path, expected: "UTF-8", found: "other bytes") }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { $0.last == 0x0D ? $0.dropLast() : $0 }
  }

  /// Reads vocab.txt: one piece per line, in the order of the ids. Trailing white space is removed.
  static func vocabularyLines(_ bytes: [UInt8], path: String) throws(TokenizerError) -> Vocabulary {
    let lines = try self.lines(bytes, path: path)
    guard !lines.isEmpty, lines.count <= Vocabulary.largestID else {
      throw .invalid(path: path, expected: "1 to \(Vocabulary.largestID) lines", found: "\(lines.count)")
    }
    var vocabulary = Vocabulary(minimumCapacity: lines.count)
    for (id, line) in lines.enumerated() {
      let trimmed = line.withUnsafeBufferPointer { text in
        var end = text.count
        while end > 0, ScalarClass.isWhitespace(text.scalar(before: end).code) {
          end -= text.scalar(before: end).length
        }
        return Array(text[..<end])
      }
      vocabulary.set(trimmed, id: id)
    }
    return vocabulary
  }

  /// Reads merges.txt: two tokens per line, in the order of their ranks. A first line with the version is skipped.
  static func mergeLines(_ bytes: [UInt8], path: String) throws(TokenizerError) -> JSONValue {
    let version = Array("#version".utf8)
    let rules = try lines(bytes, path: path).filter { !$0.isEmpty && !$0.starts(with: version) }
    return .array(rules.map { .string(ByteString(Array($0))) })
  }
}

/// A JSON value and its path in the file, so that every error can name the place.
struct Field {
  var value: JSONValue?
  var path: String

  init(_ value: JSONValue?, _ path: String) {
    self.value = value
    self.path = path
  }

  /// The member of an object; a field without a value if there is no such member.
  subscript(key: String) -> Field { Field(value?[key], path + "." + key) }

  /// Whether there is a value other than `null`.
  var exists: Bool { !(value ?? .null).isNull }

  func invalid(_ expected: String) -> TokenizerError {
    .invalid(path: path, expected: expected, found: value?.kind ?? "nothing")
  }

  func bytes() throws(TokenizerError) -> [UInt8] {
    guard let bytes = value?.bytes else { throw invalid("a string") }
    guard isValidUTF8(bytes) else { throw .invalid(path: path, expected: "Unicode text", found: "a lone surrogate") }
    return bytes
  }

  func string() throws(TokenizerError) -> String { String(decoding: try bytes(), as: UTF8.self) }

  func bool() throws(TokenizerError) -> Bool {
    guard let bool = value?.bool else { throw invalid("true or false") }
    return bool
  }

  func bool(default standard: Bool) throws(TokenizerError) -> Bool { exists ? try bool() : standard }

  /// An integer in the range.
  func int(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
    guard let int = value?.int else { throw invalid("a whole number") }
    guard range.contains(int) else {
      throw .invalid(path: path, expected: "\(range.lowerBound) to \(range.upperBound)", found: "\(int)")
    }
    return int
  }

  func int(in range: ClosedRange<Int>, default standard: Int) throws(TokenizerError) -> Int {
    exists ? try int(in: range) : standard
  }

  func array() throws(TokenizerError) -> [Field] {
    guard let elements = value?.array else { throw invalid("an array") }
    return elements.enumerated().map { Field($1, "\(path)[\($0)]") }
  }

  func object() throws(TokenizerError) -> JSONObject {
    guard let object = value?.object else { throw invalid("an object") }
    return object
  }

  /// The character of a string that consists of exactly one.
  func scalar() throws(TokenizerError) -> Unicode.Scalar {
    let scalars = Array(try string().unicodeScalars)
    guard scalars.count == 1, let scalar = scalars.first else { throw invalid("one character") }
    return scalar
  }
}
