/// A text with a cursor: the model of a multi-line text field.
///
/// The cursor is an offset in UTF-8 bytes, always on a grapheme boundary. Visual lines depend on the width of the
/// field, which is a parameter where it matters.
public struct TextEditor: Hashable, Sendable {
  /// The text.
  public private(set) var text: String
  /// The cursor, in UTF-8 bytes.
  public private(set) var cursor: Int
  /// The first visible line; see `keepCursorVisible(in:)`.
  public private(set) var top = 0
  /// The undo history of an editor that keeps its own; `nil` if it reports its changes.
  private var history: EditHistory?
  /// The changes to report that were not taken yet.
  private var changes: [TextChange] = []
  private var joiner = EditJoiner()
  /// The text removed by the last kill commands.
  public internal(set) var killed = ""
  /// The column that vertical moves try to keep.
  var preferredColumn: Int?
  /// Whether the last command was a kill. If so, the next kill extends `killed`.
  var killContinues = false
  /// The number of changes to the text.
  public private(set) var changeCount = 0
  /// The lines for the width shown last, updated with every edit.
  private var lines = Derived<EditorLines?>(nil)

  /// Creates an editor with the cursor at `cursor`, rounded down to a grapheme boundary; by default at the end.
  ///
  /// - Parameter reportsChanges: whether the caller keeps the history of the text and takes its changes by
  ///   `takeChanges()`. Otherwise the editor keeps an undo history itself.
  public init(_ text: String = "", cursor: Int? = nil, reportsChanges: Bool = false) {
    self.text = text
    self.cursor = text.utf8.count
    history = reportsChanges ? nil : EditHistory()
    if let cursor { self.cursor = boundary(atOrBefore: cursor) }
  }

  /// Whether the text is empty.
  public var isEmpty: Bool { text.isEmpty }
  /// The cursor as a string index.
  var cursorIndex: String.Index { index(cursor) }

  func index(_ offset: Int) -> String.Index {
    text.utf8.index(text.startIndex, offsetBy: min(max(offset, 0), text.utf8.count))
  }

  func offset(_ index: String.Index) -> Int { text.utf8.distance(from: text.startIndex, to: index) }

  /// The nearest grapheme boundary at or before a byte offset.
  public func boundary(atOrBefore offset: Int) -> Int {
    if offset >= text.utf8.count { return text.utf8.count }
    if offset <= 0 { return 0 }
    // Find the start of the grapheme that holds the byte.
    var low = index(offset)
    while low.samePosition(in: text.unicodeScalars) == nil { low = text.utf8.index(before: low) }
    if low == text.startIndex { return 0 }
    let before = text.index(before: text.index(after: low))
    return self.offset(min(before, low))
  }

  /// Moves the cursor to a byte offset, rounded down to a grapheme boundary.
  public mutating func moveCursor(to offset: Int) {
    settle(at: boundary(atOrBefore: offset))
  }

  /// Moves the cursor to a grapheme boundary. Later edits do not coalesce with earlier ones.
  mutating func settle(at offset: Int, keepingColumn column: Int? = nil) {
    cursor = offset
    preferredColumn = column
    killContinues = false
    joiner.close()
  }

  /// Inserts text at the cursor as one change. `\r\n` and `\r` become `\n`. A single grapheme counts as typing and
  /// coalesces with the typing before it.
  public mutating func insert(_ inserted: some StringProtocol) {
    let clean = TextEditor.normalized(inserted)
    guard !clean.isEmpty else { return }
    replace(
      cursor..<cursor, with: clean, kind: clean.index(after: clean.startIndex) == clean.endIndex ? .typing : .other)
  }

  /// Replaces a byte range, rounded outward to grapheme boundaries, as one change. The cursor moves to the end of the
  /// new text.
  public mutating func replace(_ range: Range<Int>, with inserted: some StringProtocol) {
    let lower = boundary(atOrBefore: range.lowerBound)
    var upper = boundary(atOrBefore: range.upperBound)
    if upper < min(range.upperBound, text.utf8.count) { upper = offset(text.index(after: index(upper))) }
    replace(lower..<max(lower, upper), with: TextEditor.normalized(inserted), kind: .other)
  }

  /// Replaces the whole text as one change that can be undone.
  public mutating func setText(_ newText: String, cursor newCursor: Int? = nil) {
    replace(0..<text.utf8.count, with: newText, kind: .other)
    if let newCursor { moveCursor(to: newCursor) }
  }

  mutating func replace(_ range: Range<Int>, with inserted: String, kind: EditJoiner.Kind) {
    let removed = String(text[index(range.lowerBound)..<index(range.upperBound)])
    guard removed != inserted || !removed.utf8.elementsEqual(inserted.utf8) else { return }
    let before = cursor
    splice(range, inserted)
    // The end of the new text can combine with the next character. Then the cursor goes after the combined grapheme.
    let end = range.lowerBound + inserted.utf8.count
    let floor = boundary(atOrBefore: end)
    cursor = floor < end ? offset(text.index(after: index(floor))) : end
    preferredColumn = nil
    killContinues = false
    let edit = TextEdit(
      offset: range.lowerBound, removed: removed, inserted: inserted, cursorBefore: before, cursorAfter: cursor)
    let change = joiner.take(kind == .other ? edit.trimmed : edit, kind)
    guard history == nil else {
      history?.record(change)
      return
    }
    // A change that includes one that was not taken yet takes its place.
    let replaced = change.includesLast ? changes.popLast() : nil
    changes.append(TextChange(edit: change.edit, includesLast: replaced?.includesLast ?? change.includesLast))
  }

  /// The next character came together with the last, faster than keys are struck, as from a terminal that does not mark
  /// pasted text: one undo removes both.
  public mutating func continueBurst() { joiner.continueBurst() }

  /// Returns the changes since the last call, oldest first; empty if the editor keeps its own history.
  public mutating func takeChanges() -> [TextChange] {
    defer { changes = [] }
    return changes
  }

  /// Whether changes wait to be taken.
  public var hasChanges: Bool { !changes.isEmpty }

  /// Makes a change again, or undoes it if it is an inverse one. It is not reported. Returns false if the text does not
  /// have what the change replaces.
  @discardableResult
  public mutating func perform(_ edit: TextEdit) -> Bool {
    guard edit.applied(to: text) != nil else { return false }
    splice(edit.offset..<(edit.offset + edit.removed.utf8.count), edit.inserted)
    settle(at: boundary(atOrBefore: edit.cursorAfter))
    return true
  }

  /// Undoes the last change. Returns false if there is none, or if the editor keeps no history (`reportsChanges`).
  @discardableResult
  public mutating func undo() -> Bool {
    guard let edit = history?.undo() else { return false }
    return perform(edit.inverse)
  }

  /// Redoes the most recently undone change. Returns false if there is none, or if the editor keeps no history
  /// (`reportsChanges`).
  @discardableResult
  public mutating func redo() -> Bool {
    guard let edit = history?.redo() else { return false }
    return perform(edit)
  }

  /// Scrolls as little as needed to show the cursor's line in a field of this size.
  public mutating func keepCursorVisible(in size: Size) {
    let layout = layout(width: size.width)
    lines.value = layout
    top = visibleTop(in: size, layout: layout)
  }

  /// The first line to show so that the cursor is visible in a field of this size.
  func visibleTop(in size: Size, layout: EditorLines) -> Int {
    let line = layout.line(at: cursor)
    let height = max(1, size.height)
    let nearest = min(max(top, line - height + 1), line)
    return min(nearest, max(0, layout.count - height))
  }

  /// The byte range visible in a field of this size.
  public func visibleBytes(in size: Size) -> Range<Int> {
    let layout = layout(width: size.width)
    let top = visibleTop(in: size, layout: layout)
    let last = min(top + max(1, size.height), layout.count) - 1
    return layout[top].range.lowerBound..<layout[last].range.upperBound
  }

  /// The visual lines in a field of `width` columns. The last column stays free for the cursor. Cached for the width of
  /// the last `keepCursorVisible(in:)`.
  public func layout(width: Int) -> EditorLines {
    let columns = max(1, max(1, width) - 1)
    if let lines = lines.value, lines.width == columns { return lines }
    return EditorLines(text, width: columns)
  }

  private mutating func splice(_ range: Range<Int>, _ inserted: String) {
    text = text.replacing(bytes: range, with: inserted)
    changeCount += 1
    guard var layout = lines.value else { return }
    lines.value = nil
    layout.replace(range, inserted: inserted.utf8.count, text: text)
    lines.value = layout
  }

  private static func normalized(_ text: some StringProtocol) -> String {
    guard text.utf8.contains(0x0D) else { return String(text) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var afterReturn = false
    for byte in text.utf8 {
      if byte == 0x0D {
        bytes.append(0x0A)
      } else if byte != 0x0A || !afterReturn {
        bytes.append(byte)
      }
      afterReturn = byte == 0x0D
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A cached value computed from the other properties of a type. Comparing and hashing ignore it.
struct Derived<Value: Sendable>: Hashable, Sendable {
  var value: Value

  init(_ value: Value) { self.value = value }

  static func == (_: Derived, _: Derived) -> Bool { true }

  func hash(into _: inout Hasher) {}
}
