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
      case .model(let model): model.name == leadingModel.name
      case .theme(let name): name == theme?.name
      case .direction(let direction): direction == translate.direction
      default: false
      }
    }
    picker.window.select(present ?? 0)
    overlay = .picker(picker)
  }

  /// A key that narrows a picker's list.
  mutating func typeIntoPicker(_ stroke: KeyStroke) {
    guard case .picker(var picker) = overlay else { return }
    let before = picker.filter.text
    picker.filter.handle(stroke)
    if picker.filter.text != before { picker.window.select(0) }
    picker.window.update(count: items(picker).count)
    overlay = .picker(picker)
    previewTheme()
  }

  /// The card of the model that is chosen in the list.
  mutating func openCard() {
    guard case .picker(let picker) = overlay else { return }
    let items = items(picker)
    guard items.indices.contains(picker.window.selected),
      case .model(let model) = items[picker.window.selected].choice
    else { return }
    overlay = .card(ModelCard(model: model, picker: picker))
  }

  mutating func moveInOverlay(_ action: Action) {
    switch overlay {
    case .help(let top):
      let page = max(1, HelpView.rows(self) - 1)
      let steps: [Action: Int] = [.up: -1, .down: 1, .pageUp: -page, .pageDown: page, .first: -top, .last: .max / 2]
      overlay = .help(top: max(0, top + (steps[action] ?? 0)))
    case .card(var card):
      let page = max(1, CardView.rows(card, size: size) - 1)
      let steps: [Action: Int] = [
        .up: -1, .down: 1, .pageUp: -page, .pageDown: page, .first: -card.top, .last: card.lines.count,
      ]
      card.top = max(0, card.top + (steps[action] ?? 0))
      overlay = .card(card)
    case .sampler(var panel):
      if action == .left || action == .right { return stepSetting(up: action == .right) }
      panel.entry = nil
      panel.window.move(action)
      overlay = .sampler(panel)
    case .picker(var picker):
      picker.window.move(action)
      overlay = .picker(picker)
      previewTheme()
    case .failure, nil: break
    }
  }

  /// Brings rows and heights of the open overlay in line with the screen.
  mutating func fitOverlay() {
    switch overlay {
    case .help(let top): overlay = .help(top: min(top, HelpView.lastTop(self)))
    case .sampler(var panel):
      panel.window.update(
        count: SamplerRow.rows(samplerValues).count, height: SamplerView.rows(SamplerView.frame(self)))
      overlay = .sampler(panel)
    case .picker(var picker):
      picker.window.update(count: items(picker).count, height: PickerView.rows(self, picker))
      overlay = .picker(picker)
    case .card(var card):
      card.fit(width: CardView.width(size: size)) { CardView.lastTop($0, size: size) }
      overlay = .card(card)
    case .failure, nil: break
    }
  }

  /// The chosen theme of the theme picker is shown at once.
  private mutating func previewTheme() {
    guard case .picker(let picker) = overlay, case .theme = picker.subject else { return }
    let items = items(picker)
    if items.indices.contains(picker.window.selected), case .theme(let name) = items[picker.window.selected].choice {
      themeName = name
    }
  }

  /// Enter in an overlay or a search field.
  mutating func accept() -> [Effect] {
    switch overlay {
    case nil: list?.isSearching = false
    case .help, .failure: overlay = nil
    case .sampler: if !commitSetting() { overlay = nil }
    case .card(let card):
      overlay = nil
      return choose(card.model)
    case .picker(let picker):
      let items = items(picker)
      guard items.indices.contains(picker.window.selected) else { return [] }
      let choice = items[picker.window.selected].choice
      if case .problem(let problem) = choice {
        notice = problem
        return []
      }
      if case .completion(let text) = choice {
        openPicker(.palette, filter: text)
        return []
      }
      overlay = nil
      return choose(choice)
    }
    return []
  }

  /// Escape in an overlay or a search field.
  mutating func close() {
    switch overlay {
    case nil:
      list?.isSearching = false
      list?.search = LineInput()
    case .sampler(var panel) where panel.entry != nil:
      panel.entry = nil
      overlay = .sampler(panel)
    case .picker(let picker):
      if case .theme(let original) = picker.subject { themeName = original }
      overlay = nil
    case .card(let card): overlay = .picker(card.picker)
    default: overlay = nil
    }
  }

  private mutating func choose(_ choice: PickerItem.Choice) -> [Effect] {
    switch choice {
    case .model(let model): return choose(model)
    case .theme(let name): themeName = name
    case .direction(let direction): return setDirection(direction)
    case .action(let action): return perform(action)
    case .setting(let row, let value):
      notice = set(row, to: value) ?? "\(row.name): \(row.text(samplerValues))"
    case .heat(let measure): heat = measure
    case .path(let reference): return openPath(reference)
    case .completion, .problem: break
    }
    return []
  }

  /// Another model for the leading stream or the task; one of another family opens its tab.
  private mutating func choose(_ model: ModelSummary) -> [Effect] {
    guard let family = model.family else {
      overlay = .failure(
        EngineError(
          .model, "architecture \(model.architecture) is not supported yet", at: model.path,
          expected: "gpt2, bert or t5", found: model.architecture))
      return []
    }
    let reference = ModelReference(model.name, format: leadingModel.format)
    // A model that could not be opened is tried again.
    if case .failed = opened[reference] { opened[reference] = nil }
    return place(reference, family)
  }

  /// Opens a model by a path that was typed. Nothing changes before it is open.
  private mutating func openPath(_ reference: ModelReference) -> [Effect] {
    if let information = information(reference) { return place(reference, information.family) }
    pendingModel = PendingModel(reference: reference, place: workPlace)
    notice = openingNotice(reference)
    if case .loading = opened[reference] { return [] }
    opened[reference] = .loading(LoadProgress(fraction: 0, step: "opening"))
    return [.load(reference)]
  }

  /// The model of a typed path is open. It takes its place unless the person has gone on to something else.
  mutating func placePending(_ reference: ModelReference, _ family: ModelFamily) -> [Effect] {
    guard let pending = pendingModel, pending.reference == reference else { return [] }
    pendingModel = nil
    if notice == openingNotice(reference) { notice = nil }
    var place = workPlace
    // What is typed meanwhile is meant for the tab that is open.
    if PlaygroundTask(family: family) == task { place.text = pending.place.text }
    guard overlay == nil, place == pending.place else {
      notice = "\(reference.shortName) is open: choose its path again to go there"
      return []
    }
    return self.place(reference, family)
  }

  /// Where the person is and what was begun there.
  private var workPlace: PendingModel.Place {
    var requests: [Int?] = []
    switch task {
    case .generate: requests = generate.streams.map { $0.waiting == nil ? $0.run?.version : -1 }
    case .fillMask: requests = [fillMask.fillings.awaited]
    case .translate: requests = [translate.beams.isBusy ? 1 : 0]
    }
    return PendingModel.Place(
      task: task, stream: generate.leading.id, model: leadingModel, text: prompt.editor.text, requests: requests)
  }

  func openingNotice(_ reference: ModelReference) -> String { "opening \(reference.name)" }

  /// Puts a model where its family belongs.
  mutating func place(_ reference: ModelReference, _ family: ModelFamily) -> [Effect] {
    task = PlaygroundTask(family: family)
    guard reference != leadingModel else { return [] }
    switch task {
    case .generate: return setModel(reference, stream: generate.lead)
    case .fillMask:
      fillMask.model = reference
      fillMask.fillings = FillingsState()
      for index in fillMask.lists.indices { fillMask.lists[index].clear() }
    case .translate:
      let beams = translate.beams
      if !beams.hypotheses.isEmpty { translate.branches.leave(beams.settled) }
      translate.beams = BeamsState()
      setTranslationModel(reference)
      if beams.isBusy { return [.cancel(.beams)] }
    }
    return []
  }

  private mutating func setModel(_ reference: ModelReference, stream index: Int) -> [Effect] {
    releaseSeed(stream: index)
    let stream = generate.streams[index]
    generate.streams[index].model = reference
    generate.streams[index].waiting = nil
    generate.streams[index].cursor = nil
    generate.streams[index].scroll = nil
    if let run = stream.run { generate.streams[index].branches.leave(run.settled) }
    generate.streams[index].run = nil
    takeDefaults(stream: index)
    return stream.isRunning ? [.cancel(.stream(stream.id))] : []
  }
}

/// A model that is being opened by its path, to take its place once its family is known.
struct PendingModel: Sendable, Equatable {
  /// Where the person was and what had been begun there.
  struct Place: Sendable, Equatable {
    /// The open tab.
    var task: PlaygroundTask
    /// The leading stream.
    var stream: Int
    /// The model in use.
    var model: ModelReference
    /// The prompt.
    var text: String
    /// What was asked of the engine.
    var requests: [Int?]
  }

  /// The model.
  var reference: ModelReference
  /// Where its path was typed.
  var place: Place
}
