import JSONText

/// A value in a JSON file together with the way to it, so that every complaint names its place.
struct Field {
  var value: JSONValue?
  var path: String

  init(_ value: JSONValue?, _ path: String) {
    self.value = value
    self.path = path
  }

  /// The member of an object; a field without value when there is none.
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

  func optionalString() throws(TokenizerError) -> String? { exists ? try string() : nil }

  func bool() throws(TokenizerError) -> Bool {
    guard let bool = value?.bool else { throw invalid("true or false") }
    return bool
  }

  func bool(default standard: Bool) throws(TokenizerError) -> Bool { exists ? try bool() : standard }

  /// A whole number in the range.
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

  /// The one character of a string.
  func scalar() throws(TokenizerError) -> Unicode.Scalar {
    let scalars = Array(try string().unicodeScalars)
    guard scalars.count == 1, let scalar = scalars.first else { throw invalid("one character") }
    return scalar
  }
}
