import EngineAPI
import TerminalUI

/// Prompts while they are written. Each version of a text is a node without tokens: a root has the text at the start,
/// every other node the edit that leads from its parent's version to its own. So a version costs the bytes that it
/// changes, and a version that was left after an undo stays in the tree.
extension SessionTree {
  /// Adds the first version of a prompt, before any edit, and a cursor on it.
  ///
  /// - Parameter model: the model that the prompt is written for.
  public mutating func beginDraft(_ text: String, model: ModelReference) -> CursorID {
    let place = begin(by: add(.draft(text: text, model: model)))
    note(edits: 1, bytes: text.utf8.count)
    return addCursor(at: [place])
  }

  /// Records a change of a prompt and moves the cursor to the new version.
  ///
  /// - Parameter change: the change since the version at the cursor, or one that replaces the last edit and includes
  ///   it.
  public mutating func record(_ change: TextChange, at id: CursorID, model: ModelReference) {
    guard let place = cursors[id]?.place, let node = self[place.node], isDraft(place.node) else { return }
    // Only a version that nothing else refers to can change.
    if change.includesLast, node.children.isEmpty, node.labels.isEmpty, node.marks.isEmpty,
      case .edited(let last, _) = origin(of: node.id)
    {
      setOrigin(.edited(change.edit, model: model), of: node.id)
      note(edits: 0, bytes: change.edit.byteCount - last.byteCount)
    } else {
      let next = branch(at: Place(node.id, 0), by: add(.edited(change.edit, model: model)))
      note(edits: 1, bytes: change.edit.byteCount)
      visit(next.node)
      follow(id, to: [next])
    }
    pruneEdits()
  }

  /// Moves a cursor to the version before the last edit. Returns the change that undoes the edit, `nil` at the first
  /// version.
  public mutating func undoEdit(_ id: CursorID) -> TextEdit? {
    guard let place = cursors[id]?.place, case .edited(let edit, _) = origin(of: place.node),
      let parent = self[place.node]?.parent
    else { return nil }
    visit(place.node)
    follow(id, to: [Place(parent.node, 0)])
    return edit.inverse
  }

  /// Moves a cursor to the version that was undone last. Returns the change, `nil` if there is no later version.
  public mutating func redoEdit(_ id: CursorID) -> TextEdit? {
    guard let place = cursors[id]?.place, let next = latestVersion(after: place.node),
      case .edited(let edit, _) = origin(of: next)
    else { return nil }
    follow(id, to: [Place(next, 0)])
    return edit
  }

  /// The text of a version; `nil` if the place is not one, or if an edit of a damaged file does not fit.
  public func draft(at place: Place) -> String? {
    var edits: [TextEdit] = []
    var next: NodeID? = place.node
    while let here = next {
      switch origin(of: here) {
      case .edited(let edit, _):
        edits.append(edit)
        next = self[here]?.parent?.node
      case .draft(let text, _):
        var text = text
        for edit in edits.reversed() {
          guard let changed = edit.applied(to: text) else { return nil }
          text = changed
        }
        return text
      default: return nil
      }
    }
    return nil
  }

  /// Whether a node is a version of a prompt.
  func isDraft(_ node: NodeID) -> Bool {
    switch origin(of: node) {
    case .draft, .edited: true
    default: false
    }
  }

  /// Whether a cursor is on a version of a prompt.
  func isWriting(_ cursor: SessionCursor) -> Bool { cursor.place.map { isDraft($0.node) } ?? false }

  /// Of the versions made from a version, the one that a cursor was on most recently.
  private func latestVersion(after node: NodeID) -> NodeID? {
    (self[node]?.children ?? []).max { (self[$0]?.lastLeft ?? 0, $0) < (self[$1]?.lastLeft ?? 0, $1) }
  }

  /// Records that a cursor is on a version now, or leaves it.
  private mutating func visit(_ node: NodeID) {
    clock += 1
    nodes[node.number]?.lastLeft = clock
  }

  // MARK: Pruning

  /// Counts versions and their bytes.
  mutating func note(edits: Int, bytes: Int) {
    editCount += edits
    editBytes += bytes
  }

  /// Removes versions of prompts beyond the bounds. First go versions that neither undo nor redo can reach, the least
  /// recently used first; then the oldest ones that undo can reach. Removes an eighth more than necessary, so that the
  /// next keys need no pruning.
  mutating func pruneEdits() {
    let drafts = max(1, cursors.values.count(where: isWriting))
    guard editCount > bounds.edits * drafts || editBytes > bounds.editBytes * drafts else { return }
    let (most, mostBytes) = (bounds.edits * drafts * 7 / 8, bounds.editBytes * drafts / 8 * 7)
    let isOver = { (tree: SessionTree) in tree.editCount > most || tree.editBytes > mostBytes }
    for node in abandonedVersions() {
      guard isOver(self) else { return }
      remove(node)
    }
    for id in cursors.keys.sorted(by: { $0.number < $1.number }) {
      guard isOver(self), let place = cursors[id]?.place, isDraft(place.node) else { continue }
      var path: [NodeID] = [place.node]
      while let parent = self[path[path.count - 1]]?.parent { path.append(parent.node) }
      // The current version keeps its edit, so that the last change can always be undone.
      for (root, next) in zip(path.reversed(), path.reversed().dropFirst()) where next != place.node {
        guard isOver(self), self[root]?.children == [next], self[root].map(hasNoNames) == true else { break }
        mergeFirstEdit(root, next)
      }
    }
  }

  /// The versions that no cursor can reach by undo or redo and that have no label, least recently left first, each
  /// before its parent.
  private func abandonedVersions() -> [NodeID] {
    var needed: Set<NodeID> = []
    func need(_ node: NodeID) {
      var next: NodeID? = node
      while let here = next, needed.insert(here).inserted { next = self[here]?.parent?.node }
    }
    for cursor in cursors.values {
      guard let place = cursor.place, isDraft(place.node) else { continue }
      var last = place.node
      while let next = latestVersion(after: last) { last = next }
      need(last)
    }
    let drafts = allNodes.filter { isDraft($0.id) }
    for node in drafts where !hasNoNames(node) { need(node.id) }
    // A version is as recent as the most recent one after it.
    var times: [NodeID: Int] = [:]
    for node in drafts.reversed() {
      times[node.id] = max(node.lastLeft, node.children.compactMap { times[$0] }.max() ?? 0)
    }
    return drafts.map(\.id).filter { !needed.contains($0) }
      .sorted { (times[$0] ?? 0, $1.number) < (times[$1] ?? 0, $0.number) }
  }

  /// Removes the first version of a prompt and makes the next one the first.
  private mutating func mergeFirstEdit(_ root: NodeID, _ next: NodeID) {
    guard case .draft(let text, let model) = origin(of: root), case .edited(let edit, _) = origin(of: next) else {
      return
    }
    let changed = edit.applied(to: text) ?? text
    makeRoot(next)
    remove(root)
    setOrigin(.draft(text: changed, model: model), of: next)
    note(edits: 0, bytes: changed.utf8.count - edit.byteCount)
  }

  /// Makes a version the first one of its prompt.
  mutating func makeRoot(_ node: NodeID) {
    guard let parent = self[node]?.parent else { return }
    nodes[parent.node.number]?.children.removeAll { $0 == node }
    nodes[node.number]?.parent = nil
    nodes[node.number]?.jump = nil
    roots.append(node)
    shape.value += 1
    note(.root(node))
  }

  private func hasNoNames(_ node: Node) -> Bool { node.labels.isEmpty && node.marks.isEmpty }

  /// The bytes that a version keeps.
  func editBytes(of node: NodeID) -> Int { origin(of: node)?.draftBytes ?? 0 }
}
