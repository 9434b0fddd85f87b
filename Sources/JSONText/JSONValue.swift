/// A JSON value. Objects keep the order of their members, and strings keep their exact bytes.
///
/// Strings are equal only if their bytes are: composed and decomposed `"é"` are different keys, as vocabularies
/// require. Integers that fit `Int` stay integers.
public enum JSONValue: Sendable, Equatable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int)
  /// Any other number. Non-finite numbers are written as `null`, because JSON cannot represent them.
  case double(Double)
  /// A string, as its exact bytes.
  case string(ByteString)
  /// An array.
  case array([JSONValue])
  /// An object, with its members in the order of the text.
  case object(JSONObject)
}

extension JSONValue {
  /// The member with this key; `nil` if there is none or this is not an object.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// The element at this index; `nil` if there is none or this is not an array.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The text of a string, with invalid UTF-8 replaced by U+FFFD; `nil` for other kinds.
  public var string: String? {
    guard case .string(let string) = self else { return nil }
    return string.description
  }

  /// The exact bytes of a string; `nil` for other kinds.
  public var bytes: [UInt8]? {
    guard case .string(let string) = self else { return nil }
    return string.bytes
  }

  /// An integer, written with or without a fraction (`3`, `3.0`, `3e0`); `nil` for anything else.
  public var int: Int? {
    switch self {
    case .integer(let number): number
    case .double(let number): Int(exactly: number)
    default: nil
    }
  }

  /// A number; `nil` for other kinds.
  public var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// `true` or `false`; `nil` for other kinds.
  public var bool: Bool? {
    guard case .bool(let bool) = self else { return nil }
    return bool
  }

  /// The elements of an array; `nil` for other kinds.
  public var array: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The object; `nil` for other kinds.
  public var object: JSONObject? {
    guard case .object(let object) = self else { return nil }
    return object
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The kind of value, as worded in error messages: `"a string"`, `"null"`.
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

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }

  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }

  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }

  /// A string.
  public init(stringLiteral value: String) { self = .string(ByteString(value)) }

  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// An object, with its members in the order of the literal.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.lazy.map { (key: ByteString($0.0), value: $0.1) }))
  }

  /// A string of the text's UTF-8.
  public init(_ text: String) { self = .string(ByteString(text)) }
}

/// A string as bytes, compared and hashed bytewise (Swift's `String` compares by canonical equivalence).
public struct ByteString: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The bytes: UTF-8, unless the parsed text was invalid.
  public var bytes: [UInt8]

  /// A string of these bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A string of the text's UTF-8.
  public init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// A string of the literal's UTF-8.
  public init(stringLiteral value: String) { bytes = Array(value.utf8) }

  /// The text, with invalid UTF-8 replaced by U+FFFD.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
