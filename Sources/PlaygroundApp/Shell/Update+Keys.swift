import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// A key was struck: an action of the table, else it is typed.
  mutating func press(_ stroke: KeyStroke) -> [Effect] {
    notice = nil
    let context = keyContext
    let action = keys.action(for: stroke, in: context, task: task)
    if action != .interrupt { isLeaving = false }
    if action != .quit { isQuitting = false }
    if case .failure = overlay, action != .quit, action != .interrupt {
      overlay = nil
      return []
    }
    if action == .quit, !isQuitting, stroke.modifiers.isEmpty, let texts = unkeptTexts {
      // A letter is struck by mistake more easily than a chord.
      isQuitting = true
      notice = "\(stroke.label()) again to leave: \(texts) will be gone"
      return []
    }
    if let action { return perform(action) }
    switch context {
    case .prompt: typeIntoPrompt(stroke)
    case .search: list?.search.handle(stroke)
    case .picker, .models: typeIntoPicker(stroke)
    case .sampler: typeIntoSampler(stroke)
    default: break
    }
    return []
  }

  /// Does what an action says, wherever it came from: a key or the palette.
  mutating func perform(_ action: Action) -> [Effect] {
    switch action {
    case .send: return send()
    case .newline: prompt.editor.insert("\n")
    case .earlierPrompt: showPrompt { $0.earlier(than: $1) }
    case .laterPrompt: showPrompt { history, _ in history.later() }
    case .editor: return [.edit(prompt.editor.text)]
    case .example: showExample()
    case .maskWord: maskWord()
    case .up, .down, .pageUp, .pageDown, .first, .last, .left, .right: return move(action)
    case .nextHit: walkToPeak(forward: true)
    case .previousHit: walkToPeak(forward: false)
    case .take: return take()
    case .search: list?.isSearching = true
    case .chain: toggleChain()
    case .bars:
      hasRelativeBars.toggle()
      notice = hasRelativeBars ? "bars relative to the first candidate" : "bars on the scale from 0 to 100 %"
    case .addStream: addStream()
    case .removeStream: return removeStream()
    case .again: return again()
    case .goOn: return goOn()
    case .copy: return copyText()
    case .stop: return escape()
    case .heat: heat = heat.next
    case .heatScale: heatKind = heatKind.next
    case .undo, .redo: return undo(back: action == .undo)
    case .sampler: openSampler()
    case .stageEarlier: moveStage(by: -1)
    case .stageLater: moveStage(by: 1)
    case .neutral: eraseSetting()
    case .modelDefaults: resetSampler()
    case .model: openPicker(.model)
    case .card: openCard()
    case .theme: openPicker(.theme(original: themeName))
    case .direction: openPicker(.direction)
    case .palette: openPicker(.palette)
    case .reverse: return setDirection(translate.direction.reversed)
    case .nextPane: moveFocus(by: 1)
    case .previousPane: moveFocus(by: -1)
    case .nextTask: openTask(offset: 1)
    case .previousTask: openTask(offset: -1)
    case .generateTask: task = .generate
    case .fillMaskTask: task = .fillMask
    case .translateTask: task = .translate
    case .help: overlay = .help(top: 0)
    case .accept: return accept()
    case .close: close()
    case .mouse: return toggleMouse()
    case .interrupt: return interrupt()
    case .quit: return [.leave(code: 0)]
    }
    return []
  }

  private mutating func send() -> [Effect] {
    if prompt.editor.isEmpty { showExample() }
    switch task {
    case .generate: return generateAll()
    case .fillMask:
      if let error = promptOverflow {
        overlay = .failure(error)
        return []
      }
      let effects = rememberPrompt { _ in }
      if fillMask.gaps.isEmpty { notice = noMaskNotice } else { focus = .mask(fillMask.shownGap) }
      return effects
    case .translate: return translateAll()
    }
  }

  private var noMaskNotice: String? {
    guard let mask = information(fillMask.model)?.maskToken?.text else { return nil }
    let key = keys.key(for: .maskWord, in: .prompt, task: .fillMask)?.label()
    return "no \(mask) in the text" + (key.map { ": \($0) masks the word at the cursor" } ?? "")
  }

  private mutating func take() -> [Effect] {
    if focus == .together {
      takeFilling()
      return []
    }
    return takeCandidate()
  }

  private mutating func moveFocus(by step: Int) {
    list?.isSearching = false
    let order = focusOrder
    let index = order.firstIndex(of: focus) ?? 0
    focus = order[(index + step + order.count) % order.count]
  }

  private mutating func openTask(offset: Int) {
    let all = PlaygroundTask.allCases
    let index = all.firstIndex(of: task) ?? 0
    task = all[(index + offset + all.count) % all.count]
    // The same key is to go on to the next tab: in a prompt it would be typed.
    if focus == .prompt { focus = focusOrder[1] }
  }

  private mutating func toggleChain() {
    switch task {
    case .generate: generate.candidates.showsChain.toggle()
    case .translate: translate.candidates.showsChain.toggle()
    case .fillMask: break
    }
  }

  private mutating func toggleMouse() -> [Effect] {
    mouse.toggle()
    notice = mouse ? "the mouse works here; with Shift it selects text" : "the mouse is the terminal's again"
    return [.captureMouse(mouse)]
  }

  private mutating func undo(back: Bool) -> [Effect] {
    switch (task, focus) {
    case (.generate, .stream): return walkBranches(back: back)
    case (.generate, .candidates) where generate.source != .prompt && generate.leading.run != nil:
      return walkBranches(back: back)
    case (.translate, .candidates), (.translate, .translation), (.translate, .beams):
      return walkTranslations(back: back)
    default:
      let done = back ? prompt.editor.undo() : prompt.editor.redo()
      if !done { notice = back ? "nothing to undo" : "nothing to redo" }
      return []
    }
  }

  /// The longest text that is sent to a clipboard, in bytes: terminals refuse more.
  static let longestCopy = 1 << 20

  private mutating func copyText() -> [Effect] {
    let text: String
    switch focus {
    case .together:
      let joint = fillMask.fillings.result?.joint ?? []
      let index = fillMask.fillings.window.selected
      text = joint.indices.contains(index) ? joint[index].sequence : ""
    default: text = walkedTrace.map { TokenFlow.text(of: $0, endOfText: endOfText($0)) } ?? ""
    }
    guard !text.isEmpty else {
      notice = "nothing to copy here"
      return []
    }
    guard settings.hasClipboard else {
      notice = "not copied: this terminal has no clipboard"
      return []
    }
    guard text.utf8.count <= Self.longestCopy else {
      notice = "not copied: \(NumberText.bytes(text.utf8.count)), at most \(NumberText.bytes(Self.longestCopy)) can be"
      return []
    }
    // Whether the terminal takes it is not told.
    notice = "sent to the terminal's clipboard (OSC 52)"
    return [.copy(text)]
  }

  /// Escape in a pane: stops what runs; else drops the search; else the cursor goes to the end of its text; else back
  /// to the prompt.
  private mutating func escape() -> [Effect] {
    if let effects = stopWork(in: task) {
      notice = "stopped: what was made stays"
      return effects
    }
    if let list, !list.search.text.isEmpty, focus != .prompt {
      self.list?.search = LineInput()
    } else if walkedCursor != nil, walkedTrace != nil {
      walkedCursor = nil
    } else {
      focus = .prompt
    }
    return []
  }

  /// What the models have made and no file keeps, in words; `nil` where there is nothing.
  private var unkeptTexts: String? {
    let streams = generate.streams.count { !($0.run?.trace.tokens.isEmpty ?? true) || !$0.branches.isEmpty }
    let translations = translate.beams.hypotheses.isEmpty && translate.branches.isEmpty ? 0 : 1
    switch (streams, translations) {
    case (0, 0): return nil
    case (1, 0): return "the stream's text"
    case (_, 0): return "the texts of \(streams) streams"
    case (0, _): return "the translation"
    default: return "texts and translation"
    }
  }

  private mutating func interrupt() -> [Effect] {
    if isLeaving { return [.leave(code: 130)] }
    isLeaving = true
    let stopped = stopAll()
    notice = stopped == nil ? "Ctrl-C again to leave" : "stopped: Ctrl-C again to leave"
    return stopped ?? []
  }
}

extension HeatMeasure {
  /// The measure after this one, in a circle.
  var next: HeatMeasure {
    let all = HeatMeasure.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}
