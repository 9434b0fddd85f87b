/// A JSON document as a value: objects keep the order of their members and strings keep their exact bytes.
///
/// Two strings are equal only when their bytes are: `"é"` composed and decomposed are different keys, as vocabularies
/// need. Integers that fit stay integers.
public enum JSONValue: Sendable, Equatable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int)
  /// Any other number. Written as `null` when it is not finite, for JSON has no such number.
  case double(Double)
  /// A string, as its exact bytes.
  case string(ByteString)
  /// An array.
  case array([JSONValue])
  /// An object, members in the order of the text.
  case object(JSONObject)
}
