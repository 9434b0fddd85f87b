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
  /// The prediction with parts switched off.
  static let change = KeyContext("change", [.pane])
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
  /// The prediction with parts switched off.
  static let change = Focus(.change)
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
  static let lensCells = Action("inside.cells")
  static let lookBack = Action("inside.direction")
  static let attentionKind = Action("inside.attention")
  static let followToken = Action("inside.follow")
  static let againstToken = Action("inside.against")
}

extension InsideState {
  static let contexts = [KeyContext.lens, .cell, .heads, .sums, .change]

  private static let panes: Set<KeyContext> = [.lens, .cell, .heads, .sums, .change]

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
      id, .allOn, "backspace", in: panes, .streams, "Switch all parts on again", hint: "all on", order: 4,
      hintIn: [.change], synonyms: ["reset", "undo ablation"]),
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
    case .allOn:
      if off.isEmpty { shell.notice = "no part is switched off" }
      off = []
      if focus == .change { focus = .sums }
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
    case (_, .left), (_, .right): walk(by: action == .right ? 1 : -1)
    case (.lens, .up), (.lens, .down): walk(layers: action == .up ? 1 : -1)
    case (.lens, .pageUp), (.lens, .pageDown): depth = action == .pageUp ? nil : 0
    case (.lens, .first), (.heads, .first): walk(by: -.max)
    case (.lens, .last), (.heads, .last): walk(by: .max)
    case (.cell, _): candidateRows.move(action)
    case (.sums, _): partRows.move(action)
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

  /// Switches a part of the chosen layer off, or on again.
  private mutating func toggle(piece: ModelPart.Piece, _ shell: inout Shell) {
    guard let layer, shell.information(model) != nil else {
      shell.notice = "nothing is known of the layers yet"
      return
    }
    let isPair = look.answer?.source != nil
    let isOwn = kind == .own || piece != .head(head) && kind == .cross
    let word: ModelPart.Word? = isPair ? (kind == .encoder ? .encoder : isOwn ? .decoder : .cross) : nil
    let part = ModelPart(word, layer: layer, piece)
    if let index = off.firstIndex(of: part) {
      off.remove(at: index)
      if off.isEmpty, focus == .change { focus = .sums }
    } else {
      off.append(part)
    }
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
