import JSONText

extension JSONValue {
  /// A number, or `null` where there is none.
  static func number(_ value: Double?) -> JSONValue { value.map(JSONValue.double) ?? .null }

  /// A whole number, or `null` where there is none.
  static func whole(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

  /// A text, or `null` where there is none.
  static func text(_ value: String?) -> JSONValue { value.map { .string(ByteString($0)) } ?? .null }

  /// Whole numbers.
  static func wholes(_ values: some Sequence<Int>) -> JSONValue { .array(values.map(JSONValue.integer)) }

  /// Objects.
  static func objects(_ values: some Sequence<JSONObject>) -> JSONValue { .array(values.map(JSONValue.object)) }
}

extension JSONObject {
  /// This object with the members of another after its own.
  func followed(by other: JSONObject) -> JSONObject {
    var object = self
    for member in other.members { object.setValue(member.value, forKey: member.key) }
    return object
  }
}
