/// A text with a cursor: what a multi-line text field holds.
///
/// The cursor is an offset in UTF-8 bytes and always stands between two graphemes. Lines as they are seen depend on a
/// width, which the moves that need it are given.
public struct TextEditor: Hashable, Sendable {
  /// The text.
  public private(set) var text: String
  /// Where the cursor stands, in UTF-8 bytes.
  public private(set) var cursor: Int
  /// The first visible line; see `keepCursorVisible(in:)`.
  public private(set) var top = 0
  var history = EditHistory()
  /// What the last kills removed.
  public internal(set) var killed = ""
  /// The column that moves up and down try to keep.
  var preferredColumn: Int?
  /// Whether the last command was a kill, so that the next one adds to it.
  var killContinues = false
  /// How often the text changed.
  public private(set) var changeCount = 0
  /// The lines for the width that the text was shown in last; they follow every edit.
  private var lines = Derived<EditorLines?>(nil)

  /// A text with the cursor at `cursor`, rounded to a grapheme; without it, at the end.
  public init(_ text: String = "", cursor: Int? = nil) {
    self.text = text
    self.cursor = text.utf8.count
    if let cursor { self.cursor = boundary(atOrBefore: cursor) }
  }

  /// Whether there is no text.
  public var isEmpty: Bool { text.isEmpty }
  /// Whether a change can be taken back.
  public var canUndo: Bool { history.canUndo }
  /// Whether a change can be made again.
  public var canRedo: Bool { history.canRedo }
  /// Where the cursor stands in the string.
  var cursorIndex: String.Index { index(cursor) }

  func index(_ offset: Int) -> String.Index {
    text.utf8.index(text.startIndex, offsetBy: min(max(offset, 0), text.utf8.count))
  }

  func offset(_ index: String.Index) -> Int { text.utf8.distance(from: text.startIndex, to: index) }

  /// The nearest place between graphemes at or before a byte offset.
  public func boundary(atOrBefore offset: Int) -> Int {
    if offset >= text.utf8.count { return text.utf8.count }
    if offset <= 0 { return 0 }
    // `rangeOfComposedCharacterSequence` without Foundation: the grapheme that holds the byte.
    var low = index(offset)
    while low.samePosition(in: text.unicodeScalars) == nil { low = text.utf8.index(before: low) }
    if low == text.startIndex { return 0 }
    let before = text.index(before: text.index(after: low))
    return self.offset(min(before, low))
  }

  /// Moves the cursor to a byte offset, rounded down to a grapheme.
  public mutating func moveCursor(to offset: Int) {
    settle(at: boundary(atOrBefore: offset))
  }

  /// The cursor goes to a place between graphemes; whatever coalesces ends here.
  mutating func settle(at offset: Int, keepingColumn column: Int? = nil) {
    cursor = offset
    preferredColumn = column
    killContinues = false
    history.close()
  }

  /// Inserts text at the cursor as one change. `\r\n` and `\r` become `\n`. A single grapheme counts as typed and joins
  /// with those typed before it.
  public mutating func insert(_ inserted: some StringProtocol) {
    let clean = TextEditor.normalized(inserted)
    guard !clean.isEmpty else { return }
    replace(
      cursor..<cursor, with: clean, kind: clean.index(after: clean.startIndex) == clean.endIndex ? .typing : .other)
  }

  /// Replaces the bytes of a range, rounded outwards to graphemes, as one change; the cursor goes behind the new text.
  public mutating func replace(_ range: Range<Int>, with inserted: some StringProtocol) {
    let lower = boundary(atOrBefore: range.lowerBound)
    var upper = boundary(atOrBefore: range.upperBound)
    if upper < min(range.upperBound, text.utf8.count) { upper = offset(text.index(after: index(upper))) }
    replace(lower..<max(lower, upper), with: TextEditor.normalized(inserted), kind: .other)
  }

  /// Replaces the whole text as one change that can be taken back.
  public mutating func setText(_ newText: String, cursor newCursor: Int? = nil) {
    replace(0..<text.utf8.count, with: newText, kind: .other)
    if let newCursor { moveCursor(to: newCursor) }
  }

  mutating func replace(_ range: Range<Int>, with inserted: String, kind: EditHistory.Kind) {
    let removed = String(text[index(range.lowerBound)..<index(range.upperBound)])
    guard removed != inserted || !removed.utf8.elementsEqual(inserted.utf8) else { return }
    let before = cursor
    splice(range, inserted)
    // The new text can join with what follows: then the cursor goes behind the joint grapheme.
    let end = range.lowerBound + inserted.utf8.count
    let floor = boundary(atOrBefore: end)
    cursor = floor < end ? offset(text.index(after: index(floor))) : end
    preferredColumn = nil
    killContinues = false
    history.record(
      TextEdit(
        offset: range.lowerBound, removed: removed, inserted: inserted, cursorBefore: before, cursorAfter: cursor),
      kind)
  }

  /// Takes the last change back; false when there is none.
  @discardableResult
  public mutating func undo() -> Bool {
    guard let edit = history.undo() else { return false }
    splice(edit.offset..<(edit.offset + edit.inserted.utf8.count), edit.removed)
    settle(at: edit.cursorBefore)
    return true
  }

  /// Makes the change again that was taken back last; false when there is none.
  @discardableResult
  public mutating func redo() -> Bool {
    guard let edit = history.redo() else { return false }
    splice(edit.offset..<(edit.offset + edit.removed.utf8.count), edit.inserted)
    settle(at: edit.cursorAfter)
    return true
  }

  /// Forgets all changes, so that nothing before this moment can be taken back.
  public mutating func forgetHistory() { history = EditHistory() }

  /// Scrolls as little as needed so that the cursor's line is visible in a field of this size.
  public mutating func keepCursorVisible(in size: Size) {
    let layout = layout(width: size.width)
    lines.value = layout
    top = visibleTop(in: size, layout: layout)
  }

  /// The first line to show in a field of this size so that the cursor is seen.
  func visibleTop(in size: Size, layout: EditorLines) -> Int {
    let line = layout.line(at: cursor)
    let height = max(1, size.height)
    let nearest = min(max(top, line - height + 1), line)
    return min(nearest, max(0, layout.count - height))
  }

  /// The bytes of the lines that a field of this size shows.
  public func visibleBytes(in size: Size) -> Range<Int> {
    let layout = layout(width: size.width)
    let top = visibleTop(in: size, layout: layout)
    let last = min(top + max(1, size.height), layout.count) - 1
    return layout[top].range.lowerBound..<layout[last].range.upperBound
  }

  /// The lines as they are seen in a field of `width` columns; the last column is the cursor's. For the width of the
  /// last `keepCursorVisible(in:)` they are there already.
  public func layout(width: Int) -> EditorLines {
    let columns = max(1, max(1, width) - 1)
    if let lines = lines.value, lines.width == columns { return lines }
    return EditorLines(text, width: columns)
  }

  private mutating func splice(_ range: Range<Int>, _ inserted: String) {
    text = Self.replacing(range, of: text, with: inserted)
    changeCount += 1
    guard var layout = lines.value else { return }
    lines.value = nil
    layout.replace(range, inserted: inserted.utf8.count, text: text)
    lines.value = layout
  }

  /// A text with a range of its bytes replaced, in storage of its own size.
  ///
  /// `String.replaceSubrange` asks for the old capacity whenever the storage is shared, and gets a little more: the
  /// capacity of a text that is edited, kept and edited again would grow with each edit.
  private static func replacing(_ range: Range<Int>, of text: String, with inserted: String) -> String {
    var (text, inserted) = (text, inserted)
    return text.withUTF8 { old in
      inserted.withUTF8 { new in
        let parts = [old[..<range.lowerBound], new[...], old[range.upperBound...]]
        return String(unsafeUninitializedCapacity: old.count - range.count + new.count) { buffer in
          parts.reduce(0) { buffer[$0...].update(fromContentsOf: $1) }
        }
      }
    }
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

/// A value that is computed from others beside it: where those are equal, it is.
struct Derived<Value: Sendable>: Hashable, Sendable {
  var value: Value

  init(_ value: Value) { self.value = value }

  static func == (_: Derived, _: Derived) -> Bool { true }

  func hash(into _: inout Hasher) {}
}
