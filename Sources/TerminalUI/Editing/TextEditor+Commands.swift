/// A command of a text field. Raw values are the names in configuration files.
public enum EditorCommand: String, Hashable, Sendable, CaseIterable {
  /// Moves one grapheme left or right.
  case moveLeft = "move-left"
  case moveRight = "move-right"
  /// Moves to the start of this or the previous word, or past the end of this or the next one.
  case wordLeft = "word-left"
  case wordRight = "word-right"
  /// Moves one visual line up or down and keeps the column.
  case lineUp = "line-up"
  case lineDown = "line-down"
  /// Moves to the start or end of the visual line.
  case lineStart = "line-start"
  case lineEnd = "line-end"
  /// Moves to the start or end of the text.
  case textStart = "text-start"
  case textEnd = "text-end"
  /// Deletes a grapheme before or after the cursor.
  case deleteBackward = "delete-backward"
  case deleteForward = "delete-forward"
  /// Deletes to the start or end of the word; `yank` inserts the deleted text.
  case killWordBackward = "kill-word-backward"
  case killWordForward = "kill-word-forward"
  /// Deletes to the previous or next newline; next to a newline, deletes the newline.
  case killToLineStart = "kill-to-line-start"
  case killToLineEnd = "kill-to-line-end"
  /// Inserts the text removed by the last kill commands.
  case yank
  /// Undoes the last change, or redoes it.
  case undo
  case redo
  /// Inserts a newline.
  case newline

  /// The command bound to a key in most programs; nil for other keys.
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
    KeyStroke("d", .control): .deleteForward, KeyStroke("d", .alt): .killWordForward,
    KeyStroke(.delete, .control): .killWordForward,
    KeyStroke("u", .control): .killToLineStart, KeyStroke("k", .control): .killToLineEnd,
    KeyStroke("y", .control): .yank, KeyStroke("z", .control): .undo, KeyStroke("_", .control): .undo,
    KeyStroke("r", .control): .redo, KeyStroke(.enter, .alt): .newline, KeyStroke("j", .control): .newline,
  ]
}

extension TextEditor {
  /// Performs a command. Vertical moves use the visual lines of a field of `width` columns.
  ///
  /// - Returns: Whether text or cursor changed. If not, the caller can give the key another meaning.
  @discardableResult
  public mutating func apply(_ command: EditorCommand, width: Int = .max) -> Bool {
    let before = (changeCount: changeCount, cursor: cursor)
    switch command {
    case .moveLeft: settle(at: graphemeBefore(cursor))
    case .moveRight: settle(at: graphemeAfter(cursor))
    case .wordLeft: settle(at: wordStart(before: cursor))
    case .wordRight: settle(at: wordEnd(after: cursor))
    case .lineUp: moveVertically(-1, width)
    case .lineDown: moveVertically(1, width)
    case .lineStart: moveInLine(column: 0, width)
    case .lineEnd: moveInLine(column: .max, width)
    case .textStart: settle(at: 0)
    case .textEnd: settle(at: text.utf8.count)
    case .deleteBackward: replace(graphemeBefore(cursor)..<cursor, with: "", kind: .deletingBackward)
    case .deleteForward: replace(cursor..<graphemeAfter(cursor), with: "", kind: .deletingForward)
    case .killWordBackward: kill(wordStart(before: cursor)..<cursor, backward: true)
    case .killWordForward: kill(cursor..<wordEnd(after: cursor), backward: false)
    case .killToLineStart: kill(killStart..<cursor, backward: true)
    case .killToLineEnd: kill(cursor..<killEnd, backward: false)
    case .yank: replace(cursor..<cursor, with: killed, kind: .other)
    case .undo: undo()
    case .redo: redo()
    case .newline: insert("\n")
    }
    return before.cursor != cursor || before.changeCount != changeCount
  }

  /// Handles a keystroke: performs its standard command or inserts its character.
  ///
  /// - Returns: Whether the keystroke was handled.
  @discardableResult
  public mutating func handle(_ stroke: KeyStroke, width: Int = .max) -> Bool {
    if let command = EditorCommand(standard: stroke) {
      apply(command, width: width)
      return true
    }
    guard let character = stroke.typedCharacter else { return false }
    insert(String(character))
    return true
  }

  func graphemeBefore(_ offset: Int) -> Int {
    offset > 0 ? self.offset(text.index(before: index(offset))) : 0
  }

  func graphemeAfter(_ offset: Int) -> Int {
    offset < text.utf8.count ? self.offset(text.index(after: index(offset))) : text.utf8.count
  }

  private mutating func moveVertically(_ step: Int, _ width: Int) {
    let layout = layout(width: width)
    let place = layout.place(of: cursor, in: text)
    let column = preferredColumn ?? place.x
    let line = place.y + step
    guard (0..<layout.count).contains(line) else { return }
    settle(at: layout.offset(line: line, column: column, in: text), keepingColumn: column)
  }

  private mutating func moveInLine(column: Int, _ width: Int) {
    let layout = layout(width: width)
    settle(at: layout.offset(line: layout.line(at: cursor), column: column, in: text))
  }

  /// Words are runs of letters, digits, `_` and `'`. Other characters form runs of their own.
  private enum Kind { case space, word, other }

  private func kind(_ character: Character) -> Kind {
    if character.isWhitespace { return .space }
    return character.isLetter || character.isNumber || character == "_" || character == "'" ? .word : .other
  }

  private func wordStart(before offset: Int) -> Int {
    var at = index(offset)
    while at > text.startIndex, kind(text[text.index(before: at)]) == .space { at = text.index(before: at) }
    guard at > text.startIndex else { return 0 }
    let kind = kind(text[text.index(before: at)])
    while at > text.startIndex, self.kind(text[text.index(before: at)]) == kind { at = text.index(before: at) }
    return self.offset(at)
  }

  private func wordEnd(after offset: Int) -> Int {
    var at = index(offset)
    while at < text.endIndex, kind(text[at]) == .space { at = text.index(after: at) }
    guard at < text.endIndex else { return text.utf8.count }
    let kind = kind(text[at])
    while at < text.endIndex, self.kind(text[at]) == kind { at = text.index(after: at) }
    return self.offset(at)
  }

  private var killStart: Int {
    var start = cursor
    text.withBytes { bytes in while start > 0, !bytes.isNewline(at: start - 1) { start -= 1 } }
    return start == cursor ? graphemeBefore(cursor) : start
  }

  private var killEnd: Int {
    var end = cursor
    text.withBytes { bytes in while end < bytes.count, !bytes.isNewline(at: end) { end += 1 } }
    return end == cursor ? graphemeAfter(cursor) : end
  }

  private mutating func kill(_ range: Range<Int>, backward: Bool) {
    guard !range.isEmpty else { return }
    let gone = String(text[index(range.lowerBound)..<index(range.upperBound)])
    if killContinues {
      killed = backward ? gone + killed : killed + gone
    } else {
      killed = gone
    }
    replace(range, with: "", kind: .other)
    killContinues = true
  }
}

extension String {
  /// Calls `body` with the text's UTF-8.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether there is a newline at `index` that is a grapheme of its own, not the second half of `\r\n`.
  fileprivate func isNewline(at index: Int) -> Bool {
    self[index] == 0x0A && (index == 0 || self[index - 1] != 0x0D)
  }
}
