import EngineAPI
import Sampling
import TerminalUI

extension PlaygroundState {
  mutating func openPicker(_ subject: Picker.Subject, filter: String = "") {
    var picker = Picker(subject: subject)
    for character in filter { picker.filter.handle(KeyStroke(character)) }
    let items = items(picker)
    picker.window.update(count: items.count)
    let present = items.firstIndex { item in
      switch item.choice {
      case .model(let model): model.name == current.model.name
      case .theme(let name): name == theme?.name
      case .lesson(let index): index == lesson?.index
      case .own(let value, let list): current.chosen(in: list) == value
      default: false
      }
    }
    picker.window.select(present ?? 0)
    shell.overlay = .picker(picker)
  }

  /// A key that narrows a picker's list.
  mutating func typeIntoPicker(_ stroke: KeyStroke) {
    guard case .picker(var picker) = shell.overlay else { return }
    let before = picker.filter.text
    picker.filter.handle(stroke)
    if picker.filter.text != before { picker.window.select(0) }
    picker.window.update(count: items(picker).count)
    shell.overlay = .picker(picker)
    previewTheme()
  }

  /// A key that narrows the list of sessions.
  mutating func typeIntoSessions(_ stroke: KeyStroke) {
    guard case .sessions(var browser) = shell.overlay else { return }
    browser.type(stroke)
    shell.overlay = .sessions(browser)
  }

  /// The card of the model that is chosen in the list.
  mutating func openCard() {
    guard case .picker(let picker) = shell.overlay else { return }
    let items = items(picker)
    guard items.indices.contains(picker.window.selected),
      case .model(let model) = items[picker.window.selected].choice
    else { return }
    shell.overlay = .card(ModelCard(model: model, picker: picker))
  }

  mutating func moveInOverlay(_ action: Action) {
    switch shell.overlay {
    case .help(let top):
      let page = max(1, HelpView.rows(self) - 1)
      let steps: [Action: Int] = [.up: -1, .down: 1, .pageUp: -page, .pageDown: page, .first: -top, .last: .max / 2]
      shell.overlay = .help(top: max(0, top + (steps[action] ?? 0)))
    case .card(var card):
      let page = max(1, CardView.rows(card, size: shell.overlayBounds.size) - 1)
      let steps: [Action: Int] = [
        .up: -1, .down: 1, .pageUp: -page, .pageDown: page, .first: -card.top, .last: card.lines.count,
      ]
      card.top = max(0, card.top + (steps[action] ?? 0))
      shell.overlay = .card(card)
    case .sampler(var panel):
      if action == .left || action == .right { return stepSetting(up: action == .right) }
      panel.entry = nil
      panel.window.move(action)
      shell.overlay = .sampler(panel)
    case .picker(var picker):
      picker.window.move(action)
      shell.overlay = .picker(picker)
      previewTheme()
    case .sessions(var browser):
      browser.window.move(action)
      browser.removing = nil
      shell.overlay = .sessions(browser)
    case .reading: _ = performInReading(action)
    case .failure, nil: break
    }
  }

  /// Replaces the list of models. If it is open to choose from, the chosen row stays chosen.
  mutating func receive(models: [ModelSummary]) {
    guard case .picker(var picker) = shell.overlay, picker.subject == .model else {
      shell.models = models
      return
    }
    let chosen = items(picker).dropFirst(picker.window.selected).first?.choice
    shell.models = models
    let rows = items(picker)
    picker.window.update(count: rows.count)
    if let row = rows.firstIndex(where: { $0.choice == chosen }) { picker.window.follow(to: row) }
    shell.overlay = .picker(picker)
  }

  /// Updates the number of visible rows and the scroll position of the open overlay for the size of the screen.
  mutating func fitOverlay() {
    switch shell.overlay {
    case .help(let top): shell.overlay = .help(top: min(top, HelpView.lastTop(self)))
    case .sampler(var panel):
      let rows = SamplerRow.rows(samplerValues)
      panel.window.update(count: rows.count, height: SamplerView.rows(shell.layout.sampler))
      panel.stage = rows.indices.contains(panel.window.selected) ? rows[panel.window.selected].stage : nil
      shell.overlay = .sampler(panel)
    case .picker(var picker):
      picker.window.update(count: items(picker).count, height: PickerView.rows(self, picker))
      shell.overlay = .picker(picker)
    case .sessions(var browser):
      browser.window.update(height: SessionsView.rows(self))
      shell.overlay = .sessions(browser)
    case .card(var card):
      card.fit(width: CardView.width(size: shell.overlayBounds.size)) {
        CardView.lastTop($0, size: shell.overlayBounds.size)
      }
      shell.overlay = .card(card)
    case .reading, .failure, nil: break
    }
  }

  /// Previews the selected theme of the theme picker.
  private mutating func previewTheme() {
    guard case .picker(let picker) = shell.overlay, case .theme = picker.subject else { return }
    let items = items(picker)
    if items.indices.contains(picker.window.selected), case .theme(let name) = items[picker.window.selected].choice {
      shell.theme = name
    }
  }

  /// Enter in an overlay or a search field.
  mutating func accept() -> [Effect] {
    switch shell.overlay {
    case nil: current.list?.isSearching = false
    case .help, .reading, .failure: shell.overlay = nil
    case .sampler: if !commitSetting() { shell.overlay = nil }
    case .card(let card):
      shell.overlay = nil
      return choose(card.model)
    case .sessions(let browser): return openChosenSession(browser)
    case .picker(let picker):
      let items = items(picker)
      guard items.indices.contains(picker.window.selected) else { return [] }
      let choice = items[picker.window.selected].choice
      if case .problem(let problem) = choice {
        shell.notice = problem
        return []
      }
      if case .completion(let text) = choice {
        openPicker(.palette, filter: text)
        return []
      }
      shell.overlay = nil
      return choose(choice)
    }
    return []
  }

  /// Escape in an overlay or a search field.
  mutating func close() {
    switch shell.overlay {
    case nil:
      current.list?.isSearching = false
      current.list?.search = LineInput()
    case .sampler(var panel) where panel.entry != nil:
      panel.entry = nil
      shell.overlay = .sampler(panel)
    case .picker(let picker):
      if case .theme(let original) = picker.subject { shell.theme = original }
      shell.overlay = nil
    case .card(let card): shell.overlay = .picker(card.picker)
    default: shell.overlay = nil
    }
  }

  /// Does what a row of a picker stands for.
  mutating func choose(_ choice: PickerItem.Choice) -> [Effect] {
    switch choice {
    case .model(let model): return choose(model)
    case .theme(let name): shell.theme = name
    case .lesson(let index): return openLesson(index)
    case .own(let value, let list): return tabs[shell.tab].choose(value, in: list, &shell)
    case .action(let action): return perform(action)
    case .setting(let row, let value):
      shell.notice = set(row, to: value) ?? "\(row.name): \(row.text(samplerValues))"
    case .heat(let measure): shell.heat = measure
    case .preset(let preset): use(preset)
    case .presetName(let name): return save(presetName: name)
    case .exportName(let name): return export(to: name)
    case .leaving(let choice): return leave(choice)
    case .sessionFile(let name):
      shell.leavesWhenSaved = true
      return [.moveSession(path: shell.expanded(name), number: ownSession.number)]
    case .path(let reference): return openPath(reference)
    case .completion, .problem: break
    }
    return []
  }

  /// Uses another model in the open tab. If the tab does not take its family, opens the first tab that does.
  private mutating func choose(_ model: ModelSummary) -> [Effect] {
    guard model.canOpen, let family = model.family else {
      shell.fail(
        EngineError(
          .model, "cannot open the model", at: model.path, expected: "complete files of a supported architecture",
          found: model.reason ?? "the architecture \(model.architecture), which is not supported"))
      return []
    }
    let reference = ModelReference(model.name, format: current.model.format)
    // Retry a model that failed to open.
    if case .failed = shell.opened[reference] { shell.opened[reference] = nil }
    return place(reference, family)
  }
}
