import EngineAPI
import TerminalUI

extension KeyContext {
  /// What the layers would predict.
  static let lens = KeyContext("lens", [.pane])
  /// The prediction of one layer at one token.
  static let cell = KeyContext("cell", [.pane, .rows])
  /// Where the heads look.
  static let heads = KeyContext("heads", [.pane, .rows])
  /// What the parts add to a difference of logits.
  static let sums = KeyContext("sums", [.pane])
  /// The prediction of the changed model.
  static let change = KeyContext("change", [.pane, .rows])
  /// The text that follows, without the changes and with them.
  static let following = KeyContext("following", [.pane, .copied])
  /// The layers in two number formats.
  static let formats = KeyContext("formats", [.pane])
}

extension Focus {
  /// What the layers would predict.
  static let lens = Focus(.lens)
  /// The prediction of one layer at one token.
  static let cell = Focus(.cell)
  /// Where the heads look.
  static let heads = Focus(.heads)
  /// What the parts add to a difference of logits.
  static let sums = Focus(.sums)
  /// The prediction of the changed model.
  static let change = Focus(.change)
  /// The text that follows, without the changes and with them.
  static let following = Focus(.following)
  /// The layers in two number formats.
  static let formats = Focus(.formats)
}

extension Action {
  static let takeText = Action("inside.take-text")
  static let nextLayer = Action("inside.next-layer")
  static let previousLayer = Action("inside.previous-layer")
  static let nextHead = Action("inside.next-head")
  static let previousHead = Action("inside.previous-head")
  static let switchHead = Action("inside.switch-head")
  static let switchFeedForward = Action("inside.switch-feed-forward")
  static let switchLayer = Action("inside.switch-layer")
  static let allOn = Action("inside.all-on")
  static let stronger = Action("inside.stronger")
  static let weaker = Action("inside.weaker")
  static let removeChange = Action("inside.remove-change")
  static let steer = Action("inside.steer")
  static let donorText = Action("inside.other-text")
  static let patchHere = Action("inside.patch")
  static let sweepTable = Action("inside.sweep")
  static let writeOn = Action("inside.write-on")
  static let watch = Action("inside.watch")
  static let otherFormat = Action("inside.other-format")
  static let lensCells = Action("inside.cells")
  static let lookBack = Action("inside.direction")
  static let attentionKind = Action("inside.attention")
  static let followToken = Action("inside.follow")
  static let againstToken = Action("inside.against")
}

extension InsideState {
  static let contexts = [KeyContext.lens, .cell, .heads, .sums, .change, .following, .formats]

  private static let panes: Set<KeyContext> = [.lens, .cell, .heads, .sums, .change, .following, .formats]

  static let keys: [KeyBinding] = [
    .own(id, .send, "enter", in: [.prompt], .prompt, "Go to the layers", hint: "layers", order: 1),
    .own(
      id, .takeText, "alt-t", in: [.prompt], .prompt, takeTextHelp, hint: "text of the tab before", order: 21,
      synonyms: takeTextWords),
    .own(id, .takeText, "T", in: panes, .prompt, takeTextHelp, synonyms: takeTextWords),
    .own(
      id, .followToken, "enter", in: [.cell], .candidates,
      "Follow this token through the layers; again for the most probable one", hint: "follow", order: 2,
      synonyms: ["watch", "rank by layer"]),
    .own(
      id, .againstToken, "v", in: [.cell], .candidates, "Compare the followed token with this one",
      hint: "against it", order: 3, synonyms: ["versus", "difference of logits", "attribution"]),
    pair(.previousHead, "<", "Previous head of the list", hint: "head", order: 3, with: .nextHead),
    .own(id, .nextHead, ">", in: panes, .moving, "Next head of the list"),
    pair(.previousLayer, "{", "A layer back", hint: "layer", order: 4, with: .nextLayer),
    .own(id, .nextLayer, "}", in: panes, .moving, "A layer on"),
    .own(
      id, .switchHead, "0", in: panes, .streams, "Switch the head off and on", hint: "head off", order: 5,
      synonyms: ["ablate", "knock out", "intervene"]),
    .own(
      id, .switchFeedForward, "f", in: panes, .streams, "Switch the feed-forward layer off and on",
      hint: "feed-forward off", order: 13, synonyms: ["ablate", "mlp", "ffn"]),
    .own(
      id, .switchLayer, "L", in: panes, .streams, "Switch the whole layer off and on", hint: "layer off", order: 14,
      synonyms: ["ablate", "skip"]),
    .own(
      id, .allOn, "backspace", in: panes, .streams, "Take all changes back", hint: "all back", order: 4,
      hintIn: [.change], synonyms: ["reset", "undo ablation", "switch on"]),
    .own(
      id, .removeChange, "delete", in: [.change], .streams, "Take the chosen change back", hint: "take back", order: 5),
    strength(.weaker, "-", "The change weaker; without one, the head", partner: .stronger),
    strength(.stronger, "+", "The change stronger; without one, the head"),
    .own(
      id, .steer, "s", in: panes, .streams, "Add a control vector of a file", hint: "steer", order: 16,
      synonyms: ["steering", "direction", "representation engineering"]),
    .own(
      id, .donorText, "P", in: panes, .streams, "Choose the text that activations are taken from", hint: "other text",
      order: 17, synonyms: ["patch", "clean prompt", "counterfactual"]),
    .own(
      id, .patchHere, "p", in: panes, .streams, "Put the other text's activation in at the cursor", hint: "patch",
      order: 18, synonyms: ["activation patching", "interchange", "causal tracing"]),
    .own(
      id, .sweepTable, "w", in: panes, .streams,
      "How much each activation of the other text restores, layers by positions", hint: "sweep", order: 19,
      synonyms: ["patching sweep", "causal tracing", "heat table"]),
    .own(
      id, .watch, "i", in: panes, .candidates, "Watch list: words or strings followed through text and layers",
      hint: "watch", order: 20, synonyms: ["follow a word", "track", "probability of a word"]),
    .own(
      id, .otherFormat, "F", in: panes, .streams, "Where another number format bends, and which matrix is the cause",
      hint: "formats", order: 21, synonyms: ["quantization", "q4", "q8", "bf16", "precision"]),
    .own(
      id, .writeOn, "r", in: panes, .streams, "Write on from the cursor, without the changes and with them",
      hint: "what follows", order: 15, synonyms: ["generate", "continue", "text that follows"]),
    .own(
      id, .lensCells, "o", in: panes, .streams,
      "The lens shows: the first token after a layer, after its attention, or the norm", hint: "cells", order: 6,
      hintIn: [.lens], synonyms: ["residual stream", "norms", "after attention", "logit lens"]),
    .own(
      id, .lookBack, "d", in: panes, .streams, "Attention from the token, or to it", hint: "from, to", order: 6,
      hintIn: [.heads], synonyms: ["direction", "heat map"]),
    .own(
      id, .attentionKind, "a", in: panes, .streams, "Self-attention, cross-attention, or the encoder's",
      hint: "which", order: 7, hintIn: [.heads], synonyms: ["cross-attention", "alignment"]),
  ]

  private static let takeTextHelp = "Take the text of the tab that was open before"
  private static let takeTextWords = ["look inside", "copy from"]

  /// A line whose key is shown with that of another action.
  private static func pair(
    _ action: Action, _ key: String, _ help: String, hint: String, order: Int, with partner: Action
  ) -> KeyBinding {
    var binding = KeyBinding.own(id, action, key, in: panes, .moving, help, hint: hint, order: order)
    binding.hintPartner = partner
    return binding
  }

  /// A line of a key that changes a strength.
  private static func strength(
    _ action: Action, _ key: String, _ help: String, partner: Action? = nil
  ) -> KeyBinding {
    var binding = KeyBinding.own(
      id, action, key, in: panes, .streams, help, hint: partner == nil ? "" : "weaker, stronger", order: 6,
      hintIn: [.change], synonyms: ["scale", "factor", "strength"])
    binding.hintPartner = partner
    return binding
  }

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .send:
      let effects = rememberPrompt()
      setFocus(.lens)
      return effects
    case .takeText:
      if let effects = takeText(&shell) { return effects }
      shell.notice = "the tab before has no text that a model here can read"
    case .followToken: follow(&shell)
    case .againstToken: compare(&shell)
    case .previousHead, .nextHead: walk(heads: action == .nextHead ? 1 : -1)
    case .previousLayer, .nextLayer: walk(layers: action == .nextLayer ? 1 : -1)
    case .switchHead: toggle(piece: .head(head), &shell)
    case .switchFeedForward: toggle(piece: .feedForward, &shell)
    case .switchLayer: toggle(piece: .whole, &shell)
    case .allOn: removeChanges(&shell)
    case .removeChange: remove(change: chosenChange)
    case .weaker, .stronger: strengthen(action == .stronger ? 1 : -1, &shell)
    case .patchHere: patchHere(&shell)
    case .sweepTable: showSweep(&shell)
    case .writeOn: return writeOn(&shell)
    case .copy where focus == .following: return copy(writtenText(shell), &shell)
    case .lensCells:
      cells = cells.next
      candidateRows.update(count: prediction?.top.count ?? 0)
    case .lookBack: looksBack.toggle()
    case .attentionKind:
      let kinds = kinds
      if kinds.count < 2 { shell.notice = "this model has only self-attention" }
      kind = kinds.firstIndex(of: kind).map { kinds[($0 + 1) % kinds.count] } ?? .own
      walk(heads: 0)
    default: return nil
    }
    return []
  }

  // MARK: Moving

  mutating func move(_ action: Action, _ shell: inout Shell) {
    switch (focus.context, action) {
    case (.heads, .up), (.heads, .down): walk(heads: action == .down ? 1 : -1)
    case (.heads, .left), (.heads, .right): walkAttention(by: action == .right ? 1 : -1)
    case (.following, _): scrollWritten(action)
    case (.formats, .up), (.formats, .down), (.formats, .pageUp), (.formats, .pageDown): formatRows.move(action)
    case (_, .left), (_, .right): walk(by: action == .right ? 1 : -1)
    case (.lens, .up), (.lens, .down): walk(layers: action == .up ? 1 : -1)
    case (.lens, .pageUp), (.lens, .pageDown): depth = action == .pageUp ? nil : 0
    case (.lens, .first), (.heads, .first): walk(by: -.max)
    case (.lens, .last), (.heads, .last): walk(by: .max)
    case (.cell, _): candidateRows.move(action)
    case (.sums, _): partRows.move(action)
    case (.change, _):
      var window = ListWindow(count: changes.count, height: max(1, changes.count), selected: chosenChange)
      window.move(action)
      chosenChange = window.selected
    default: break
    }
  }

  /// Moves the cursor by tokens.
  private mutating func walk(by step: Int) {
    guard let answer = look.answer, let position else { return }
    let last = answer.tokens.count - 1
    let (sum, isFar) = position.addingReportingOverflow(step)
    let target = isFar ? (step < 0 ? 0 : last) : min(max(0, sum), last)
    place = target
    candidateRows.select(0)
  }

  /// Moves the cursor of the attention, which may be in the source.
  private mutating func walkAttention(by step: Int) {
    guard walksSource, let answer = look.answer else { return walk(by: step) }
    sourcePlace = min(max(0, attentionCursor(answer) + step), max(0, (answer.source?.count ?? 1) - 1))
  }

  private mutating func walk(layers step: Int) {
    guard let layers else { return }
    let target = min(max(0, row + step), layers)
    depth = target == layers ? nil : target
    candidateRows.update(count: prediction?.top.count ?? 0)
    candidateRows.select(0)
  }

  /// Moves to another head in the order of the list.
  private mutating func walk(heads step: Int) {
    let heads = heads
    guard !heads.isEmpty else { return }
    let index = heads.firstIndex { $0.head.head == head } ?? 0
    head = heads[min(max(0, index + step), heads.count - 1)].head.head
  }

  // MARK: Choosing tokens and parts

  private var chosen: RankedToken? {
    let top = prediction?.top ?? []
    return top.indices.contains(candidateRows.selected) ? top[candidateRows.selected] : nil
  }

  private mutating func follow(_ shell: inout Shell) {
    guard let chosen else { return }
    followed = followed == chosen.token.id ? nil : chosen.token.id
    let name = visible(bytes: chosen.token.bytes)
    shell.notice = followed == nil ? "follows the most probable token" : "follows \(name)"
  }

  private mutating func compare(_ shell: inout Shell) {
    guard let chosen, let answer = look.answer else { return }
    guard chosen.token.id != answer.token.token.id else {
      shell.notice = "this is the followed token: choose another one to compare it with"
      return
    }
    against = chosen.token.id
    shell.notice = "compared with \(visible(bytes: chosen.token.bytes))"
  }

  /// Scrolls the text that follows.
  private mutating func scrollWritten(_ action: Action) {
    let steps: [Action: Int] = [
      .up: -1, .down: 1, .pageUp: -5, .pageDown: 5, .first: -Limits.defaultTokens, .last: Limits.defaultTokens,
    ]
    scrollWritten(by: steps[action] ?? 0)
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    switch pane.focus {
    case .prompt: clickInPane(pane, at: point, shell)
    case .cell:
      let row = candidateRows.top + point.y - pane.inside.y
      if candidateRows.visible.contains(row) { candidateRows.select(row) }
    case .lens:
      let table = LensColumns(pane.inside)
      if let column = table.column(at: point.x), let answer = look.answer {
        place = min(firstColumn + column, answer.tokens.count - 1)
      }
      if let row = table.row(at: point.y, layers: layers ?? 0, cursor: row) { depth = row == layers ? nil : row }
    default: break
    }
  }
}
