import EngineAPI
import Sessions
import TerminalUI

/// A change of the tree that can be undone.
enum TreeChange: Sendable, Equatable {
  /// A place was marked, or its mark taken away.
  case mark(Place, Bool)
  /// A place got another name.
  case name(Place, from: String?, to: String?)
  /// The tokens of a node after the first ones were pruned. `before`: what was pruned of it.
  case prune(NodeID, from: Int, before: Int?)
  /// Nodes were added.
  case grow([NodeID])
}

/// The changes made in the Tree tab, to be undone and redone.
struct TreeHistory: Sendable, Equatable {
  /// The most changes that can be undone.
  static let most = 1_000

  private(set) var past: [TreeChange] = []
  private(set) var undone: [TreeChange] = []

  /// Adds a change that was made.
  mutating func add(_ change: TreeChange) {
    past.append(change)
    undone = []
    if past.count > TreeHistory.most { past.removeFirst(past.count - TreeHistory.most) }
  }

  /// The change to undo or to redo next, which then is to be redone or undone.
  mutating func step(back: Bool) -> TreeChange? {
    if back {
      guard let last = past.popLast() else { return nil }
      undone.append(last)
      return last
    }
    guard let next = undone.popLast() else { return nil }
    past.append(next)
    return next
  }
}

/// Marks, names and pruning.
extension TreeState {
  /// Marks the place of the cursor, or takes its mark away.
  mutating func toggleMark(_ shell: inout Shell) {
    guard let place = cursorPlace(shell.tree) else { return }
    let isMarked = shell.tree[place.node]?.marks.contains(place.count) ?? false
    shell.tree.mark(place, !isMarked)
    history.add(.mark(place, !isMarked))
  }

  /// Begins to type the name of the place of the cursor.
  mutating func beginNaming(_ tree: SessionTree) {
    guard let place = cursorPlace(tree) else { return }
    var field = LineInput()
    field.insert(tree[place.node]?.labels[place.count] ?? "")
    naming = field
    focus = .branchName
  }

  /// Gives the typed name to the place; an empty one takes its name away.
  mutating func endNaming(_ shell: inout Shell) {
    guard let typed = naming?.text else { return }
    leaveNaming()
    guard let place = cursorPlace(shell.tree) else { return }
    let old = shell.tree[place.node]?.labels[place.count]
    let new = typed.allSatisfy(\.isWhitespace) ? nil : typed
    guard new != old else { return }
    shell.tree.label(place, new)
    history.add(.name(place, from: old, to: new))
  }

  /// Leaves the field of the name as it was.
  mutating func leaveNaming() {
    naming = nil
    focus = .tree
  }

  /// Prunes the selected row and its continuations. Refused while a tab shows a text of the branch.
  mutating func prune(_ shell: inout Shell) {
    guard let row = selected else { return }
    let start = outline.rows[row].start
    let isShown = shell.tree.cursors.values.contains { cursor in
      cursor.places.contains { passes(start, on: $0, shell.tree) }
    }
    guard !isShown else {
      shell.notice = "a tab shows a text of this branch: take another text there first"
      return
    }
    guard !growths.values.contains(where: { passes(start, on: Place($0.node, 0), shell.tree) }) else {
      shell.notice = "this branch is growing" + shell.keyHint(.stop, in: .prompt, "stops it")
      return
    }
    let before = shell.tree[start.node]?.prunedFrom
    let count = shell.tree.tokenCount(from: start)
    shell.tree.prune(start.node, from: start.count)
    history.add(.prune(start.node, from: start.count, before: before))
    let key = shell.keys.key(for: .undo, in: .tree, tab: Self.id)?.label()
    shell.notice =
      (count == 1 ? "a token is pruned" : "\(NumberText.grouped(count)) tokens are pruned")
      + (key.map { ": \($0) brings \(count == 1 ? "it" : "them") back" } ?? "")
  }

  /// Whether the text that ends at a place goes through the token at another one, or begins there.
  private func passes(_ start: Place, on place: Place, _ tree: SessionTree) -> Bool {
    var next: Place? = place
    while let here = next {
      if here.node == start.node { return here.count > start.count || start.count == 0 }
      next = tree[here.node]?.parent
    }
    return false
  }

  /// Undoes or redoes the last change made here.
  mutating func walkHistory(back: Bool, _ shell: inout Shell) -> [Effect] {
    guard let change = history.step(back: back) else {
      shell.notice = "nothing to \(back ? "undo" : "redo") in the tree"
      return []
    }
    switch change {
    case .mark(let place, let isMarked): shell.tree.mark(place, isMarked != back)
    case .name(let place, let old, let new): shell.tree.label(place, back ? old : new)
    case .prune(let node, let count, let before): shell.tree.prune(node, from: back ? before : count)
    case .grow(let nodes):
      var effects: [Effect] = []
      for node in nodes {
        if back { effects += stop(node, &shell) }
        shell.tree.prune(node, from: back ? 0 : nil)
      }
      return effects
    }
    return []
  }
}

extension SessionTree {
  /// The number of tokens from a place on, with those of everything that continues it.
  func tokenCount(from start: Place) -> Int {
    var count = (self[start.node]?.tokens.count ?? 0) - start.count
    var open = (self[start.node]?.children ?? []).filter { self[$0]?.parent.map { $0.count > start.count } ?? false }
    while let next = open.popLast(), let node = self[next] {
      count += node.tokens.count
      open += node.children
    }
    return count
  }
}
