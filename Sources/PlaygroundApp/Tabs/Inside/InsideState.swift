import EngineAPI
import Sessions
import TerminalUI

extension TabID {
  /// The tab that looks into a model.
  public static let inside = TabID("inside")
}

/// The Inside tab: what each layer of a model would predict, where its heads look, what its parts add to a logit, and
/// what it predicts and writes with changes. One cursor of token, layer and head is common to all panes.
public struct InsideState: Sendable, Equatable {
  /// The most tokens of a text. The weights of a head take memory in proportion to the square of it.
  static let mostTokens = 1_024

  /// The text. Of an encoder-decoder model the first line is the source; what follows is the target.
  public internal(set) var prompt: PromptState
  /// The model.
  var model: ModelReference
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The ids of source and target of an encoder-decoder model.
  var pair = InsidePair()
  /// Lens, norms and attention.
  var look = InsideAnswer()
  /// What the parts add to the difference of two logits.
  var sums = InsideAnswer()
  /// The index of the token that the cursor is on; `nil` for the last one, of a masked model for the first mask.
  var place: Int?
  /// The index of the token of the source that the cursor is on; `nil` for the last one.
  var sourcePlace: Int?
  /// The number of computed layers at the cursor, 0 for the embedding; `nil` for all of them.
  var depth: Int?
  /// The head, from 0.
  var head = 0
  /// Whose attention is shown.
  var kind = AttentionHead.Kind.own
  /// Whether the weights are those with which other tokens look at the cursor's, instead of those from it.
  var looksBack = false
  /// What the cells of the lens show.
  var cells = LensCells.afterLayer
  /// The id of the token that is followed through the layers; `nil` for the most probable one.
  var followed: Int?
  /// The id of the token that it is compared with; `nil` for the second one.
  var against: Int?
  /// The changes of the model.
  var changes: [ModelChange] = []
  /// The index of the change that keys make stronger or weaker.
  var chosenChange = 0
  /// The prediction of the changed model.
  var changed = InsideAnswer()
  /// The text whose activations can be put into this one.
  var donor: EntryText?
  /// What single activations of that text restore.
  var sweep = InsideAnswer()
  /// The number format that the model's own is compared with; `nil` for none.
  var otherFormat: NumberFormat?
  /// The comparison, and its layers on the screen.
  var formats = InsideAnswer()
  var formatRows = ListWindow()
  /// The strings that are followed through text and layers.
  var watchList: [String] = []
  /// The files of control vectors that were chosen, the latest first.
  var vectorPaths: [String] = []
  /// The text that follows, of the model as it is and of the changed one, and the changes of the latter.
  var written: [WrittenText?] = []
  var writtenChanges: [ModelChange] = []
  /// The first position in the table of the lens, and the number of its columns.
  var (firstColumn, columns) = (0, 0)
  /// The rows of the cell's candidates and of the parts.
  var (candidateRows, partRows) = (ListWindow(), ListWindow())
  /// What the tab that was shown before holds.
  var left: LeftTab?
}

/// What the cells of the lens show.
enum LensCells: Sendable, Hashable {
  /// The first token after the layer.
  case afterLayer
  /// The first token after the layer's attention, before its feed-forward layer.
  case afterAttention
  /// The norm of the residual stream after the layer.
  case norms
  /// How much of a difference the other text's activation restores.
  case restored

  var next: LensCells {
    switch self {
    case .afterLayer: .afterAttention
    case .afterAttention: .norms
    case .norms, .restored: .afterLayer
    }
  }

  /// The title of the pane.
  var title: String {
    switch self {
    case .afterLayer: "Lens"
    case .afterAttention: "Lens after attention"
    case .norms: "Norms"
    case .restored: "Restored by patches"
    }
  }
}

extension InsideState: Tab {
  static let id = TabID.inside
  static let title = "Inside"
  static let families = [ModelFamily.causal, .masked, .seq2seq]
  static let defaultModel = ModelReference("storyteller")
  static let hasLegend = true

  var viewWords: String { changes.isEmpty ? "" : "changed" }

  init(models: [ModelReference], settings: PlaygroundSettings) {
    model = models[0]
    prompt = PromptState(.inside, isContinued: true, settings: settings)
  }

  // MARK: Models

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    guard model != self.model else { return [] }
    self.model = model
    let effects = stopWriting(&shell)
    (depth, head, kind, followed, against) = (nil, 0, .own, nil, nil)
    (changes, chosenChange, donor, written, writtenChanges) = ([], 0, nil, [], [])
    if cells == .restored { cells = .afterLayer }
    otherFormat = nil
    pair = InsidePair()
    if [.change, .following, .formats].contains(focus) { focus = .sums }
    return effects + forget()
  }

  // MARK: Focus, work

  var focusOrder: [Focus] {
    [.prompt, .lens, .cell, .heads, .sums] + (changes.isEmpty ? [] : [.change]) + (written.isEmpty ? [] : [.following])
      + (otherFormat == nil ? [] : [.formats])
  }

  func examples(_ shell: Shell) -> [String] {
    switch shell.information(model)?.family {
    case .masked:
      let mask = shell.information(model)?.maskToken?.text ?? "[MASK]"
      return ["The capital of France is \(mask).", "The cat sat on the \(mask) and looked at the bird."]
    case .seq2seq:
      return ["translate English to French: How are you?\nComment", "translate English to French: The house is small."]
    default:
      return [
        "Once upon a time, in a village", "The king had a daughter, and the queen had a son. The king loved his",
        "She opened the door and saw the",
      ]
    }
  }

  var isBusy: Bool {
    [look, sums, changed, sweep, formats].contains { $0.awaited != nil } || written.contains { $0?.isRunning == true }
  }
  var begun: [Int?] { written.map { $0?.version } }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .tokenized(let ticket, let result):
      pair.receive(result, ticket)
      if ticket.slot == .insideDonor { donor?.receive(result, version: ticket.version) }
    case .inspected(let ticket, let result) where ticket.slot == .insideChange: _ = changed.receive(result, ticket)
    case .inspected(let ticket, let result) where ticket.slot == .insideFormats:
      if formats.receive(result, ticket) {
        formatRows.update(count: formats.answer?.bend?.layers.count { $0.lens != nil } ?? 0)
      }
    case .inspected(let ticket, let result) where ticket.slot == .insideSweep: _ = sweep.receive(result, ticket)
    case .stream(let ticket, let event, _): receive(event, ticket, &shell)
    case .inspected(let ticket, let result) where ticket.slot == .insideLook:
      if look.receive(result, ticket) { followLook() }
    case .inspected(let ticket, let result) where ticket.slot == .insideSums:
      if sums.receive(result, ticket) { partRows.update(count: sums.answer?.attribution.count ?? 0) }
    default: break
    }
  }

  /// An empty tab takes the text of the one before.
  mutating func arrive(from left: LeftTab, _ shell: inout Shell) {
    self.left = left
    if prompt.editor.isEmpty { _ = takeText(&shell) }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] { askTokens(&shell) + askPair(&shell) + askDonor(&shell) }

  mutating func ask(_ shell: inout Shell) -> [Effect] {
    var effects = askLook(&shell)
    effects += askChanged(&shell)
    effects += askSweep(&shell)
    effects += askFormats(&shell)
    return effects + askSums(&shell)
  }

  mutating func askAgain() {
    askPanesAgain()
    pair.askAgain()
    look.askAgain()
    sums.askAgain()
    changed.askAgain()
    sweep.askAgain()
    formats.askAgain()
    donor?.askAgain()
  }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    let slots =
      (look.stop() ? [Slot.insideLook] : []) + (sums.stop() ? [Slot.insideSums] : [])
      + (changed.stop() ? [Slot.insideChange] : []) + (sweep.stop() ? [Slot.insideSweep] : [])
      + (formats.stop() ? [Slot.insideFormats] : [])
    let effects = slots.map { Effect.cancel($0) } + stopWriting(&shell)
    return effects.isEmpty ? nil : effects
  }
}

// MARK: - Text of another tab

extension InsideState {
  /// Takes the text that the tab shown before holds, with its model. Returns the effects, or `nil` if there is none.
  mutating func takeText(_ shell: inout Shell) -> [Effect]? {
    guard let left else { return nil }
    let made = left.place.flatMap { Self.text(at: $0, shell) }
    guard let (text, model) = made ?? (left.text.isEmpty ? nil : (left.text, left.model)), !text.isEmpty,
      text.utf8.count <= PromptState.mostBytes, Self.families.contains(Self.family(model, shell))
    else { return nil }
    let effects = use(model, &shell)
    prompt.editor.setText(text)
    place = nil
    return effects
  }

  private static func family(_ model: ModelReference, _ shell: Shell) -> ModelFamily {
    shell.information(model)?.family ?? shell.models.first { $0.name == model.name }?.family ?? .classifier
  }

  /// The text that ends at a place of the tree, and the model that it was made for. Of a translation also the source,
  /// on a line before it.
  private static func text(at place: Place, _ shell: Shell) -> (String, ModelReference)? {
    guard let model = shell.tree.origin(of: place.node)?.model, model != .none else { return nil }
    let ends = shell.information(model)?.endOfTextIDs ?? []
    let words = { (place: Place) in
      let tokens = shell.tree.path(to: place).map(\.token).filter { !ends.contains($0.id) }
      return String(decoding: tokens.flatMap(\.bytes), as: UTF8.self)
    }
    guard let source = shell.tree[shell.tree.root(of: place)]?.source else { return (words(place), model) }
    let lines = [source, place].map { String(words($0).drop { $0 == " " }) }
    return (lines.joined(separator: "\n"), model)
  }
}
