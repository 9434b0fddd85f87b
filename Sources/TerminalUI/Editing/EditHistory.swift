/// The changes of a text, to take back and to make again. Typing in one go is one change.
struct EditHistory: Hashable, Sendable {
  /// What kind of change the last one was: only changes of one kind without a movement between them become one.
  enum Kind: Hashable, Sendable { case typing, deletingBackward, deletingForward, other }

  /// The most changes kept, and the most bytes in them; older ones are forgotten.
  static let limit = 2_000
  static let byteLimit = 64 << 20

  private var done: [TextEdit] = []
  private var undone: [TextEdit] = []
  private var openKind: Kind?
  private var byteCount = 0

  var canUndo: Bool { !done.isEmpty }
  var canRedo: Bool { !undone.isEmpty }

  /// The next change stands alone.
  mutating func close() { openKind = nil }

  /// Remembers a change.
  mutating func record(_ edit: TextEdit, _ kind: Kind) {
    byteCount -= undone.reduce(0) { $0 + $1.byteCount }
    undone.removeAll()
    byteCount += edit.byteCount
    if let last = done.last, openKind == kind, let joined = EditHistory.joined(last, edit, kind) {
      done[done.count - 1] = joined
    } else {
      done.append(edit)
      while done.count > EditHistory.limit || (byteCount > EditHistory.byteLimit && done.count > 1) {
        byteCount -= done.removeFirst().byteCount
      }
    }
    openKind = kind == .other ? nil : kind
  }

  /// The change to take back now.
  mutating func undo() -> TextEdit? {
    openKind = nil
    guard let edit = done.popLast() else { return nil }
    undone.append(edit)
    return edit
  }

  /// The change to make again now.
  mutating func redo() -> TextEdit? {
    openKind = nil
    guard let edit = undone.popLast() else { return nil }
    done.append(edit)
    return edit
  }

  /// Two changes as one: typing goes on until a word begins after a space, deleting goes on at the same place.
  private static func joined(_ last: TextEdit, _ next: TextEdit, _ kind: Kind) -> TextEdit? {
    var both = last
    both.cursorAfter = next.cursorAfter
    switch kind {
    case .typing:
      guard next.removed.isEmpty, next.offset == last.offset + last.inserted.utf8.count else { return nil }
      let beginsWord = last.inserted.last?.isWhitespace == true && next.inserted.first?.isWhitespace == false
      guard !beginsWord, !next.inserted.contains("\n") else { return nil }
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

/// A change of text that can be taken back.
struct TextEdit: Hashable, Sendable {
  /// The byte where the change is.
  var offset: Int
  /// What stood there before.
  var removed: String
  /// What stands there after.
  var inserted: String
  /// The cursor before and after.
  var cursorBefore: Int
  var cursorAfter: Int

  /// The bytes that it holds on to.
  var byteCount: Int { removed.utf8.count + inserted.utf8.count }
}
