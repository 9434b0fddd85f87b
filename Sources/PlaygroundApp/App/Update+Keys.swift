import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// Handles a key press: performs the action bound to the key, otherwise types the character.
  mutating func press(_ stroke: KeyStroke) -> [Effect] {
    shell.notice = nil
    let context = keyContext
    let found = shell.keys.action(for: stroke, in: context, tab: shell.tab)
    let action = lesson == nil && found?.isStep == true ? nil : found
    if action != .interrupt { shell.isLeaving = false }
    if action != .quit { shell.isQuitting = false }
    if case .failure = shell.overlay, action != .quit, action != .interrupt {
      // An error that came while a document was read does not close the document.
      shell.overlay = shell.reading == nil ? nil : .reading
      return []
    }
    if action == .quit, !shell.isQuitting, stroke.modifiers.isEmpty, let texts = unkeptTexts {
      // Plain letters are easily pressed by mistake, so ask for confirmation.
      shell.isQuitting = true
      shell.notice = "\(stroke.label()) again to leave: \(texts) will be gone"
      return []
    }
    if let action { return perform(action) }
    switch context {
    case .prompt: tabs[shell.tab].typeIntoPrompt(stroke, &shell)
    case .search: current.list?.search.handle(stroke)
    case .picker, .models: typeIntoPicker(stroke)
    case .sessions: typeIntoSessions(stroke)
    case .sampler: typeIntoSampler(stroke)
    default: if context.isTextEntry { tabs[shell.tab].typed(stroke, &shell) }
    }
    return []
  }

  /// Performs an action from a key or the palette. The open tab handles its own actions first, then the shell handles
  /// the shared ones.
  mutating func perform(_ action: Action) -> [Effect] {
    if shell.overlay == nil {
      if action == .send, current.prompt.editor.isEmpty { tabs[shell.tab].showExample(shell) }
      if let effects = tabs[shell.tab].perform(action, &shell) { return effects }
      if let places = current.departure(action, shell) {
        guard let (tab, effects) = take(places, asFurther: false) else {
          shell.notice = "no tab shows this text"
          return []
        }
        shell.tab = tab
        return effects
      }
      if let picker = current.picker(action) {
        openPicker(.own(picker), filter: current.entryStart(in: picker))
        return []
      }
    }
    if performInReading(action) { return [] }
    switch action {
    case .up, .down, .pageUp, .pageDown, .first, .last, .left, .right:
      if shell.overlay != nil { moveInOverlay(action) } else { tabs[shell.tab].move(action, &shell) }
    case .accept: return accept()
    case .close: close()
    case .stop: return escape()
    case .sampler: openSampler()
    case .stageEarlier: moveStage(by: -1)
    case .stageLater: moveStage(by: 1)
    case .neutral: eraseSetting()
    case .modelDefaults:
      tabs[shell.tab].resetSampler(shell)
      shell.notice = "settings of the model's own files"
    case .presets: openPresets(.presets)
    case .savePreset: openPresets(.presetName)
    case .model: openPicker(.model)
    case .card: openCard()
    case .theme: openPicker(.theme(original: shell.theme))
    case .lessons: openPicker(.lessons)
    case .sessions: return openSessions()
    case .export: openPicker(.exportName)
    case .removeSession:
      return removeChosenSession(
        key: shell.keys.key(for: .removeSession, in: .sessions, tab: shell.tab)?.label())
    case .nextStep: return moveStep(by: 1)
    case .previousStep: return moveStep(by: -1)
    case .readText: openReading()
    case .palette: openPicker(.palette)
    case .nextPane: moveFocus(by: 1)
    case .previousPane: moveFocus(by: -1)
    case .zoom: shell.isZoomed.toggle()
    case .nextTask: openTab(offset: 1)
    case .previousTask: openTab(offset: -1)
    case .mouse: return toggleMouse()
    case .saveScreen: return [.saveScreen(ScreenSVG(view(self), theme: theme ?? .standard, title: "Triptych").document)]
    case .interrupt: return interrupt()
    case .quit: return [.leave(code: 0)]
    default:
      if let tab = TabID.allCases.first(where: { action == .open($0) }) {
        shell.tab = tab
      } else {
        return performShared(action)
      }
    }
    return []
  }

  /// Actions in panes that several tabs have, and actions that change the appearance.
  private mutating func performShared(_ action: Action) -> [Effect] {
    switch action {
    case .heat: shell.heat = shell.heat.next
    case .heatScale: shell.heatKind = shell.heatKind.next
    case .bars:
      shell.hasRelativeBars.toggle()
      shell.notice =
        shell.hasRelativeBars ? "bars relative to the first candidate" : "bars on the scale from 0 to 100 %"
    case .help: shell.overlay = .help(top: 0)
    default: return tabs[shell.tab].performInPanes(action, &shell)
    }
    return []
  }

  private mutating func moveFocus(by step: Int) {
    current.list?.isSearching = false
    let order = current.focusOrder
    let index = order.firstIndex(of: focus) ?? 0
    focus = order[(index + step + order.count) % order.count]
  }

  private mutating func openTab(offset: Int) {
    let all = TabID.allCases
    let index = all.firstIndex(of: shell.tab) ?? 0
    shell.tab = all[(index + offset + all.count) % all.count]
    // Keep the focus out of prompts, where the same key would be typed instead of switching on to the next tab.
    let order = current.focusOrder
    if focus == .prompt, order.count > 1 { focus = order[1] }
  }

  private mutating func toggleMouse() -> [Effect] {
    shell.mouse.toggle()
    shell.notice =
      shell.mouse ? "the mouse works here; with Shift it selects text" : "the mouse is the terminal's again"
    return [.captureMouse(shell.mouse)]
  }

  /// Escape in a pane: does the first of these that applies: stops running work, ends the zoom, leaves the lesson,
  /// clears the search, moves the cursor to the end of its text, focuses the prompt.
  private mutating func escape() -> [Effect] {
    if let effects = tabs[shell.tab].stop(&shell) {
      shell.notice = "stopped: what was made stays"
      return effects
    }
    if shell.isZoomed {
      shell.isZoomed = false
      return []
    }
    if lesson != nil { return leaveLesson() }
    if let list = current.list, !list.search.text.isEmpty, focus != .prompt {
      current.list?.search = LineInput()
    } else if current.walkedCursor != nil, current.walkedText != nil {
      current.walkedCursor = nil
    } else {
      focus = .prompt
    }
    return []
  }

  /// A description of generated texts that would be lost on exit; `nil` if there are none.
  private var unkeptTexts: String? {
    // For a session that can't be saved, leaving asks anyway.
    guard ownSession.status != .saved, ownSession.status != .failing else { return nil }
    let texts = TabID.allCases.compactMap { ownTabs[$0].unkept(lesson?.ownShell ?? shell) }
    return texts.count == 1 ? texts[0].alone : texts.isEmpty ? nil : texts.map(\.beside).joined(separator: " and ")
  }

  /// Ctrl-C: stops running work in all tabs; the second time, exits.
  private mutating func interrupt() -> [Effect] {
    if shell.isLeaving { return [.leave(code: 130)] }
    shell.isLeaving = true
    var stopped: [[Effect]] = []
    for tab in TabID.allCases { if let effects = tabs[tab].stop(&shell) { stopped.append(effects) } }
    let again = "\(shell.key(.interrupt) ?? "the same key") again to leave"
    shell.notice = stopped.isEmpty ? again : "stopped: " + again
    return stopped.flatMap(\.self)
  }

  /// The most characters that are pasted into a field of a tab.
  private static let longestPaste = 4096

  /// Pasted text goes where text is typed; elsewhere into the prompt, which then has the focus.
  mutating func paste(_ text: String) {
    shell.notice = nil
    switch keyContext {
    case .search: current.list?.search.insert(text)
    case .picker, .models:
      if case .picker(var picker) = shell.overlay {
        picker.filter.insert(text)
        shell.overlay = .picker(picker)
      }
    case .sessions:
      if case .sessions(var browser) = shell.overlay {
        browser.insert(text)
        shell.overlay = .sessions(browser)
      }
    case .help, .sampler, .card, .reading, .failure: break
    case let context where context.isTextEntry && context != .prompt:
      // A field of the tab's own.
      let line = text.map { $0.isNewline ? " " : $0 }.prefix(Self.longestPaste)
      for character in line { tabs[shell.tab].typed(KeyStroke(character), &shell) }
    default:
      guard current.focusOrder.contains(.prompt) else { return }
      focus = .prompt
      tabs[shell.tab].insert(pasted: text, &shell)
    }
  }
}

extension HeatMeasure {
  /// The next measure; after the last one comes the first.
  var next: HeatMeasure {
    let all = HeatMeasure.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}
