/// The bytes of a string, for the time of a call: valid UTF-8, as a string's bytes always are.
///
/// The functions that walk text check neither its bytes nor its end. Other modules hand them text in this form only.
public struct ValidText {
  /// The bytes.
  public let bytes: UnsafeBufferPointer<UInt8>

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Calls `body` with the bytes of a string; they are gone when it returns.
  public static func with<R>(_ text: String, _ body: (ValidText) throws -> R) rethrows -> R {
    var text = text
    return try text.withUTF8 { try body(ValidText($0)) }
  }
}
