extension JSONValue {
  /// The member with this key; `nil` when there is none or this is not an object.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// The element at this index; `nil` when there is none or this is not an array.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The text of a string, invalid UTF-8 replaced by U+FFFD; `nil` for any other kind.
  public var string: String? {
    guard case .string(let string) = self else { return nil }
    return string.description
  }

  /// The exact bytes of a string; `nil` for any other kind.
  public var bytes: [UInt8]? {
    guard case .string(let string) = self else { return nil }
    return string.bytes
  }

  /// A whole number, written with or without fraction (`3`, `3.0`, `3e0`); `nil` for anything else.
  public var int: Int? {
    switch self {
    case .integer(let number): number
    case .double(let number): Int(exactly: number)
    default: nil
    }
  }

  /// A number; `nil` for any other kind.
  public var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// `true` or `false`; `nil` for any other kind.
  public var bool: Bool? {
    guard case .bool(let bool) = self else { return nil }
    return bool
  }

  /// The elements of an array; `nil` for any other kind.
  public var array: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The object; `nil` for any other kind.
  public var object: JSONObject? {
    guard case .object(let object) = self else { return nil }
    return object
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// What kind of value this is, in words for error messages: `"a string"`, `"null"`.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
