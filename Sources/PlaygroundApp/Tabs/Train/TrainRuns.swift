import EngineAPI
import TerminalUI

/// Starts, steers, opens and closes runs.
extension TrainState {
  // MARK: Starting

  /// Starts the run of the form, or says what is wrong in its lines.
  mutating func startRun(_ shell: inout Shell) -> [Effect] {
    guard !refusesSecondRun(&shell), var request = form.request() else { return [] }
    request.model.name = shell.expanded(request.model.name)
    request.trainFiles = request.trainFiles.map(shell.expanded)
    request.validationFile = request.validationFile.map(shell.expanded)
    request.output = shell.expanded(request.output)
    request.options.klFile = request.options.klFile.map(shell.expanded)
    return begin(request, &shell)
  }

  /// Only one run at a time is trained here.
  private func refusesSecondRun(_ shell: inout Shell) -> Bool {
    guard let index = trainingIndex else { return false }
    shell.notice = "\(runs[index].name) is still going" + shell.keyHint(.stop, in: .trainChart, "stops it")
    return true
  }

  private mutating func begin(_ request: TrainRequest, _ shell: inout Shell) -> [Effect] {
    lastNumber += 1
    let version = shell.nextVersion()
    training = (lastNumber, version)
    var run = WatchedRun(number: lastNumber, request: request)
    var effects: [Effect] = []
    if let index = runs.firstIndex(where: { $0.path == request.output }) {
      effects = unwatch(runs[index].number)
      // What was recorded up to the checkpoint stays: the steps after it are made again.
      if request.options.continues { run = runs[index].resumed(as: run) }
      runs[index] = run
      chosen = index
    } else {
      runs.append(run)
      chosen = runs.count - 1
    }
    place = nil
    opensWhenSaved = false
    showRuns()
    return effects + [.train(Ticket(.training, version: version), request)]
  }

  /// Shows the runs in place of the form.
  mutating func showRuns() {
    showsForm = false
    focus = .trainChart
  }

  /// Goes on with the chosen run.
  mutating func resumeRun(_ shell: inout Shell) -> [Effect] {
    guard let run, !refusesSecondRun(&shell) else { return [] }
    guard var request = run.request else {
      form["output_dir"] = run.path
      form["more"] = "resume=true"
      showsForm = true
      focus = .trainForm
      shell.notice = "the files have no request: enter the options with which the run was started"
      return []
    }
    request.options.resumeFromCheckpoint = nil
    request.options.resume = true
    return begin(request, &shell)
  }

  // MARK: Steering

  /// The index of the run that is being trained; `nil`, with a notice, if none is.
  mutating func steered(_ verb: String, _ shell: inout Shell) -> Int? {
    if let index = trainingIndex, runs[index].status != .stopping { return index }
    shell.notice = training == nil ? "no run is going: nothing to \(verb)" : "the run is about to end"
    return nil
  }

  /// A command to the run.
  func steer(_ command: TrainingCommand, _ index: Int, _ shell: inout Shell) -> Effect {
    .steer(Ticket(.steering, version: shell.nextVersion()), output: runs[index].path, command)
  }

  /// The run does not do what it was told.
  mutating func refuse(_ error: EngineError, _ shell: inout Shell) {
    shell.fail(error)
    opensWhenSaved = false
    if let index = trainingIndex, [.pausing, .stopping].contains(runs[index].status) { runs[index].status = .running }
  }

  mutating func pauseRun(_ shell: inout Shell) -> [Effect] {
    guard let index = steered("pause", &shell) else { return [] }
    switch runs[index].status {
    case .paused, .pausing:
      runs[index].status = .running
      return [steer(.resume, index, &shell)]
    default:
      runs[index].status = .pausing
      return [steer(.pause, index, &shell)]
    }
  }

  /// Opens the chosen run's model in its tab. That of a run that is going is saved first.
  mutating func tryModel(_ shell: inout Shell) -> [Effect] {
    guard let run else { return [] }
    guard run.isGoing, let index = trainingIndex, runs[index].number == run.number else {
      shell.wantedModel = ModelReference(run.saved ?? run.path)
      return []
    }
    guard let index = steered("try", &shell) else { return [] }
    opensWhenSaved = true
    shell.notice = "the model opens in its tab as soon as it is saved"
    return [steer(.save, index, &shell)]
  }

  // MARK: Events

  /// Takes an event of the run that is being trained.
  mutating func receive(_ event: TrainingEvent, _ shell: inout Shell) {
    guard let index = trainingIndex else { return }
    runs[index].take(event)
    switch event {
    case .notice(let text): if shell.tab == Self.id { shell.notice = text }
    case .learningRate(let step, let peak):
      shell.notice = "highest learning rate after step \(NumberText.grouped(step)): \(FigureText.scientific(peak))"
    case .saved(let path):
      // Other weights than those that may be open.
      if case .ready = shell.opened[ModelReference(path)] { shell.opened[ModelReference(path)] = nil }
      if shell.tab == Self.id { shell.notice = "saved: \(path)" }
      if opensWhenSaved { shell.wantedModel = ModelReference(path) }
      opensWhenSaved = false
    default: break
    }
  }

  /// The run that was trained has ended.
  mutating func end(_ result: Result<TrainResult, EngineError>, _ shell: inout Shell) {
    let index = trainingIndex
    training = nil
    opensWhenSaved = false
    guard let index else { return }
    switch result {
    case .success(let result):
      runs[index].status = .ended
      shell.notice = "the model is in \(result.path)" + shell.keyHint(.tryModel, in: .trainChart, "opens it in its tab")
    case .failure(let error) where error.kind == .interrupted: runs[index].status = .ended
    case .failure(let error):
      shell.fail(error)
      runs[index].status = .failed(error.what)
      guard runs[index].figures.isEmpty else { return }
      // Nothing was learned: the form is still there, with the line that the error is about.
      runs.remove(at: index)
      chosen = max(0, min(chosen, runs.count - 1))
      _ = form.mark(error)
      showsForm = true
      focus = .trainForm
    }
  }

  // MARK: Entries

  /// Opens the line for a value above the panes.
  mutating func begin(_ entry: TrainEntry) {
    self.entry = entry
    focus = .trainEntry
  }

  mutating func leaveEntry() {
    entry = nil
    openingVersion = nil
    focus = focusOrder[0]
  }

  /// Uses the value that is typed above the panes.
  mutating func acceptEntry(_ shell: inout Shell) -> [Effect] {
    guard let entry else { return [] }
    switch entry.kind {
    case .learningRate:
      guard let rate = entry.learningRate else {
        self.entry?.problem = "expected a number, at least 0"
        return []
      }
      leaveEntry()
      guard let index = steered("change", &shell) else { return [] }
      return [steer(.setLearningRate(rate), index, &shell)]
    case .path:
      let path = shell.expanded(entry.input.text.withoutOuterSpaces)
      guard !path.isEmpty else {
        self.entry?.problem = "needed"
        return []
      }
      if let index = runs.firstIndex(where: { $0.path == path }) {
        leaveEntry()
        showRuns()
        choose(index)
        return []
      }
      openingVersion = shell.nextVersion()
      return openingVersion.map { [.readRun(Ticket(.opening, version: $0), path: path)] } ?? []
    }
  }

  // MARK: Recorded runs

  /// Takes what was read from a run's files.
  mutating func receive(_ result: Result<TrainingHistory, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    if ticket.slot == .opening {
      guard ticket.version == openingVersion else { return }
      openingVersion = nil
      switch result {
      case .failure(let error):
        entry?.problem = error.what
        shell.fail(error)
      case .success(let history):
        lastNumber += 1
        runs.append(WatchedRun(number: lastNumber, history: history))
        watched[lastNumber] = .some(nil)
        leaveEntry()
        showRuns()
        choose(runs.count - 1)
        if !figures.contains(figure) { figure = figures.first ?? "loss" }
      }
      return
    }
    guard let index = runs.firstIndex(where: { ticket.slot == .watching($0.number) }),
      watched[runs[index].number] == .some(ticket.version), case .success(let history) = result
    else { return }
    runs[index].take(history)
  }

  /// Requests the files of opened runs again as they grow.
  mutating func watch(_ shell: inout Shell) -> [Effect] {
    var effects: [Effect] = []
    for run in runs {
      guard let sent = watched[run.number], sent == nil else { continue }
      let version = shell.nextVersion()
      watched[run.number] = version
      effects.append(.watchRun(Ticket(.watching(run.number), version: version), path: run.path))
    }
    return effects
  }

  private mutating func unwatch(_ number: Int) -> [Effect] {
    watched.removeValue(forKey: number) == nil ? [] : [.cancel(.watching(number))]
  }

  /// Takes the chosen run off the screen.
  mutating func removeRun(_ shell: inout Shell) -> [Effect] {
    guard let run else { return [] }
    guard run.number != training?.run else {
      shell.notice = "\(run.name) is still going" + shell.keyHint(.stop, in: .trainRuns, "stops it")
      return []
    }
    runs.remove(at: chosen)
    chosen = max(0, min(chosen, runs.count - 1))
    if runs.isEmpty {
      showsForm = true
      focus = .trainForm
    }
    return unwatch(run.number)
  }
}
