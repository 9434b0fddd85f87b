/// A place in a JSON text.
public struct JSONPosition: Sendable, Equatable, CustomStringConvertible {
  /// The file, when the text came from one.
  public var path: String?
  /// Bytes before the place.
  public var offset: Int
  /// The line, counted from 1.
  public var line: Int
  /// The column in bytes, counted from 1.
  public var column: Int

  /// The place `offset` bytes into the text.
  public init(path: String? = nil, offset: Int, in text: UnsafeBufferPointer<UInt8>) {
    self.path = path
    self.offset = offset
    let before = text[..<min(offset, text.count)]
    line = 1 + before.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
  }

  /// `config.json line 3 column 5 (byte 41)`.
  public var description: String { (path.map { $0 + " " } ?? "") + "line \(line) column \(column) (byte \(offset))" }
}
