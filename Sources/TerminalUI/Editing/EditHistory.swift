/// Decides which changes form one step of undoing: consecutive typing, and deletions at the same position.
struct EditJoiner: Hashable, Sendable {
  /// The kind of a change. Changes of one kind join if the cursor has not moved between them.
  enum Kind: Hashable, Sendable { case typing, deletingBackward, deletingForward, other }

  private var last: TextEdit?
  private var openKind: Kind?
  /// Whether the next typing belongs to the same burst as the last.
  private var isBurst = false

  /// Prevents the next change from joining the last one.
  mutating func close() { (openKind, last) = (nil, nil) }

  /// The next typed text arrived together with the last. It joins that change, even if it begins a new word.
  mutating func continueBurst() { isBurst = openKind == .typing }

  /// Adds a change, joined with the last one if both form one step.
  mutating func take(_ edit: TextEdit, _ kind: Kind) -> TextChange {
    defer { isBurst = false }
    let both = openKind == kind ? last.flatMap { joined($0, edit, kind) } : nil
    openKind = kind == .other ? nil : kind
    last = openKind == nil ? nil : both ?? edit
    return TextChange(edit: both ?? edit, includesLast: both != nil)
  }

  /// Combines two changes, or returns nil. Typing joins until a new word starts after a space, and across words where
  /// it comes in one burst; deletions join at the same position.
  private func joined(_ last: TextEdit, _ next: TextEdit, _ kind: Kind) -> TextEdit? {
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

/// The undo history of a field that keeps its own. Prompts report their changes instead; see
/// `TextEditor.takeChanges()`.
struct EditHistory: Hashable, Sendable {
  /// The most changes kept, and the most bytes in them; older changes are dropped.
  static let limit = 2_000
  static let byteLimit = 64 << 20

  private var done: [TextEdit] = []
  private var undone: [TextEdit] = []
  private var byteCount = 0

  /// Records a change and clears the redo list.
  mutating func record(_ change: TextChange) {
    byteCount -= undone.reduce(0) { $0 + $1.byteCount }
    undone.removeAll()
    if change.includesLast, let last = done.popLast() { byteCount -= last.byteCount }
    byteCount += change.edit.byteCount
    done.append(change.edit)
    while done.count > EditHistory.limit || (byteCount > EditHistory.byteLimit && done.count > 1) {
      byteCount -= done.removeFirst().byteCount
    }
  }

  /// The change to undo.
  mutating func undo() -> TextEdit? {
    guard let edit = done.popLast() else { return nil }
    undone.append(edit)
    return edit
  }

  /// The change to redo.
  mutating func redo() -> TextEdit? {
    guard let edit = undone.popLast() else { return nil }
    done.append(edit)
    return edit
  }
}
