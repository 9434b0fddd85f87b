import EngineAPI
import TerminalUI

/// The first line: the tabs, and what the model and the engine are doing.
struct HeaderView: Widget {
  var shell: Shell
  var tab: any Tab
  var isNarrow: Bool

  private static let brand = "TRIPTYCH"
  /// The columns of the brand, and those that the tabs leave for the model: with fewer, the brand is left out.
  private static let (brandColumns, leastFacts) = (11, 24)
  private static let titles = TabID.allCases.map(\.title)

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let selected = TabID.allCases.firstIndex(of: shell.tab) ?? 0
    var used: Int
    if isNarrow {
      used = 1 + grid.draw(shell.tab.title, at: Point(rect.x + 1, rect.y), style: Style(.accent, .bold))
    } else {
      let tabs = Tabs(HeaderView.titles, selected: selected)
      let left = HeaderView.tabsColumn(width: rect.width)
      if left > 0 { grid.draw(HeaderView.brand, at: Point(rect.x + 1, rect.y), style: Style(.title, .bold)) }
      grid.draw(tabs, in: Rect(rect.x + left, rect.y, tabs.width + 1, 1))
      used = left + tabs.width + 1
    }
    // Only the mark of the last tab, if it is open, needs a blank after it.
    if isNarrow || selected == TabID.allCases.count - 1 { used += 1 }
    let room = Rect(rect.x + used, rect.y, rect.width - used - 1, 1)
    drawState(in: room, on: &grid)
  }

  /// The column of the first tab.
  private static func tabsColumn(width: Int) -> Int {
    let tabs = titles.reduce(1) { $0 + $1.columnWidth + 3 }
    return brandColumns + tabs + leastFacts <= width ? brandColumns : 0
  }

  /// The tab at a column of the header, for a click.
  static func tab(at column: Int, width: Int) -> TabID? {
    guard width >= 72 else { return nil }
    var left = tabsColumn(width: width)
    for tab in TabID.allCases {
      let right = left + tab.title.columnWidth + 3
      if (left..<right).contains(column) { return tab }
      left = right
    }
    return nil
  }

  /// The model's facts and the engine's state, right-aligned. If there is too little room, the last facts are dropped
  /// first.
  private func drawState(in room: Rect, on grid: inout CellGrid) {
    guard !room.isEmpty else { return }
    var state = viewState + engineState(glyphs: grid.glyphs, isBrief: room.width < 40)
    var stateWidth = state.reduce(0) { $0 + $1.text.columnWidth }
    let separator = " \(grid.glyphs.separator) "
    var facts = facts(glyphs: grid.glyphs)
    while facts.count > 1, facts.joined(separator: separator).columnWidth + 2 + stateWidth > room.width {
      facts.removeLast()
    }
    let missing = (facts.first ?? "").columnWidth + 2 + stateWidth - room.width
    if !isNarrow, missing > 0, case .ready = shell.opened[tab.model], !tab.isBusy, let word = state.popLast() {
      // The mark alone says that the model is ready.
      stateWidth -= word.text.columnWidth
    }
    let free = room.width - stateWidth - (isNarrow ? 1 : 2)
    let text = facts.joined(separator: separator).fitted(to: max(0, free), .tail, mark: grid.glyphs.ellipsis)
    let width = text.columnWidth + (isNarrow ? 1 : 2) + stateWidth
    let x = max(room.x, room.maxX - width)
    let drawn = grid.draw(text, at: Point(x, room.y), style: Style(.dim))
    grid.draw(state, at: Point(x + drawn + (isNarrow ? 1 : 2), room.y), maxWidth: stateWidth)
  }

  /// Words for non-default view modes, such as a zoomed pane.
  private var viewState: [Span] {
    let words = (shell.isZoomed ? ["zoomed"] : []) + [tab.viewWords].filter { !$0.isEmpty }
    return words.map { Span($0 + (isNarrow ? " " : "  "), Style(.accent)) }
  }

  private func facts(glyphs: Glyphs) -> [String] {
    let model = tab.model
    if model == .none { return [""] }
    if isNarrow { return [shell.label(model, among: tab.models)] }
    let information = shell.information(model)
    var facts = [model.shortName]
    // Omit the format if the engine of an open model does not know it.
    if let format = information == nil ? model.format ?? .f32 : information?.format { facts.append(format.rawValue) }
    let summary = information?.summary ?? shell.models.first { $0.name == model.name }
    if let parameters = summary?.parameters { facts.append(NumberText.compact(parameters)) }
    return tab.headerFacts(facts, glyphs: glyphs)
  }

  private func engineState(glyphs: Glyphs, isBrief: Bool) -> [Span] {
    let word = { (text: String) in isNarrow ? "" : " " + text }
    switch shell.opened[tab.model] {
    case nil where tab.model == .none:
      return [Span("no model ", Style(.dim)), Span(glyphs.ring, Style(.dim))]
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
      let isRunning = tab.isBusy
      return [
        Span(glyphs.dot, Style(isRunning ? .accent : .success)),
        Span(word(isRunning ? "running" : "ready"), Style(.dim)),
      ]
    }
  }
}
