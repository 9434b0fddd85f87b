import EngineAPI
import TerminalUI

extension KeyContext {
  /// The text with the places where the sides part.
  static let parting = KeyContext("parting", [.pane])
  /// The candidates of all sides.
  static let joint = KeyContext("joint", [.pane, .rows])
  /// What a side writes.
  static let side = KeyContext("side", [.pane, .copied])
}

extension Focus {
  /// The text with the places where the sides part.
  static let parting = Focus(.parting)
  /// The candidates of all sides.
  static let joint = Focus(.joint)
  /// What a side writes, by its index from the left.
  static func side(_ index: Int) -> Focus { Focus(.side, index) }
}

extension Action {
  static let forkSides = Action("compare.fork")
  static let nextParting = Action("compare.next-parting")
  static let previousParting = Action("compare.previous-parting")
  static let widestGap = Action("compare.widest-gap")
  static let jointOrder = Action("compare.order")
  static let writeAgain = Action("compare.again")
  static let addSide = Action("compare.add-side")
  static let removeSide = Action("compare.remove-side")
  static let changeSide = Action("compare.change-side")
  static let promptSide = Action("compare.prompt-side")
}

extension CompareState {
  static let contexts = [KeyContext.parting, .joint, .side]

  private static let panes: Set<KeyContext> = [.parting, .joint, .side]

  static let keys: [KeyBinding] = [
    .own(id, .send, "enter", in: [.prompt], .prompt, "Every side goes on from the text", hint: "go on", order: 1),
    samplerKey,
    .own(
      id, .forkSides, "enter", in: [.parting, .joint], .streams,
      "Every side goes on from here; in the candidates, with the chosen token", hint: "fork here", order: 1,
      synonyms: ["compare", "continue", "lock step"]),
    .own(
      id, .nextParting, "n", in: panes, .moving, "To the next token where the first choices differ",
      hint: "next parting", order: 4, hintIn: [.parting, .joint], synonyms: ["difference", "divergence", "disagree"]),
    .own(
      id, .previousParting, "N", in: panes, .moving, "To the previous token where the first choices differ",
      synonyms: ["difference", "divergence"]),
    .own(
      id, .widestGap, "w", in: panes, .moving, "To the token with the widest gap between two sides", hint: "widest gap",
      order: 5, hintIn: [.parting, .joint], synonyms: ["largest divergence", "maximum"]),
    .own(
      id, .jointOrder, "o", in: [.parting, .joint], .candidates,
      "Sort the candidates by a side, by the difference, or by their share of KL", hint: "order", order: 6,
      synonyms: ["sort"]),
    .own(
      id, .writeAgain, "r", in: panes, .streams, "All sides again, with the next seed", hint: "again", order: 7,
      hintIn: [.side], synonyms: ["regenerate", "retry"]),
    .own(
      id, .addSide, "+", in: panes, .streams, "One more side (four at most)", hint: "side", order: 12,
      synonyms: ["add side", "another model"]),
    .own(
      id, .changeSide, "e", in: panes, .streams,
      "Change the leading side's model: switch a part off, scale it, patch, steer", hint: "change", order: 13,
      synonyms: ["ablate", "steer", "intervene", "patch"]),
    .own(
      id, .promptSide, "P", in: panes, .streams, "A prompt of its own for the leading side", hint: "own prompt",
      order: 14, synonyms: ["system prompt", "prefix", "context"]),
    .own(id, .removeSide, "-", in: panes, .streams, "Leave the leading side out", synonyms: ["remove side", "close"]),
  ]

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .send, .forkSides, .writeAgain:
      if comparesTranslations(shell) { return translate(&shell) }
      if action == .send { return write(wholeText: true, &shell) }
      if action == .forkSides { return fork(&shell) }
      seed &+= 1
      return write(wholeText: place == nil, &shell)
    case .nextParting, .previousParting: walkToParting(forward: action == .nextParting, &shell)
    case .widestGap: walkToWidestGap()
    case .jointOrder:
      order = order.next(sides.count)
      window.select(0)
    case .addSide: return addSide(&shell)
    case .removeSide: return removeSide(&shell)
    case .copy where focus.context == .side:
      let trace = sides[min(focus.index, sides.count - 1)].writing?.trace
      return copy(trace.map { $0.text(endOfText: shell.endOfText($0)) } ?? "", &shell)
    default: return nil
    }
    return []
  }

  /// Every side goes on from the cursor; from the candidates, with the chosen one.
  private mutating func fork(_ shell: inout Shell) -> [Effect] {
    let rows = candidates
    let chosen = focus == .joint && rows.indices.contains(window.selected) ? rows[window.selected].token : nil
    return write(wholeText: false, taking: chosen, &shell)
  }

  private mutating func addSide(_ shell: inout Shell) -> [Effect] {
    guard sides.count < Self.sideCounts.upperBound else {
      shell.notice = "four sides at most" + shell.keyHint(.removeSide, in: .parting, "leaves one out")
      return []
    }
    var side = ComparedModel(
      id: nextSide, model: sides[lead].model, prompt: sides[lead].prompt.map { EntryText($0.text) })
    (side.settings, side.settingsAreOwn) = (sides[lead].settings, sides[lead].settingsAreOwn)
    sides.append(side)
    nextSide += 1
    setFocus(.side(sides.count - 1))
    return forget()
  }

  private mutating func removeSide(_ shell: inout Shell) -> [Effect] {
    guard sides.count > Self.sideCounts.lowerBound else {
      shell.notice = "two sides at least"
      return []
    }
    let effects = abandon(side: lead, &shell)
    sides.remove(at: lead)
    lead = min(lead, sides.count - 1)
    if focus.context == .side { focus = .side(lead) }
    if case .side(let index) = order, index >= sides.count { order = .difference }
    return effects + forget()
  }

  mutating func move(_ action: Action, _ shell: inout Shell) {
    switch focus.context {
    case .parting: walk(action)
    case .joint where [.left, .right].contains(action): walk(action)
    case .joint: window.move(action)
    case .side: scroll(action, rows: max(1, shell.layout[focus].map { TokenText.room($0).height } ?? 1))
    default: break
    }
  }

  /// Moves the cursor by tokens.
  private mutating func walk(_ action: Action) {
    guard let cursor else { return }
    switch action {
    case .left, .up: walk(to: cursor - 1)
    case .right, .down: walk(to: cursor + 1)
    case .pageUp: walk(to: cursor - 20)
    case .pageDown: walk(to: cursor + 20)
    case .first: walk(to: 0)
    case .last: walk(to: reading.positions.count - 1)
    default: break
    }
  }

  /// Scrolls what a side has written.
  private mutating func scroll(_ action: Action, rows: Int) {
    let index = min(focus.index, sides.count - 1)
    guard let writing = sides[index].writing else { return }
    let end = max(0, writing.text.flow.lineCount - rows)
    let top = writing.scroll ?? end
    let target: Int? =
      switch action {
      case .up: top - 1
      case .down: top + 1
      case .pageUp: top - rows
      case .pageDown: top + rows
      case .first: 0
      case .last: end
      default: nil
      }
    if let target { sides[index].writing?.scroll = target >= end ? nil : max(0, target) }
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    switch pane.focus {
    case .prompt: clickInPane(pane, at: point, shell)
    case .joint:
      let row = point.y - pane.inside.y
      if window.visible.contains(window.top + row) { window.select(window.top + row) }
    case .parting:
      let view = PartingColumns(pane.inside, count: reading.positions.count, cursor: cursor ?? 0)
      if let index = view.index(at: point.x) { walk(to: index) }
    default: break
    }
  }
}
