/// Turns ids into text one by one. What it gives is final: whole characters, never half of one.
///
/// A value: a copy goes on independently.
public protocol TokenTextDecoder: Sendable {
  /// The text that became final with this id; may be empty.
  mutating func append(_ id: Int) -> String
  /// The text that was held back.
  mutating func finish() -> String
  /// The bytes of one id's piece by itself: a leading space is a space, a special token is its content.
  func piece(of id: Int) -> [UInt8]
}

extension TokenTextDecoder {
  /// No piece: only the text is searched for stop strings.
  public func piece(of id: Int) -> [UInt8] { [] }
}
