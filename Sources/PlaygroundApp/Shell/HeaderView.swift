import EngineAPI
import TerminalUI

/// The first line: the tabs, and what the model and the engine are doing.
struct HeaderView: Widget {
  var state: PlaygroundState
  var isNarrow: Bool

  private static let brand = "TRIPTYCH"
  private static let tabsColumn = 11
  private static let titles = PlaygroundTask.allCases.map(\.title)

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let selected = PlaygroundTask.allCases.firstIndex(of: state.task) ?? 0
    var used: Int
    if isNarrow {
      used = 1 + grid.draw(state.task.title, at: Point(rect.x + 1, rect.y), style: Style(.accent, .bold))
    } else {
      let tabs = Tabs(HeaderView.titles, selected: selected)
      grid.draw(HeaderView.brand, at: Point(rect.x + 1, rect.y), style: Style(.title, .bold))
      grid.draw(tabs, in: Rect(rect.x + HeaderView.tabsColumn, rect.y, tabs.width + 1, 1))
      used = HeaderView.tabsColumn + tabs.width + 1
    }
    used += 1
    let room = Rect(rect.x + used, rect.y, rect.width - used - 1, 1)
    drawState(in: room, on: &grid)
  }

  /// The tab at a column of the header, for a click.
  static func tab(at column: Int, width: Int, selected: PlaygroundTask) -> PlaygroundTask? {
    guard width >= 72 else { return nil }
    var left = tabsColumn
    for task in PlaygroundTask.allCases {
      let right = left + task.title.columnWidth + 3
      if (left..<right).contains(column) { return task }
      left = right
    }
    return nil
  }

  /// The model's facts and the engine's state, right-aligned; facts leave, the last ones first, where there is no room.
  private func drawState(in room: Rect, on grid: inout CellGrid) {
    guard !room.isEmpty else { return }
    let state = engineState(glyphs: grid.glyphs, isBrief: room.width < 40)
    let stateWidth = state.reduce(0) { $0 + $1.text.columnWidth }
    let separator = " \(grid.glyphs.separator) "
    var facts = facts(glyphs: grid.glyphs)
    while facts.count > 1, facts.joined(separator: separator).columnWidth + 2 + stateWidth > room.width {
      facts.removeLast()
    }
    let free = room.width - stateWidth - (isNarrow ? 1 : 2)
    let text = facts.joined(separator: separator).fitted(to: max(0, free), .tail, mark: grid.glyphs.ellipsis)
    let width = text.columnWidth + (isNarrow ? 1 : 2) + stateWidth
    let x = max(room.x, room.maxX - width)
    let drawn = grid.draw(text, at: Point(x, room.y), style: Style(.dim))
    grid.draw(state, at: Point(x + drawn + (isNarrow ? 1 : 2), room.y), maxWidth: stateWidth)
  }

  private func facts(glyphs: Glyphs) -> [String] {
    let model = state.leadingModel
    if isNarrow { return [state.label(model)] }
    let format = state.information(model)?.format ?? model.format ?? .f32
    var facts = [model.shortName, format.rawValue]
    if let information = state.information(model) {
      facts.append(NumberText.compact(information.summary.parameters))
    } else if let summary = state.models.first(where: { $0.name == model.name }) {
      facts.append(NumberText.compact(summary.parameters))
    }
    switch state.task {
    case .generate: facts.append("seed \(state.generate.leading.seed)")
    case .translate:
      let direction = state.translate.direction
      facts.insert("\(direction.source) \(glyphs.isASCII ? "to" : glyphs.right) \(direction.target)", at: 1)
    case .fillMask: break
    }
    return facts
  }

  private func engineState(glyphs: Glyphs, isBrief: Bool) -> [Span] {
    let word = { (text: String) in isNarrow ? "" : " " + text }
    switch state.opened[state.leadingModel] {
    case nil: return [Span(glyphs.ring, Style(.dim)), Span(word("waiting"), Style(.dim))]
    case .loading(let progress):
      let cells = isNarrow ? 4 : 10
      let bar = Bar.text(progress.fraction, width: cells, glyphs: glyphs)
      let rest = String(repeating: " ", count: max(0, cells - bar.columnWidth))
      return [
        Span(isBrief ? "" : progress.step + " ", Style(.dim)), Span(bar + rest, Style(.accent, on: .panel)),
        Span(NumberText.wholePercent(progress.fraction), Style(.dim)),
      ]
    case .failed: return [Span(glyphs.cross, Style(.error)), Span(word("failed"), Style(.error))]
    case .ready:
      let isRunning = state.isWorking
      return [
        Span(glyphs.dot, Style(isRunning ? .accent : .success)),
        Span(word(isRunning ? "running" : "ready"), Style(.dim)),
      ]
    }
  }
}

extension PlaygroundState {
  /// Whether the engine works for the open tab: streams, beams or fillings.
  var isWorking: Bool {
    switch task {
    case .generate: generate.isBusy
    case .fillMask: fillMask.fillings.awaited != nil
    case .translate: translate.beams.isBusy
    }
  }
}
