/// What a key does in a text field; the raw values are names for configuration files.
public enum EditorCommand: String, Hashable, Sendable, CaseIterable {
  /// One grapheme to the left or right.
  case moveLeft = "move-left"
  case moveRight = "move-right"
  /// To the beginning of this or the last word, behind the end of this or the next.
  case wordLeft = "word-left"
  case wordRight = "word-right"
  /// One line up or down, as the lines are seen; the column is kept.
  case lineUp = "line-up"
  case lineDown = "line-down"
  /// To the beginning or end of the line that is seen.
  case lineStart = "line-start"
  case lineEnd = "line-end"
  /// To the beginning or end of the text.
  case textStart = "text-start"
  case textEnd = "text-end"
  /// Removes a grapheme before or after the cursor.
  case deleteBackward = "delete-backward"
  case deleteForward = "delete-forward"
  /// Removes up to the beginning of the word, or its end; what goes can be yanked.
  case killWordBackward = "kill-word-backward"
  case killWordForward = "kill-word-forward"
  /// Removes up to the newline before or after; at it, the newline.
  case killToLineStart = "kill-to-line-start"
  case killToLineEnd = "kill-to-line-end"
  /// Inserts what the last kills removed.
  case yank
  /// Takes the last change back, or makes it again.
  case undo
  case redo
  /// Begins a new line.
  case newline

  /// The command that a key has in most programs; nil for other keys.
  public init?(standard stroke: KeyStroke) {
    guard let command = EditorCommand.standard[stroke] else { return nil }
    self = command
  }

  private static let standard: [KeyStroke: EditorCommand] = [
    KeyStroke(.left): .moveLeft, KeyStroke(.right): .moveRight, KeyStroke(.up): .lineUp, KeyStroke(.down): .lineDown,
    KeyStroke(.home): .lineStart, KeyStroke(.end): .lineEnd, KeyStroke(.backspace): .deleteBackward,
    KeyStroke(.delete): .deleteForward, KeyStroke(.left, .control): .wordLeft, KeyStroke(.right, .control): .wordRight,
    KeyStroke(.left, .alt): .wordLeft, KeyStroke(.right, .alt): .wordRight, KeyStroke("b", .alt): .wordLeft,
    KeyStroke("f", .alt): .wordRight, KeyStroke("a", .control): .lineStart, KeyStroke("e", .control): .lineEnd,
    KeyStroke("b", .control): .moveLeft, KeyStroke("f", .control): .moveRight, KeyStroke(.home, .control): .textStart,
    KeyStroke(.end, .control): .textEnd, KeyStroke("w", .control): .killWordBackward,
    KeyStroke(.backspace, .alt): .killWordBackward, KeyStroke(.backspace, .control): .killWordBackward,
    KeyStroke("d", .alt): .killWordForward, KeyStroke(.delete, .control): .killWordForward,
    KeyStroke("u", .control): .killToLineStart, KeyStroke("k", .control): .killToLineEnd,
    KeyStroke("y", .control): .yank, KeyStroke("z", .control): .undo, KeyStroke("_", .control): .undo,
    KeyStroke("r", .control): .redo, KeyStroke(.enter, .alt): .newline, KeyStroke("j", .control): .newline,
  ]
}
