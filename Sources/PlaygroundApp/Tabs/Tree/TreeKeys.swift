import EngineAPI
import Sessions
import TerminalUI

extension KeyContext {
  /// The rows of the tree.
  static let tree = KeyContext("tree", [.pane, .rows])
  /// The text of the selected branch.
  static let branch = KeyContext("branch", [.pane, .text, .heat, .copied])
  /// The name of a branch, while it is typed.
  static let branchName = KeyContext("branchName", .textEntry)
}

extension Focus {
  /// The rows of the tree.
  static let tree = Focus(.tree)
  /// The text of the selected branch.
  static let branch = Focus(.branch)
  /// The name of a branch, while it is typed.
  static let branchName = Focus(.branchName)
  /// One of two branches that are compared.
  static func compared(_ index: Int) -> Focus { Focus(.branch, index + 1) }
}

extension Action {
  static let takeBranch = Action("tree.take")
  static let markBranch = Action("tree.mark")
  static let nameBranch = Action("tree.name")
  static let endName = Action("tree.name-end")
  static let pruneBranch = Action("tree.prune")
  static let compareBranches = Action("tree.compare")

  /// Grows a number of texts.
  static func grow(_ count: Int) -> Action { Action("tree.grow-\(count)") }
}

extension TreeState {
  static let contexts = [KeyContext.tree, .branch, .branchName]

  static let keys: [KeyBinding] =
    waterfallKeys(in: [.branch, .candidates]) + [
      .own(
        id, .takeBranch, "enter", in: [.tree, .branch], .streams, "Go to the text in its own tab", hint: "take",
        order: 1,
        synonyms: ["go on", "open the branch", "continue"]),
      walkingKey, chainKey(in: [.branch, .candidates]),
      .own(
        id, .markBranch, "*", in: [.tree, .branch], .streams, "Mark the place, or take the mark away", hint: "mark",
        order: 6, synonyms: ["star", "favorite", "keep"]),
      .own(
        id, .nameBranch, "e", in: [.tree, .branch], .streams, "Name the place", hint: "name", order: 7,
        synonyms: ["label", "rename", "title"]),
      .own(id, .endName, "enter", in: [.branchName], .streams, "Take the name", hint: "take the name", order: 1),
      .own(
        id, .pruneBranch, "p delete", in: [.tree], .streams, "Prune the branch (undo brings it back)", hint: "prune",
        order: 8, synonyms: ["remove branch", "delete branch", "hide"]),
      .own(
        id, .compareBranches, "=", in: [.tree, .branch], .streams,
        "Two branches side by side: = on one, then on the other",
        hint: "compare", order: 9, synonyms: ["difference", "diff", "side by side"]),
    ]
    + (1...TreeGrowth.most).map { count in
      var line = KeyBinding.own(
        id, .grow(count), "\(count)", in: [.tree, .branch], .streams,
        "Grow one to nine texts from here, by the next seeds", hint: count == 3 ? "grow three" : "", order: 4,
        synonyms: ["sample", "generate", "siblings", "branches"])
      line.entry = "Grow \(NumberText.words(count)) \(count == 1 ? "text" : "texts") from here"
      return line
    }

  /// The arrow keys of the rows, for their hint.
  private static let walkingKey: KeyBinding = {
    var line = KeyBinding.own(
      id, .left, "left h", in: [.tree], .moving, "To the parent; to the first child", hint: "parent, child", order: 2)
    line.hintPartner = .right
    return line
  }()

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    if naming != nil {
      switch action {
      case .endName: endNaming(&shell)
      case .stop: leaveNaming()
      default: return nil
      }
      return []
    }
    switch action {
    case .take: return growChosen(&shell)
    case .markBranch: toggleMark(&shell)
    case .nameBranch: beginNaming(shell.tree)
    case .pruneBranch: prune(&shell)
    case .compareBranches: compare(&shell)
    case .undo, .redo: return walkHistory(back: action == .undo, &shell)
    case .stop where comparison != nil && growths.isEmpty: comparison = nil
    default:
      guard let count = (1...TreeGrowth.most).first(where: { .grow($0) == action }) else { return nil }
      return grow(count, &shell)
    }
    return []
  }

  mutating func move(_ action: Action, _ shell: inout Shell) {
    guard focus == .tree else { return moveInPane(action, &shell) }
    guard let row = selected else { return }
    let siblings = outline.siblings(of: row)
    let index = outline.rows[row].index
    switch action {
    case .left: if let parent = outline.rows[row].parent { window.select(parent) }
    case .right: if let child = outline.rows[row].children.first { window.select(child) }
    case .up where index > 0: window.select(siblings[index - 1])
    case .down where index + 1 < siblings.count: window.select(siblings[index + 1])
    // Without a further sibling, the row beside it.
    default: window.move(action)
    }
    follow(shell.tree)
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    guard pane.focus == .tree else { return clickInPane(pane, at: point, shell) }
    let row = window.top + point.y - pane.inside.y
    if window.visible.contains(row) { window.select(row) }
    follow(shell.tree)
  }

  mutating func typed(_ stroke: KeyStroke, _ shell: inout Shell) { naming?.handle(stroke) }
}
