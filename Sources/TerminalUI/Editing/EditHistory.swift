/// The undo history of a text. Consecutive typing forms one change.
struct EditHistory: Hashable, Sendable {
  /// The kind of a change. Changes of one kind coalesce if the cursor has not moved between them.
  enum Kind: Hashable, Sendable { case typing, deletingBackward, deletingForward, other }

  /// The maximum number of changes kept, and of bytes in them; the oldest changes are dropped first.
  static let limit = 2_000
  static let byteLimit = 64 << 20

  private var done: [TextEdit] = []
  private var undone: [TextEdit] = []
  private var openKind: Kind?
  private var byteCount = 0
  /// Whether the next typing belongs to the same burst as the last.
  private var isBurst = false

  /// Prevents the next change from coalescing with the last one.
  mutating func close() { openKind = nil }

  /// The next typed text arrived together with the last. It joins that change, even if it begins a new word.
  mutating func continueBurst() { isBurst = openKind == .typing }

  /// Records a change and clears the redo list.
  mutating func record(_ edit: TextEdit, _ kind: Kind) {
    byteCount -= undone.reduce(0) { $0 + $1.byteCount }
    undone.removeAll()
    byteCount += edit.byteCount
    defer { isBurst = false }
    if let last = done.last, openKind == kind, let joined = EditHistory.joined(last, edit, kind, isBurst: isBurst) {
      done[done.count - 1] = joined
    } else {
      done.append(edit)
      while done.count > EditHistory.limit || (byteCount > EditHistory.byteLimit && done.count > 1) {
        byteCount -= done.removeFirst().byteCount
      }
    }
    openKind = kind == .other ? nil : kind
  }

  /// The change to undo.
  mutating func undo() -> TextEdit? {
    openKind = nil
    guard let edit = done.popLast() else { return nil }
    undone.append(edit)
    return edit
  }

  /// The change to redo.
  mutating func redo() -> TextEdit? {
    openKind = nil
    guard let edit = undone.popLast() else { return nil }
    done.append(edit)
    return edit
  }

  /// Combines two changes, or returns nil. Typing coalesces until a new word starts after a space; text that arrives in
  /// one burst coalesces across words. Deletions coalesce at the same position.
  private static func joined(_ last: TextEdit, _ next: TextEdit, _ kind: Kind, isBurst: Bool) -> TextEdit? {
    var both = last
    both.cursorAfter = next.cursorAfter
    switch kind {
    case .typing:
      guard next.removed.isEmpty, next.offset == last.offset + last.inserted.utf8.count else { return nil }
      let beginsWord = last.inserted.last?.isWhitespace == true && next.inserted.first?.isWhitespace == false
      guard isBurst || !beginsWord && !next.inserted.contains("\n") else { return nil }
      both.inserted += next.inserted
    case .deletingBackward:
      guard next.inserted.isEmpty, last.inserted.isEmpty, next.offset + next.removed.utf8.count == last.offset else {
        return nil
      }
      both.offset = next.offset
      both.removed = next.removed + last.removed
    case .deletingForward:
      guard next.inserted.isEmpty, last.inserted.isEmpty, next.offset == last.offset else { return nil }
      both.removed += next.removed
    case .other: return nil
    }
    return both
  }
}

/// A change that can be undone.
struct TextEdit: Hashable, Sendable {
  /// The byte offset of the change.
  var offset: Int
  /// The replaced text.
  var removed: String
  /// The text that replaces it.
  var inserted: String
  /// The cursor before and after the change.
  var cursorBefore: Int
  var cursorAfter: Int

  /// The total bytes of both texts.
  var byteCount: Int { removed.utf8.count + inserted.utf8.count }
}
