import EngineAPI
import TerminalUI

extension KeyContext {
  /// The form that starts a run.
  static let trainForm = KeyContext("train-form", .textEntry)
  /// A value that is typed above the panes.
  static let trainEntry = KeyContext("train-entry", .textEntry)
  /// The chart.
  static let trainChart = KeyContext("train-chart", .pane)
  /// What the model says to the prompts.
  static let trainSays = KeyContext("train-says", [.pane, .rows])
  /// The distribution of one prompt.
  static let trainCandidates = KeyContext("train-candidates", .pane)
  /// The runs and the figures of one.
  static let trainRuns = KeyContext("train-runs", [.pane, .rows])
  /// The meaning of a line of the form; never has the focus.
  static let trainAbout = KeyContext("train-about", [])
}

extension Focus {
  /// The form that starts a run.
  static let trainForm = Focus(.trainForm)
  /// A value that is typed above the panes.
  static let trainEntry = Focus(.trainEntry)
  /// The chart.
  static let trainChart = Focus(.trainChart)
  /// What the model says to the prompts.
  static let trainSays = Focus(.trainSays)
  /// The distribution of one prompt.
  static let trainCandidates = Focus(.trainCandidates)
  /// The runs and the figures of one.
  static let trainRuns = Focus(.trainRuns)
  /// The meaning of a line of the form.
  static let trainAbout = Focus(.trainAbout)
}

extension Action {
  static let startRun = Action("train.start")
  static let newRun = Action("train.new")
  static let openRun = Action("train.open")
  static let resumeRun = Action("train.resume")
  static let removeRun = Action("train.remove")
  static let pauseRun = Action("train.pause")
  static let learningRate = Action("train.learning-rate")
  static let saveRun = Action("train.save")
  static let tryModel = Action("train.try")
  static let chartScale = Action("train.scale")
  static let smoothing = Action("train.smoothing")
}

extension TrainState {
  static let contexts = [
    KeyContext.trainForm, .trainEntry, .trainChart, .trainSays, .trainCandidates, .trainRuns, .trainAbout,
  ]

  private static let panes: Set<KeyContext> = [.trainChart, .trainSays, .trainCandidates, .trainRuns]

  static let keys: [KeyBinding] = [
    .own(
      id, .startRun, "enter", in: [.trainForm], .prompt, "Start the run", hint: "start", order: 1,
      synonyms: ["train", "fine-tune"]),
    lines,
    .own(id, .down, "down", in: [.trainForm], .prompt, "The line below"),
    .own(id, .close, "esc", in: [.trainForm], .prompt, "Back to the runs"),
    .own(id, .accept, "enter", in: [.trainEntry], .prompt, "Use the value", hint: "use it", order: 1),
    .own(id, .close, "esc", in: [.trainEntry], .prompt, "Leave the value", hint: "leave", order: 2),
    .own(
      id, .pauseRun, "p", in: panes, .streams, "Pause the run after this step, or go on", hint: "pause", order: -5,
      synonyms: ["continue"]),
    .own(
      id, .learningRate, "l", in: panes, .streams, "Another learning rate from the next step on",
      hint: "learning rate", order: -4, synonyms: ["lr"]),
    .own(
      id, .saveRun, "s", in: panes, .streams, "Save a checkpoint after this step", hint: "save now", order: -3),
    .own(
      id, .tryModel, "t", in: panes, .streams, "Try the model as it stands, in its tab", hint: "try it in its tab",
      order: -2, synonyms: ["talk to", "open"]),
    .own(
      id, .stop, "esc", in: panes, .streams, "Stop the run and keep it: a checkpoint and the model are written",
      hint: "stop and keep", order: -1),
    .own(
      id, .chartScale, "a", in: panes, .streams, "Axis of the chart: linear or logarithmic", hint: "axis", order: 6,
      hintIn: [.trainChart], synonyms: ["log scale"]),
    .own(
      id, .smoothing, "w", in: panes, .streams,
      "Smooth the chart: by a moving average of 0.9, 0.99, not at all, or 0.6",
      hint: "smooth", order: 7, hintIn: [.trainChart], synonyms: ["moving average"]),
    .own(
      id, .openRun, "o", in: panes, .streams,
      "Open a recorded run beside it: its folder, or event files of TensorBoard",
      hint: "open", order: 8, synonyms: ["compare", "overlay", "TensorBoard"]),
    .own(
      id, .openRun, "alt-o", in: [.trainForm], .streams,
      "Open a recorded run beside it: its folder, or event files of TensorBoard", hint: "open a run", order: 3,
      synonyms: ["TensorBoard"]),
    .own(
      id, .removeRun, "backspace delete", in: panes, .streams, "Take the run off the screen; its files stay",
      hint: "take off", order: 9, hintIn: [.trainRuns]),
    .own(id, .newRun, "n", in: panes, .streams, "The form for another run", hint: "new run", order: 10),
    .own(
      id, .resumeRun, "r", in: panes, .streams, "Go on with a run that was stopped, from its last checkpoint",
      hint: "resume", order: 11, hintIn: [.trainRuns], synonyms: ["continue"]),
  ]

  /// The key for the line above, shown with that for the line below.
  private static let lines: KeyBinding = {
    var binding = KeyBinding.own(
      id, .up, "up", in: [.trainForm], .prompt, "The line above", hint: "line", order: 2)
    binding.hintPartner = .down
    return binding
  }()

  func hidesHint(of action: Action) -> Bool {
    training == nil && [.pauseRun, .learningRate, .saveRun, .stop].contains(action)
  }

  func hint(of action: Action) -> String? {
    guard action == .pauseRun, let index = trainingIndex, [.pausing, .paused].contains(runs[index].status) else {
      return nil
    }
    return "go on"
  }

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .startRun: return startRun(&shell)
    case .close where entry != nil: leaveEntry()
    case .close where showsForm: if !runs.isEmpty { showRuns() }
    case .accept where entry != nil: return acceptEntry(&shell)
    case .newRun:
      showsForm = true
      focus = .trainForm
    case .openRun: begin(TrainEntry(kind: .path))
    case .resumeRun: return resumeRun(&shell)
    case .removeRun: return removeRun(&shell)
    case .pauseRun: return pauseRun(&shell)
    case .learningRate: if steered("change", &shell) != nil { begin(TrainEntry(kind: .learningRate)) }
    case .saveRun:
      guard let index = steered("save", &shell) else { return [] }
      shell.notice = "a checkpoint is written after this step"
      return [steer(.save, index, &shell)]
    case .tryModel: return tryModel(&shell)
    case .chartScale:
      scale = scale.next
      shell.notice = scale == .linear ? "linear axis" : "logarithmic axis"
    case .smoothing:
      let all = [0.9, 0.99, 0, 0.6]
      smoothing = all[((all.firstIndex(of: smoothing) ?? 0) + 1) % all.count]
      shell.notice =
        smoothing == 0 ? "the values themselves" : "moving average: each step keeps \(smoothing) of the one before"
    case .example: shell.notice = "there is no example of a run"
    default: return nil
    }
    return []
  }

  mutating func typed(_ stroke: KeyStroke, _ shell: inout Shell) {
    if entry != nil {
      guard (entry?.input.text.utf8.count ?? 0) < TrainForm.mostBytes || stroke.typedCharacter == nil else { return }
      if entry?.input.handle(stroke) == true { entry?.problem = nil }
    } else if showsForm {
      form.type(stroke)
    }
  }

  mutating func move(_ action: Action, _ shell: inout Shell) {
    switch (focus, action) {
    case (.trainForm, _): form.window.move(action)
    case (_, .left): look(by: -1)
    case (_, .right): look(by: 1)
    case (.trainChart, .up), (.trainChart, .down): walkFigures(by: action == .up ? -1 : 1)
    case (.trainChart, .pageUp): look(by: -10)
    case (.trainChart, .pageDown): look(by: 10)
    case (.trainChart, .first): place = places.first
    case (.trainChart, .last): place = nil
    case (.trainSays, _): promptWindow.move(action)
    case (.trainCandidates, _): candidateWindow.move(action)
    case (.trainRuns, _):
      var window = ListWindow(count: runs.count, selected: chosen)
      window.move(action)
      choose(window.selected)
    default: break
    }
  }

  /// Shows another run. The step that is looked back at stays.
  mutating func choose(_ index: Int) {
    guard runs.indices.contains(index) else { return }
    chosen = index
    if let last = places.last, let place, place > last { self.place = nil }
  }

  private mutating func walkFigures(by step: Int) {
    let all = figures
    guard !all.isEmpty else { return }
    let index = all.firstIndex(of: figure) ?? 0
    figure = all[(index + step + all.count) % all.count]
  }

  /// Moves the slider over the steps; beyond the last one it follows the run.
  mutating func look(by step: Int) {
    let places = places
    guard !places.isEmpty else { return }
    let index = place.map { place in places.lastIndex { $0 <= place } ?? 0 } ?? places.count - 1
    let target = index + step
    place = target >= places.count - 1 && step > 0 ? nil : places[min(max(target, 0), places.count - 1)]
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    let row = point.y - pane.inside.y
    guard row >= 0, row < pane.inside.height else { return }
    switch pane.focus {
    case .trainForm: form.window.select(form.window.top + row)
    case .trainSays:
      let height = TrainSaysView(tab: self).blockHeight(pane.inside.size)
      let index = promptWindow.top + row / height
      if promptWindow.visible.contains(index) { promptWindow.select(index) }
    case .trainRuns:
      if let index = TrainRunsView(tab: self).run(atRow: row, height: pane.inside.height) { choose(index) }
    default: break
    }
  }
}
