/// The bytes of a string, compared and hashed as bytes (Swift's `String` compares by canonical equivalence).
public struct ByteString: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The bytes, UTF-8 except where the text that was read was not.
  public var bytes: [UInt8]

  /// A string of these bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A string of the text's UTF-8.
  public init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// A string of the literal's UTF-8.
  public init(stringLiteral value: String) { bytes = Array(value.utf8) }

  /// The text, invalid UTF-8 replaced by U+FFFD.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
