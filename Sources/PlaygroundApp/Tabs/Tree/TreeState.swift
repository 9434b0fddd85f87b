import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension TabID {
  /// The tab for all texts as one tree.
  public static let tree = TabID("tree")
}

/// The Tree tab: every text of the session as a path in one tree, walked by the arrow keys.
public struct TreeState: Sendable, Equatable {
  /// Not shown: a tree has no prompt of its own.
  public internal(set) var prompt: PromptState
  /// The rows of the tree.
  var outline = TreeOutline()
  /// The version of the tree's shape that the rows are of.
  private var outlinedShape: Int?
  /// The rows on the screen, and the one that is selected.
  var window = ListWindow()
  /// The pane with the focus.
  var focus = Focus.tree
  /// The text up to the end of the selected row.
  var trace: Trace?
  /// The same as wrapped text.
  var text = TokenText()
  /// The token of the text that the cursor is on; `nil` at its end.
  var cursor: Int?
  /// The first line of the text that is shown; `nil` follows the cursor or the end.
  var scroll: Int?
  /// The candidates at the cursor.
  var lists = [CandidateList()]
  /// The texts that grow, by the index of their slots.
  var growths: [Int: TreeGrowth] = [:]
  /// What can be undone and redone.
  var history = TreeHistory()
  /// The name that is being typed.
  var naming: LineInput?
  /// The end of the branch that others are compared with.
  var reference: Place?
  /// Two branches side by side.
  var comparison: TreeComparison?
  /// The place to select once the rows are known.
  private var arrival: Place?

  /// The selected row; `nil` in an empty tree.
  var selected: Int? { outline.rows.indices.contains(window.selected) ? window.selected : nil }
}

extension TreeState: Tab {
  static let id = TabID.tree
  static let title = "Tree"
  static let families = [ModelFamily.causal, .masked, .seq2seq]
  static let defaultModel = ModelReference.none
  static let hasLegend = true

  init(models: [ModelReference], settings: PlaygroundSettings) {
    prompt = PromptState(.tree, isContinued: true, settings: settings)
  }

  // MARK: Models

  var model: ModelReference { trace?.model ?? .none }
  var models: [ModelReference] { focus == .candidates || !growths.isEmpty ? [model].filter { $0 != .none } : [] }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    if self.model != .none { shell.notice = "a branch grows by the model that made it: \(self.model.shortName)" }
    return []
  }

  // MARK: Focus, texts

  var focusOrder: [Focus] {
    naming == nil ? [.tree] + (comparison == nil ? [.branch, .candidates] : []) : [.branchName]
  }

  mutating func setFocus(_ focus: Focus) { self.focus = focusOrder.contains(focus) ? focus : focusOrder[0] }

  var walkedText: WalkedText? {
    guard focus == .branch || focus == .candidates, comparison == nil, let trace else { return nil }
    return WalkedText(trace: trace, text: text, scroll: scroll)
  }

  var walkedCursor: Int? {
    get { cursor }
    set {
      cursor = newValue
      if newValue == nil { scroll = nil }
    }
  }

  var isBusy: Bool { !growths.isEmpty }
  var begun: [Int?] { growths.values.map(\.version).sorted() }
  var followsStream: Bool { !growths.isEmpty }

  // MARK: Messages

  mutating func arrive(from left: LeftTab, _ shell: inout Shell) {
    arrival = left.place
    outlinedShape = nil
  }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    if case .stream(let ticket, let event, _) = message { receive(event: event, ticket, &shell) }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] {
    if outlinedShape != shell.tree.shapeVersion { outlineAgain(shell.tree) }
    follow(shell.tree)
    return []
  }

  /// Makes the rows anew; the selection stays with its text.
  private mutating func outlineAgain(_ tree: SessionTree) {
    let old = selected.map { outline.rows[$0].start }
    let end = trace?.place
    outline = TreeOutline(tree)
    outlinedShape = tree.shapeVersion
    window.update(count: outline.rows.count)
    let wanted = arrival.flatMap { outline.row(of: $0, in: tree) }
    let same = old.flatMap { old in outline.rows.firstIndex { $0.start == old } }
    let near = [end, old].compactMap { $0.flatMap { outline.row(of: $0, in: tree) } }.first
    if let row = wanted ?? same ?? near { window.select(row) }
    arrival = nil
    if let first = reference, !tree.isValid(first) || tree.isPruned(first) { reference = nil }
    if let both = comparison, ![both.left.place, both.right.place].allSatisfy(tree.isValid) { comparison = nil }
  }

  /// Brings the text of the selected row in line with the tree.
  mutating func follow(_ tree: SessionTree) {
    guard let row = selected else {
      (trace, cursor, scroll) = (nil, nil, nil)
      return
    }
    let end = outline.end(of: row, in: tree)
    guard trace?.place != end else { return }
    let isSame = trace?.place.node == end.node && (trace?.place.count ?? 0) < end.count
    trace = tree.trace(to: end)
    guard !isSame else { return }
    (text, cursor, scroll) = (TokenText(), nil, nil)
  }

  mutating func ask(_ shell: inout Shell) -> [Effect] {
    guard let trace, comparison == nil, !isGrowing(trace.place.node), shell.information(trace.model) != nil,
      shell.tree[shell.tree.root(of: trace.place)]?.source == nil
    else {
      lists[0].clear()
      return []
    }
    let length = trace.tokens.count
    return ask(
      list: 0,
      DistributionRequest(
        context: shell.tree.context(of: trace), position: min(shownCursor ?? length, length),
        promptCount: promptCount(at: trace.place, shell.tree), settings: settings(at: trace.place, shell)), &shell)
  }

  mutating func askAgain() {
    askPanesAgain()
    growths = [:]
  }

  func departure(_ action: Action, _ shell: Shell) -> [Place]? {
    guard action == .takeBranch, let place = cursorPlace(shell.tree) else { return nil }
    return [place]
  }

  /// The cursor in the text; `nil` while the rows have the focus, because then the end of the selected row is
  /// used.
  var shownCursor: Int? { focus == .branch || focus == .candidates ? cursor : nil }

  /// The place of the cursor: in the text, before the token that it is on; otherwise the end of the selected row.
  func cursorPlace(_ tree: SessionTree) -> Place? {
    guard let trace else { return nil }
    guard let cursor = shownCursor else { return trace.place }
    return tree.place(min(cursor, trace.tokens.count), on: trace.place)
  }
}
