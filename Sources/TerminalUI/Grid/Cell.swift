/// One cell of the screen.
public struct Cell: Hashable, Sendable {
  /// What stands in it: one grapheme, or a part of one that takes cells of its own; empty in the second cell of a wide
  /// character.
  public internal(set) var text: String
  /// Columns of `text`: 1 or 2, and 0 in the second cell of a wide character.
  public internal(set) var width: UInt8
  /// How it looks.
  public var style: Style

  init(text: String, width: UInt8, style: Style) {
    self.text = text
    self.width = width
    self.style = style
  }

  /// A space.
  public static let blank = Cell(text: " ", width: 1, style: .plain)

  /// Whether this is the second cell of a wide character.
  public var isContinuation: Bool { width == 0 }
}
