/// A field of one line: for searches and numbers. Newlines in what is inserted become spaces.
public struct LineInput: Hashable, Sendable {
  /// The text and its cursor.
  public private(set) var editor: TextEditor

  /// A field with a text.
  public init(_ text: String = "") { editor = TextEditor(LineInput.oneLine(text)) }

  /// The text.
  public var text: String { editor.text }

  /// Inserts text at the cursor.
  public mutating func insert(_ text: String) { editor.insert(LineInput.oneLine(text)) }

  /// Carries out a command; those that need more than one line do nothing. Tells whether something changed.
  @discardableResult
  public mutating func apply(_ command: EditorCommand) -> Bool {
    switch command {
    case .newline, .lineUp, .lineDown: false
    default: editor.apply(command)
    }
  }

  /// Does what a stroke does in most programs; false where it means nothing in a field of one line (Enter, arrows up
  /// and down and everything unknown).
  @discardableResult
  public mutating func handle(_ stroke: KeyStroke) -> Bool {
    if let command = EditorCommand(standard: stroke) {
      switch command {
      case .newline, .lineUp, .lineDown: return false
      default: apply(command)
      }
      return true
    }
    return stroke.typedCharacter != nil && editor.handle(stroke)
  }

  private static func oneLine(_ text: String) -> String {
    String(text.map { RunningForm.isNewline($0) || $0 == "\r" ? " " : $0 })
  }
}
