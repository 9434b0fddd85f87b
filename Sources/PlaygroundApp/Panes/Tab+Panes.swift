import TerminalUI

/// What keys and the mouse do in the panes that several tabs have: prompt, candidates, texts.
extension Tab {
  /// Arrows and pages in the pane with the focus: they move the row of a list and the cursor of a text.
  mutating func moveInPane(_ action: Action, _ shell: inout Shell) {
    let traits = focus.context.traits
    if traits.contains(.list) {
      switch action {
      case .left: walk(by: -1)
      case .right: walk(by: 1)
      default: list?.window.move(action)
      }
    } else if traits.contains(.text) {
      moveInText(action, shell)
    }
  }

  private mutating func moveInText(_ action: Action, _ shell: Shell) {
    switch action {
    case .left: walk(by: -1)
    case .right: walk(by: 1)
    case .up: walk(lines: -1)
    case .down: walk(lines: 1)
    case .first: walk(toEnd: false)
    case .last: walk(toEnd: true)
    case .pageUp, .pageDown:
      let rows = max(1, (shell.layout[focus]?.inside.height ?? 1) - 1)
      walk(lines: action == .pageUp ? -rows : rows)
    default: break
    }
  }

  /// A click in a pane that has already received the focus: moves the cursor there, or chooses the row.
  mutating func clickInPane(_ pane: Layout.Pane, at point: Point, _ shell: Shell) {
    let traits = pane.focus.context.traits
    if pane.focus == .prompt {
      let room = PromptView.room(pane)
      guard room.contains(point) else { return }
      prompt.editor.moveCursor(toCell: Point(point.x - room.x, point.y - room.y), in: room.size)
    } else if traits.contains(.list) {
      guard let window = list?.window else { return }
      let row = point.y - pane.inside.y - (list?.headingRows(height: pane.inside.height) ?? 0)
      if window.visible.contains(window.top + row) { list?.window.select(window.top + row) }
    } else if traits.contains(.text), let walked = walkedText {
      walkedCursor = walked.text.token(at: point, scroll: walked.scroll, cursor: walkedCursor, in: pane)
    }
  }

  /// Performs shared actions on the prompt, the list and the text. Returns the effects to run.
  mutating func performInPanes(_ action: Action, _ shell: inout Shell) -> [Effect] {
    switch action {
    case .newline: prompt.editor.insert("\n")
    case .earlierPrompt: showPrompt { $0.earlier(than: $1) }
    case .laterPrompt: showPrompt { history, _ in history.later() }
    case .editor where shell.settings.isLinear: shell.notice = "the editor needs a screen"
    case .editor: return [.edit(prompt.editor.text)]
    case .example: showExample(shell)
    case .search: list?.isSearching = true
    case .chain: toggleChain(&shell)
    case .waterfall: toggleWaterfall(&shell)
    case .stepsLeft, .stepsRight: moveSteps(by: action == .stepsLeft ? -1 : 1, &shell)
    case .nextHit: walkToPeak(forward: true, &shell)
    case .previousHit: walkToPeak(forward: false, &shell)
    case .copy: return copy(walkedText.map { $0.trace.text(endOfText: shell.endOfText($0.trace)) } ?? "", &shell)
    case .undo, .redo: walkVersions(back: action == .undo, &shell)
    default: break
    }
    return []
  }

  /// Toggles between the model's distribution and the one after the chain. If the engine does not report the effect of
  /// the chain, the model's distribution stays.
  private mutating func toggleChain(_ shell: inout Shell) {
    if let list, !list.isLive, !list.showsChain, let answer = list.answer, answer.stages == nil {
      shell.notice = "the effect of the chain is not known: the engine of \(model.shortName) does not report it"
      return
    }
    list?.showsChain.toggle()
  }

  /// Toggles between the list of candidates and the waterfall, which needs the steps of the chain.
  private mutating func toggleWaterfall(_ shell: inout Shell) {
    guard let list else {
      shell.notice = "there are no candidates here whose steps the waterfall could show"
      return
    }
    if !list.showsSteps, !list.isLive, let answer = list.answer, answer.steps.isEmpty {
      shell.notice = "the steps of the chain are not known: the engine of \(model.shortName) does not report them"
      return
    }
    self.list?.showsSteps.toggle()
    self.list?.firstStep = nil
    if self.list?.showsSteps == true, list.isLive { shell.notice = "the waterfall comes when the text is complete" }
  }

  /// Scrolls the waterfall by columns.
  private mutating func moveSteps(by step: Int, _ shell: inout Shell) {
    guard let list, list.isWaterfall,
      let pane = shell.layout.panes.first(where: { $0.focus.context.traits.contains(.list) })
    else {
      shell.notice = "the waterfall is not shown" + shell.keyHint(.waterfall, in: focus.context, "shows it")
      return
    }
    let steps = list.answer?.steps ?? []
    let shown = WaterfallColumns(width: pane.inside.width, digits: 2, longest: 0, steps: steps, from: list.firstStep)
    let target = shown.visible.lowerBound + step
    guard target >= 0, target + shown.visible.count <= steps.count else {
      shell.notice = shown.visible.count == steps.count ? "all steps are visible" : "no further step there"
      return
    }
    self.list?.firstStep = target
  }

  /// Sends a text to the clipboard, or shows a notice that says why it can't.
  func copy(_ text: String, _ shell: inout Shell) -> [Effect] {
    guard !text.isEmpty else {
      shell.notice = "nothing to copy here"
      return []
    }
    guard shell.settings.hasClipboard else {
      shell.notice = "not copied: this terminal has no clipboard"
      return []
    }
    guard text.utf8.count <= Clipboard.mostBytes else {
      let most = NumberText.bytes(Clipboard.mostBytes)
      shell.notice = "not copied: the text has \(NumberText.bytes(text.utf8.count)), the limit is \(most)"
      return []
    }
    // Terminals do not report whether they accept the text.
    shell.notice = "sent to the terminal's clipboard (OSC 52)"
    return [.copy(text)]
  }

  /// Moves the cursor by tokens; beyond the last one it is at the end, where the next token comes.
  mutating func walk(by step: Int) {
    guard let count = walkedText?.trace.tokens.count, count > 0 else { return }
    let target = (walkedCursor ?? count) + step
    walkedCursor = target >= count ? nil : max(0, target)
  }

  /// Moves the cursor to the first token or after the last one.
  private mutating func walk(toEnd: Bool) {
    guard let walked = walkedText, !walked.trace.tokens.isEmpty else { return }
    walkedCursor = toEnd ? nil : 0
  }

  /// Moves the cursor by lines of the wrapped text.
  private mutating func walk(lines: Int) {
    guard let walked = walkedText else { return }
    if let target = walked.text.token(lines: lines, from: walkedCursor) {
      walkedCursor = target >= walked.trace.tokens.count ? nil : target
    }
  }

  /// Moves the cursor to the next (or previous) peak of surprise in the text.
  private mutating func walkToPeak(forward: Bool, _ shell: inout Shell) {
    guard let trace = walkedText?.trace else { return }
    let peaks = SurprisePeaks.of(trace.tokens)
    let cursor = walkedCursor
    let hit = forward ? peaks.first { $0 > (cursor ?? -1) } : peaks.last { $0 < (cursor ?? trace.tokens.count) }
    if let hit {
      walkedCursor = hit
    } else {
      shell.notice = "no \(forward ? "further" : "earlier") peak of surprise in this text"
    }
  }

  /// Tells the list or the text in a pane how much room it has.
  mutating func fitInPane(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    if pane.focus == .candidates, !lists.isEmpty {
      lists[0].window.update(height: lists[0].candidateRows(height: pane.inside.height))
    } else {
      fit(pane, texts: texts, shell)
    }
  }
}

/// Limits of terminals' clipboards.
private enum Clipboard {
  /// The longest text that is sent to a clipboard, in bytes: terminals refuse more.
  static let mostBytes = 1 << 20
}

/// What a tab does with its panes unless it says otherwise.
extension Tab {
  mutating func move(_ action: Action, _ shell: inout Shell) { moveInPane(action, &shell) }
  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    clickInPane(pane, at: point, shell)
  }
  func draw(_ pane: PaneContext, on grid: inout CellGrid) { drawPrompt(pane, on: &grid) }
  mutating func askAgain() { askPanesAgain() }

  /// Clears pending requests of the panes, because answers to requests that a lesson superseded never arrive.
  mutating func askPanesAgain() {
    if prompt.awaited != nil { (prompt.asked, prompt.awaited) = (nil, nil) }
    if prompt.scores.isAwaited { prompt.scores = PromptScores() }
    for index in lists.indices {
      lists[index].pieces = nil
      if lists[index].awaited != nil { (lists[index].awaited, lists[index].query) = (nil, nil) }
    }
  }
}

extension ListWindow {
  /// Up, down, a page, to an end.
  mutating func move(_ action: Action) {
    switch action {
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .pageUp: page(by: -1)
    case .pageDown: page(by: 1)
    case .first: select(0)
    case .last: select(max(0, count - 1))
    default: break
    }
  }
}
