import EngineAPI
import TerminalUI

extension KeyContext {
  /// The candidates of a mask.
  static let mask = KeyContext("mask", [.pane, .list, .taking])
  /// The gaps filled together.
  static let together = KeyContext("together", [.pane, .taking, .copied])
  /// The words of a text without masks.
  static let maskedWords = KeyContext("words", [.pane, .rows])
  /// The targets of the mask.
  static let targets = KeyContext("targets", [.pane, .taking])
}

extension Focus {
  /// The candidates of a mask, by its index in the text.
  static func mask(_ index: Int) -> Focus { Focus(.mask, index) }
  /// The gaps filled together.
  static let together = Focus(.together)
  /// The words of a text without masks.
  static let maskedWords = Focus(.maskedWords)
  /// The targets of the mask.
  static let targets = Focus(.targets)
}

extension Action {
  static let maskWord = Action("prompt.mask-word")
  static let maskChosen = Action("fill-mask.mask-chosen")
  static let editTargets = Action("fill-mask.targets")
}

extension Slot {
  /// The gaps filled together.
  public static let fillings = Slot(.fillMask, "fillings")
}

extension FillMaskState {
  static let contexts = [KeyContext.mask, .together, .maskedWords, .targets]

  static let keys: [KeyBinding] = [
    .own(
      id, .send, "enter", in: [.prompt], .prompt, "Go to the first mask's candidates", hint: "candidates", order: 1),
    .own(
      id, .maskWord, "alt-m", in: [.prompt], .prompt, maskWordHelp, hint: "mask a word", order: 4, after: .newline,
      synonyms: ["blank", "hide a word", "add mask"]),
    .own(
      id, .maskWord, "M", in: [.mask, .together, .targets], .prompt, maskWordHelp, hint: "mask a word", order: 6,
      after: .newline,
      synonyms: ["blank", "hide a word", "add mask"]),
    .own(
      id, .maskChosen, "enter M", in: [.maskedWords], .candidates, "Put a mask in place of the chosen word",
      hint: "mask it", order: 1, synonyms: ["likelier words", "alternatives"]),
    .own(
      id, .editTargets, "T", in: [.mask, .together, .maskedWords, .targets], .candidates, targetsHelp, hint: "targets",
      order: 7, synonyms: targetsWords),
    .own(
      id, .editTargets, "alt-t", in: [.prompt], .candidates, targetsHelp, hint: "targets", order: 21,
      synonyms: targetsWords),
  ]

  private static let targetsHelp = "Targets: words or phrases of your own in place of the mask, ranked"
  private static let targetsWords = ["choices", "given fillings", "several pieces", "compare words"]
  private static let maskWordHelp = "Put a mask in place of the word at the cursor"

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .send: return send(&shell)
    case .maskWord: maskWord(&shell)
    case .maskChosen: maskChosenWord(&shell)
    case .take where focus == .together: takeFilling(&shell)
    case .take where focus == .targets: takeTarget(&shell)
    case .take:
      if let candidate = candidateToTake(&shell) { fill(gap: shownGap, with: candidate, &shell) }
    case .chain: break
    case .copy where focus == .together:
      let joint = fillings.result?.joint ?? []
      let index = fillings.window.selected
      return copy(joint.indices.contains(index) ? joint[index].sequence : "", &shell)
    default: return nil
    }
    return []
  }

  private mutating func send(_ shell: inout Shell) -> [Effect] {
    if let error = promptOverflow(shell) {
      shell.fail(error)
      return []
    }
    let effects = rememberPrompt()
    if gaps.isEmpty { shell.notice = noMaskNotice(shell) } else { setFocus(.mask(shownGap)) }
    return effects
  }

  private func noMaskNotice(_ shell: Shell) -> String? {
    guard let mask = shell.information(model)?.maskToken?.text else { return nil }
    return "no \(mask) in the text" + (shell.promptKey(.maskWord).map { ": \($0) masks the word at the cursor" } ?? "")
  }

  mutating func move(_ action: Action, _ shell: inout Shell) {
    switch focus.context {
    case .mask where action == .left || action == .right:
      let target = focus.index + (action == .left ? -1 : 1)
      if gaps.indices.contains(target) { setFocus(.mask(target)) }
    case .together: fillings.window.move(action)
    case .maskedWords: words.window.move(action)
    case .targets: targets.window.move(action)
    default: moveInPane(action, &shell)
    }
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    if pane.focus == .maskedWords {
      let row = words.window.top + point.y - pane.inside.y
      if words.window.visible.contains(row) { words.window.select(row) }
      return
    }
    if pane.focus == .targets {
      let heading = TargetsView.headingRows(height: pane.inside.height)
      let row = targets.window.top + point.y - pane.inside.y - heading
      if targets.window.visible.contains(row) { targets.window.select(row) }
      return
    }
    guard pane.focus == .together else { return clickInPane(pane, at: point, shell) }
    let row = fillings.window.top + point.y - pane.inside.y
    if fillings.window.visible.contains(row) { fillings.window.select(row) }
  }
}
