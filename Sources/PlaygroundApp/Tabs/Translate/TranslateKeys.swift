import EngineAPI
import TerminalUI

extension KeyContext {
  /// The text of the chosen beam.
  static let translation = KeyContext("translation", [.pane, .text, .heat, .copied])
  /// The list of beams.
  static let beams = KeyContext("beams", [.pane, .heat, .copied])
  /// The words of translation and source that belong together.
  static let alignment = KeyContext("alignment", [.pane, .rows])
  /// The translation translated back.
  static let back = KeyContext("back", [.pane, .copied])
}

extension Focus {
  /// The text of the chosen beam.
  static let translation = Focus(.translation)
  /// The list of beams.
  static let beams = Focus(.beams)
  /// The words of translation and source that belong together.
  static let alignment = Focus(.alignment)
  /// The translation translated back.
  static let back = Focus(.back)
}

extension Action {
  static let direction = Action("translate.direction")
  static let reverse = Action("translate.reverse")
  static let alignWords = Action("translate.align")
  static let beginWith = Action("translate.begin")
  static let wayBack = Action("translate.back")
}

extension Slot {
  /// Beam search.
  public static let beams = Slot(.translate, "beams")
  /// The tokens of a line of the text.
  static let lineTokens = Slot(.translate, "lineTokens")
}

extension TranslateState {
  static let contexts = [KeyContext.translation, .beams, .alignment, .back]

  static let keys: [KeyBinding] =
    waterfallKeys(in: [.candidates, .translation, .beams]) + [
      .own(id, .send, "enter", in: [.prompt], .prompt, "Translate", hint: "translate", order: 1),
      chainKey(in: [.candidates, .translation, .beams]), samplerKey,
      .own(
        id, .reverse, "r", in: KeyContext.panes, .streams, "Translate the other way round", hint: "reverse", order: 9,
        after: .copy, synonyms: reverseSynonyms),
      .own(
        id, .reverse, "f6", in: [.prompt], .streams, "Translate the other way round", hint: "reverse", order: 9,
        after: .copy, synonyms: reverseSynonyms),
      .own(
        id, .alignWords, "A", in: KeyContext.panes, .streams,
        "The alignment of words in both directions, or the beams again", hint: "alignment", order: 15, after: .copy,
        synonyms: ["cross-attention", "word by word", "source words"]),
      .own(
        id, .wayBack, "V", in: KeyContext.panes, .streams,
        "The translation translated back, scored both ways, or the beams again", hint: "back",
        order: 17, after: .copy, synonyms: ["back-translation", "round trip", "reverse translation"]),
      .own(
        id, .beginWith, "B", in: KeyContext.panes, .streams, "Begin the translation with a text", hint: "begin with",
        order: 16, after: .copy, synonyms: ["forced prefix", "prefix", "start"]),
      .own(
        id, .direction, "L f5", in: KeyContext.panes.union([.prompt]), .streams, "Choose the languages",
        hint: "languages", order: 14, after: .copy, synonyms: ["language", "from", "to"]),
    ]

  private static let reverseSynonyms = ["swap", "switch languages", "flip"]

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .send: return translateAll(&shell)
    case .take: return candidateToTake(&shell).map { branch($0, &shell) } ?? []
    case .reverse: return setDirection(direction.reversed, &shell)
    case .alignWords:
      alignment.isShown.toggle()
      if alignment.isShown, back.isShown { toggleBack() }
      if focus == .beams || focus == .alignment { focus = alignment.isShown ? .alignment : .beams }
      return []
    case .wayBack:
      toggleBack()
      return []
    case .copy where focus == .back: return copy(back.answer?.text ?? "", &shell)
    case .undo, .redo: return focus == .prompt ? nil : walkBranches(back: action == .undo, &shell)
    default: return nil
    }
  }

  private static let beginPicker = "The translation begins with"

  func picker(_ action: Action) -> String? {
    action == .direction ? "Languages" : action == .beginWith ? Self.beginPicker : nil
  }

  func entry(_ text: String, in name: String, _ shell: Shell) -> PickerItem? {
    name == Self.beginPicker ? PickerItem(name: "Begin with this", detail: "", choice: .own(text, list: name)) : nil
  }

  func choices(_ name: String, _ shell: Shell) -> [PickerItem] {
    guard name != Self.beginPicker else { return [] }
    return directions(shell).map {
      PickerItem(
        name: "\(Language.name($0.source)) to \(Language.name($0.target))", detail: "",
        choice: .own($0.code, list: name))
    }
  }

  func chosen(in name: String) -> String? { direction.code }

  mutating func choose(_ value: String, in name: String, _ shell: inout Shell) -> [Effect] {
    if name == Self.beginPicker {
      let effects = stop(&shell) ?? []
      beginning = EntryText(value)
      return effects
    }
    guard let direction = directions(shell).first(where: { $0.code == value }) else { return [] }
    return setDirection(direction, &shell)
  }

  mutating func move(_ action: Action, _ shell: inout Shell) {
    if focus == .alignment, action != .left, action != .right { return alignment.window.move(action) }
    if focus == .alignment { return walk(by: action == .left ? -1 : 1) }
    if focus == .back {
      guard action != .left, action != .right else { return walk(by: action == .left ? -1 : 1) }
      return scrollBack(action)
    }
    guard focus == .beams else { return moveInPane(action, &shell) }
    if action == .left || action == .right { return walk(by: action == .left ? -1 : 1) }
    let count = beams.hypotheses.count
    guard count > 0 else { return }
    var window = ListWindow(count: count, height: count, selected: beams.chosen)
    window.move(action)
    guard window.selected != beams.chosen else { return }
    choose(beam: window.selected, &shell)
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    guard pane.focus == .beams else { return clickInPane(pane, at: point, shell) }
    if let index = BeamsView.beam(at: point.y - pane.inside.y, of: beams, in: pane, shell) {
      choose(beam: index, &shell)
    }
  }
}

extension TranslationDirection {
  /// The two codes as one text: `en-fr`.
  fileprivate var code: String { "\(source)-\(target)" }
}
