import EngineAPI
import TerminalUI

extension TrainState {
  func arrange(_ arrangement: inout PaneArrangement) {
    var content = arrangement.content
    if entry != nil {
      let rows = content.rows([.cells(min(4, max(3, content.height / 3))), .rest])
      arrangement.add(.trainEntry, rows[0])
      content = rows[1]
    }
    if showsForm { arrangeForm(&arrangement, content) } else { arrangeRuns(&arrangement, content) }
  }

  private func arrangeForm(_ arrangement: inout PaneArrangement, _ content: Rect) {
    guard arrangement.form != .close else {
      let rows = content.rows([.rest, .cells(2)])
      arrangement.add(.trainForm, rows[0])
      arrangement.add(.trainAbout, rows[1], framed: false)
      return
    }
    if content.width >= PaneArrangement.columnsForFullHeight {
      let columns = content.columns([.fraction(0.6), .rest])
      arrangement.add(.trainForm, columns[0])
      arrangement.add(.trainAbout, columns[1])
    } else {
      let rows = content.rows([.rest, .cells(5)])
      arrangement.add(.trainForm, rows[0])
      arrangement.add(.trainAbout, rows[1])
    }
  }

  private func arrangeRuns(_ arrangement: inout PaneArrangement, _ content: Rect) {
    let hasLower = samplesNow != nil || hasExamples
    switch arrangement.form {
    case .close:
      let shown = entry == nil ? focus : .trainChart
      let other: Focus? = shown == .trainRuns ? .trainChart : .trainRuns
      let rows = content.rows([.rest, .cells(min(2, max(0, content.height - 5)))])
      arrangement.add(shown, rows[0])
      if let other { arrangement.add(other, rows[1], framed: false) }
    case .tall:
      let parts = content.rows(hasLower ? [.share(3), .share(2), .share(3)] : [.share(3), .share(2)])
      arrangement.add(.trainChart, parts[0])
      arrangement.add(.trainRuns, parts[1])
      guard hasLower else { return }
      arrangement.add(focus == .trainCandidates ? .trainCandidates : .trainSays, parts[2])
    case .wide:
      let side = content.width >= 140 ? 38 : content.width >= PaneArrangement.columnsForFullHeight ? 32 : 27
      let rows = content.rows(hasLower ? [.rest, .cells(lowerHeight(content.size))] : [.rest])
      let upper = rows[0].columns([.rest, .cells(side)])
      arrangement.add(.trainChart, upper[0])
      arrangement.add(.trainRuns, upper[1])
      guard hasLower else { return }
      guard samplesNow != nil else { return arrangement.add(.trainSays, rows[1]) }
      let lower = rows[1].columns([.rest, .cells(content.width >= 140 ? 56 : content.width * 2 / 5)])
      arrangement.add(.trainSays, lower[0])
      arrangement.add(.trainCandidates, lower[1])
    }
  }

  /// The height of the lower panes: that of what they show, at most 44 % of all.
  private func lowerHeight(_ size: Size) -> Int {
    let most = size.height * 44 / 100
    let says = TrainSaysView(tab: self).blockHeight(Size(size.width, most)) * (samplesNow?.samples.count ?? 0)
    let examples = samplesNow == nil ? run?.start?.examples.count ?? 0 : 0
    return min(most, max(9, max(says, examples, TrainCandidates(self)?.rows.count ?? 0) + 4))
  }

  /// Whether what is learned is shown, until there are samples.
  private var hasExamples: Bool { run?.start?.examples.isEmpty == false }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    switch pane.focus {
    case .trainForm: form.window.update(height: pane.inside.height)
    case .trainSays: promptWindow.update(height: TrainSaysView(tab: self).blocks(pane.inside.size))
    case .trainCandidates: candidateWindow.update(height: max(1, pane.inside.height - 1))
    default: break
    }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    let frame = pane.pane.frame
    switch pane.pane.focus {
    case .trainForm: grid.draw(TrainFormView(tab: self, context: pane), in: frame)
    case .trainAbout: grid.draw(TrainAboutView(tab: self, context: pane), in: frame)
    case .trainEntry: grid.draw(TrainEntryView(tab: self, context: pane), in: frame)
    case .trainChart: grid.draw(TrainChartView(tab: self, context: pane), in: frame)
    case .trainRuns: grid.draw(TrainRunsView(tab: self, context: pane), in: frame)
    case .trainSays: grid.draw(TrainSaysView(tab: self, context: pane), in: frame)
    case .trainCandidates: grid.draw(TrainCandidatesView(tab: self, context: pane), in: frame)
    default: break
    }
  }

  // MARK: Words

  func header(glyphs: Glyphs, width: Int, isNarrow: Bool) -> (facts: [String], state: [Span])? {
    guard !showsForm || training != nil, let run = trainingIndex.map({ runs[$0] }) ?? self.run else {
      return ([form["model"]], [Span(glyphs.ring, Style(.dim)), Span(isNarrow ? "" : " no run", Style(.dim))])
    }
    var facts = [run.name]
    if let request = run.request, width >= 36 { facts[0] = "\(request.model.shortName) \(glyphs.right) \(run.name)" }
    if let step = run.lastStep, !isNarrow {
      facts.append("step \(NumberText.grouped(step.step))/\(NumberText.grouped(step.steps))")
    }
    let (mark, role, words) = run.words(glyphs: glyphs)
    return (facts, [Span(mark, Style(role)), Span(isNarrow ? "" : " " + words, Style(.dim))])
  }

  func spoken(_ focus: Focus, _ shell: Shell) -> [String]? {
    switch focus {
    case .trainChart:
      return runs.map { run in
        let values = [("training", false), ("held out", true)].compactMap { words, isHeldOut -> String? in
          let name = FigureName(figure, isHeldOut: isHeldOut)
          guard let curve = run.curve(name) else { return nil }
          let value = place.map { curve.value(at: Double($0)) } ?? curve.last
          return value.map { "\(words) \(FigureText.value($0, of: name))" }
        }
        let step = place ?? run.reached
        return "\(run.name), \(FigureName(figure).title.lowercased()): \(values.joined(separator: ", "))"
          + (step.map { " at step \(NumberText.grouped($0))" } ?? "")
      }
    case .trainForm:
      return TrainField.all.enumerated().map { index, field in
        let value = form.value(index)
        return "\(field.label): \(value.isEmpty ? field.initial : value)"
          + (form.errors[index].map { " (\($0))" } ?? "")
      }
    default: return nil
    }
  }
}

extension WatchedRun {
  /// A mark, its color and a word for what the run is doing.
  func words(glyphs: Glyphs) -> (mark: String, role: Role, words: String) {
    switch status {
    case .starting: (glyphs.ring, .accent, "reading")
    case .running: (glyphs.dot, .accent, lastStep?.secondsLeft.map { FigureText.duration($0) + " left" } ?? "running")
    case .pausing: (glyphs.dot, .warning, "pausing")
    case .paused: (glyphs.ring, .warning, "paused")
    case .stopping: (glyphs.dot, .warning, "stopping")
    case .ended: (glyphs.tick, .success, "ended")
    case .failed: (glyphs.cross, .error, "failed")
    case .recorded: (glyphs.ring, .dim, "recorded")
    }
  }
}
