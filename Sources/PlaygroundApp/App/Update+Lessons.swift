import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// The user's own tabs, also while a lesson is open.
  var ownTabs: TabSet { lesson?.ownTabs ?? tabs }

  /// Opens a lesson with its prepared state. Saves the user's own state unless another lesson has already saved it.
  mutating func openLesson(_ index: Int) -> [Effect] {
    guard Lesson.all.indices.contains(index) else { return [] }
    let effects = stopAllTabs()
    let new = Lesson.all[index]
    let (ownTabs, ownShell) = (self.ownTabs, lesson?.ownShell ?? shell)
    let model = model(for: new.tab)
    let mask = shell.information(model)?.maskToken?.text ?? "[MASK]"
    var settings = ownShell.settings
    settings.sampling = nil
    settings.maxTokens = 32
    settings.seed = 7
    settings.drafts = [new.tab: new.prompt.replacing("[MASK]", with: mask)]
    settings.history = [:]
    (settings.heat, settings.heatKind) = (.probability, .sequential)
    var fresh = Shell(settings: settings, tab: new.tab, size: shell.size)
    fresh.takeWorld(of: shell)
    shell = fresh
    var models = Dictionary(uniqueKeysWithValues: TabID.allCases.map { ($0, ownTabs[$0].models) })
    models[new.tab] = [model]
    tabs = TabSet(models: models, settings: settings)
    for tab in TabID.allCases {
      for model in Set(tabs[tab].models) {
        if let information = shell.information(model) { tabs[tab].didOpen(model, information, shell) }
      }
    }
    if var values = tabs[new.tab].sampler {
      values.maxTokens = min(values.maxTokens, settings.maxTokens)
      new.settings(&values)
      tabs[new.tab].sampler = values
    }
    tabs[new.tab].setFocus(new.focus)
    lesson = LessonRun(index: index, ownTabs: ownTabs, ownShell: ownShell)
    return effects
  }

  /// Leaves the lesson and restores the user's own tabs.
  mutating func leaveLesson() -> [Effect] {
    guard let lesson else { return [] }
    let effects = stopAllTabs()
    let world = shell
    tabs = lesson.ownTabs
    shell = lesson.ownShell
    shell.takeWorld(of: world)
    self.lesson = nil
    for tab in TabID.allCases {
      tabs[tab].askAgain()
      for model in Set(tabs[tab].models) where lesson.ownShell.information(model) == nil {
        if let information = shell.information(model) { tabs[tab].didOpen(model, information, shell) }
      }
    }
    shell.notice = "the lesson is over: your own texts and settings are back"
    return effects
  }

  /// Moves to the next or previous step; beyond the last or first step, to the next or previous lesson.
  mutating func moveStep(by offset: Int) -> [Effect] {
    guard let run = lesson else { return [] }
    let step = run.step + offset
    if run.lesson.steps.indices.contains(step) {
      lesson?.step = step
      lesson?.start = nil
      return []
    }
    let index = run.index + offset
    if Lesson.all.indices.contains(index) { return openLesson(index) }
    guard offset > 0 else { return [] }
    let effects = leaveLesson()
    shell.notice = "that was the last lesson: your own texts and settings are back"
    return effects
  }

  /// Called after every message: advances if the step's condition is met. Removes effects that would add a lesson's
  /// prompt to the history.
  mutating func followLesson(_ effects: [Effect]) -> [Effect] {
    guard let run = lesson else { return effects }
    let now = LessonFacts(self)
    if let start = run.start {
      if run.isHere(self), now != start, let condition = run.shown.condition, condition.isMet(start, now),
        run.step + 1 < run.lesson.steps.count
      {
        lesson?.step += 1
        lesson?.start = now
      }
    } else {
      lesson?.start = now
    }
    return effects.filter { if case .remember = $0 { false } else { true } }
  }

  /// The model for a lesson: the tab's default. If that can't be opened, another model of a family that the tab takes,
  /// preferably one that is already open.
  private func model(for tab: TabID) -> ModelReference {
    let own = ownTabs[tab].model
    guard shell.failure(own) != nil else { return own }
    let open = shell.opened.compactMap { $0.value.information.map(\.family).map(tab.takes) == true ? $0.key : nil }
    if let model = open.min(by: { $0.description < $1.description }) { return model }
    let listed = shell.models.filter { $0.family.map(tab.takes) == true }.map { ModelReference($0.name) }
    return listed.first { shell.failure($0) == nil } ?? own
  }

  /// Stops the work of all tabs.
  mutating func stopAllTabs() -> [Effect] {
    var effects: [Effect] = []
    for tab in TabID.allCases { effects += tabs[tab].stop(&shell) ?? [] }
    return effects
  }
}

extension LessonRun {
  /// Whether the lesson's tab is open.
  func isHere(_ state: PlaygroundState) -> Bool { state.shell.tab == lesson.tab }
}

extension Shell {
  /// Copies the parts of another shell that belong to the terminal and the engine, such as size and opened models.
  fileprivate mutating func takeWorld(of other: Shell) {
    (size, layout) = (other.size, other.layout)
    (models, opened, lastVersion) = (other.models, other.opened, other.lastVersion)
    (display.mouse, display.theme) = (other.mouse, other.theme)
    overlay = other.overlay
  }
}

extension LessonFacts {
  /// The facts of a state.
  init(_ state: PlaygroundState) {
    let tab = state.current
    focus = tab.focus
    overlay = state.shell.overlay?.keyContext
    prompt = tab.prompt.editor.text
    model = tab.model
    sampler = tab.sampler
    let mask = state.shell.information(tab.model)?.maskToken?.text ?? ""
    gaps = mask.isEmpty ? 0 : tab.prompt.editor.text.ranges(of: mask).count
    candidate = tab.list?.window.selected
    showsChain = tab.list?.showsChain ?? false
    trace = tab.walkedText?.trace
    cursor = tab.walkedCursor
    begun = tab.begun
    hasText = tab.unkept(state.shell) != nil
    isBusy = tab.isBusy
    heat = state.shell.heat
  }
}
