import EngineAPI
import TerminalUI

/// The runs, where there are several, and the figures of the chosen one.
struct TrainRunsView: Widget {
  var tab: TrainState
  var context: PaneContext?

  init(tab: TrainState, context: PaneContext? = nil) { (self.tab, self.context) = (tab, context) }

  /// The number of rows that list runs; 0 for one run.
  private func listed(height: Int) -> Int {
    tab.runs.count > 1 ? min(tab.runs.count, max(1, height - 2)) : 0
  }

  private func window(height: Int) -> ListWindow {
    ListWindow(count: tab.runs.count, height: max(1, listed(height: height)), selected: tab.chosen)
  }

  /// The run in a row of the pane.
  func run(atRow row: Int, height: Int) -> Int? {
    let window = window(height: height)
    return row < listed(height: height) && window.visible.contains(window.top + row) ? window.top + row : nil
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard let run = tab.run else { return }
    guard context?.pane.isFramed == true else { return drawBrief(run, in: rect, on: &grid) }
    let note = tab.place.map { "step \(NumberText.grouped($0))" } ?? run.words(glyphs: grid.glyphs).words
    let title = tab.runs.count > 1 ? "Runs" : run.name
    var inside = grid.box(rect, title: title, right: note, focused: context?.isFocused == true, padded: false)
    guard !inside.isEmpty else { return }
    let rows = listed(height: inside.height)
    for (row, index) in window(height: inside.height).visible.enumerated() where row < rows {
      drawRun(index, in: inside.row(row), on: &grid)
    }
    if rows > 0 {
      let gap = inside.height - rows >= 8 ? 1 : 0
      inside = Rect(inside.x, inside.y + rows + gap, inside.width, inside.height - rows - gap)
    }
    drawFacts(run, in: inside.inset(columns: 1, rows: 0), on: &grid)
  }

  private func drawRun(_ index: Int, in line: Rect, on grid: inout CellGrid) {
    let run = tab.runs[index]
    let mark = RunMark(index, of: tab.runs.count)
    let isChosen = index == tab.chosen
    let ground: Role? = isChosen && context?.isFocused == true ? .selection : nil
    if ground != nil { grid.fill(line, style: Style(on: .selection)) }
    if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
    grid.draw(mark.sign(grid.glyphs), at: Point(line.x + 2, line.y), style: Style(mark.role, on: ground, .bold))
    let value = value(FigureName(tab.figure, isHeldOut: true), run) ?? value(FigureName(tab.figure), run) ?? ""
    grid.draw(value, at: Point(line.maxX - 1 - value.columnWidth, line.y), style: Style(.text, on: ground))
    grid.draw(
      visible(run.name, glyphs: grid.glyphs, keepsSpaces: true), at: Point(line.x + 4, line.y),
      style: Style(.text, on: ground, isChosen ? .bold : []), maxWidth: max(0, line.width - 6 - value.columnWidth),
      truncation: .tail)
  }

  /// The value of a figure at the step that is shown.
  private func value(_ name: FigureName, _ run: WatchedRun) -> String? {
    guard let curve = run.curve(name) else { return nil }
    if tab.place == nil, curve.endsLost { return "not finite" }
    let value = tab.place.map { curve.value(at: Double($0)) } ?? curve.last
    return value.map { FigureText.value($0, of: name) }
  }

  /// The facts in the order of their importance: a word and a value.
  private func facts(_ run: WatchedRun) -> [(word: String, value: String)] {
    var facts: [(word: String, value: String)] = []
    let step = tab.place ?? run.reached
    if let step {
      let all = run.lastStep.map { " of " + NumberText.grouped($0.steps) } ?? ""
      facts.append(("step", NumberText.grouped(step) + (tab.place == nil ? all : "")))
    }
    let add = { (word: String, name: FigureName, facts: inout [(word: String, value: String)]) in
      if let value = value(name, run) { facts.append((word, value)) }
    }
    add("training loss", FigureName("loss"), &facts)
    add("held out", FigureName("loss", isHeldOut: true), &facts)
    if let best = run.best {
      facts.append(("best", "\(FigureText.value(best.value)) at \(NumberText.grouped(best.step))"))
    }
    if tab.place == nil, run.isGoing, let left = run.lastStep?.secondsLeft {
      facts.append(("time left", FigureText.duration(left)))
    }
    add("learning rate", FigureName("learning_rate"), &facts)
    add("gradient norm", FigureName("grad_norm"), &facts)
    add("tokens a second", FigureName("tokens_per_second"), &facts)
    add("memory", FigureName("memory"), &facts)
    add("KL from the start", FigureName("kl", isHeldOut: true), &facts)
    let shown: Set<String> = ["loss", "learning_rate", "grad_norm", "tokens_per_second", "memory", "kl"]
    for figure in run.figures where figure.name.isHeldOut && !shown.contains(figure.name.base) {
      add(figure.name.title.lowercased(), figure.name, &facts)
    }
    if let start = run.start {
      facts.append(("examples", NumberText.grouped(start.trainExamples)))
      if start.evaluationExamples > 0 {
        facts.append(("held-out examples", NumberText.grouped(start.evaluationExamples)))
      }
      facts.append(
        ("weights", NumberText.compact(start.trainedParameters) + " of " + NumberText.compact(start.parameters))
      )
    }
    if let request = run.request { facts.append(("optimizer", request.options.optim.rawValue)) }
    return facts
  }

  private func drawFacts(_ run: WatchedRun, in room: Rect, on grid: inout CellGrid) {
    guard !room.isEmpty else { return }
    var room = room
    if case .failed(let reason) = run.status {
      let text = visible(reason, glyphs: grid.glyphs, keepsSpaces: true)
      let wrapped = WrappedText(text, width: room.width).lines.prefix(min(2, room.height))
      for (row, line) in wrapped.enumerated() {
        grid.draw(WrappedText.visible(line.range, of: text), in: room, row: row, style: Style(.error))
      }
      let lines = wrapped.count
      room = Rect(room.x, room.y + lines, room.width, room.height - lines)
    }
    let facts = facts(run)
    var row = 0
    for fact in facts where row < room.height {
      let line = room.row(row)
      row += 1
      let width = fact.value.columnWidth
      grid.draw(
        fact.word, at: line.origin, style: Style(.dim), maxWidth: max(0, line.width - width - 1), truncation: .tail)
      grid.draw(fact.value, at: Point(max(line.x, line.maxX - width), line.y), maxWidth: line.width)
      if fact.word == "step", let last = run.lastStep, run.isGoing, room.height >= min(max(facts.count, 6), 9) {
        let bar = room.row(row)
        row += 1
        grid.fill(bar, style: Style(on: .panel))
        let fraction = Double(last.step) / Double(max(1, last.steps))
        grid.draw(Bar(fraction, style: Style(run.status == .paused ? .warning : .accent, on: .panel)), in: bar)
      }
    }
  }

  /// One or two lines without a frame.
  private func drawBrief(_ run: WatchedRun, in rect: Rect, on grid: inout CellGrid) {
    let room = rect.inset(columns: 1, rows: 0)
    let gap = " \(grid.glyphs.separator) "
    let words = run.words(glyphs: grid.glyphs).words
    let facts = facts(run)
    let lines = [
      [words] + facts.filter { $0.word == "step" }.map { "step " + $0.value },
      facts.filter { ["training loss", "held out", "learning rate"].contains($0.word) }.map {
        ($0.word == "training loss" ? "loss" : $0.word == "learning rate" ? "lr" : $0.word) + " " + $0.value
      },
    ]
    for (row, parts) in lines.enumerated() where row < room.height {
      var parts = parts
      while parts.count > 1, parts.joined(separator: gap).columnWidth > room.width { parts.removeLast() }
      grid.draw(parts.joined(separator: gap), in: room, row: row, style: Style(.dim))
    }
  }
}
