import EngineAPI
import TerminalUI

/// The first line: the tabs, and what the model and the engine are doing.
struct HeaderView: Widget {
  var shell: Shell
  var tab: any Tab
  var isNarrow: Bool

  private static let brand = "TRIPTYCH"
  private static let titles = TabID.allCases.map(\.title)

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let selected = TabID.allCases.firstIndex(of: shell.tab) ?? 0
    var used: Int
    if isNarrow {
      used = 2 + grid.draw(shell.tab.title, at: Point(rect.x + 1, rect.y), style: Style(.accent, .bold))
    } else {
      let tabs = HeaderTabs(HeaderView.titles, selected: selected, width: rect.width)
      if tabs.hasBrand { grid.draw(HeaderView.brand, at: Point(rect.x + 1, rect.y), style: Style(.title, .bold)) }
      let row = Tabs(tabs.visible.map { HeaderView.titles[$0] }, selected: selected - tabs.visible.lowerBound)
      grid.draw(row, in: Rect(rect.x + tabs.first, rect.y, row.width + 1, 1))
      let more = Style(.dim)
      if tabs.hidesLeft { grid.draw(grid.glyphs.ellipsis, at: Point(rect.x + 1, rect.y), style: more) }
      if tabs.hidesRight { grid.draw(grid.glyphs.ellipsis, at: Point(rect.x + tabs.end - 1, rect.y), style: more) }
      // Only a mark needs a blank after it: that of hidden tabs, or that of the last tab if it is open.
      used = tabs.end + (tabs.hidesRight || selected == tabs.visible.upperBound - 1 ? 1 : 0)
    }
    let room = Rect(rect.x + used, rect.y, rect.width - used - 1, 1)
    drawState(in: room, on: &grid)
  }

  /// The tab at a column of the header, for a click.
  static func tab(at column: Int, width: Int, open: TabID) -> TabID? {
    guard width >= 72 else { return nil }
    let selected = TabID.allCases.firstIndex(of: open) ?? 0
    return HeaderTabs(titles, selected: selected, width: width).index(at: column).map { TabID.allCases[$0] }
  }

  /// The model's facts and the engine's state, right-aligned. If there is too little room, the last facts are dropped
  /// first.
  private func drawState(in room: Rect, on grid: inout CellGrid) {
    guard !room.isEmpty else { return }
    let own = tab.header(glyphs: grid.glyphs, width: room.width, isNarrow: isNarrow)
    var state = viewState + (own?.state ?? engineState(glyphs: grid.glyphs, isBrief: room.width < 40))
    var stateWidth = state.reduce(0) { $0 + $1.text.columnWidth }
    let separator = " \(grid.glyphs.separator) "
    var facts = own?.facts ?? facts(glyphs: grid.glyphs)
    while facts.count > 1, facts.joined(separator: separator).columnWidth + 2 + stateWidth > room.width {
      facts.removeLast()
    }
    let missing = (facts.first ?? "").columnWidth + 2 + stateWidth - room.width
    if !isNarrow, own == nil, missing > 0, case .ready = shell.opened[tab.model], !tab.isBusy,
      let word = state.popLast()
    {
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

  /// Whether the session can't be saved now, and words for non-default view modes, such as a zoomed pane.
  private var viewState: [Span] {
    let gap = isNarrow ? " " : "  "
    let words = (shell.isZoomed ? ["zoomed"] : []) + [tab.viewWords].filter { !$0.isEmpty }
    return (shell.session.status == .failing ? [Span("not saved" + gap, Style(.warning))] : [])
      + words.map { Span($0 + gap, Style(.accent)) }
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

/// The tabs that the header has room for: all of them or, if they leave too little for the model, the open one and its
/// neighbors.
struct HeaderTabs: Equatable {
  /// The columns that the brand takes, and those that it and the tabs leave for the model: with fewer, the brand is
  /// left out.
  private static let (brandColumns, leastFacts) = (11, 34)
  /// The columns that the tabs leave for the model: with fewer, some tabs are left out.
  static let leastState = 18

  /// The tabs that are shown.
  let visible: Range<Int>
  /// Whether the brand is shown.
  let hasBrand: Bool
  /// The column of the first tab.
  let first: Int
  /// The column after the last tab, or after the mark of hidden ones.
  let end: Int
  private let titles: [String]

  init(_ titles: [String], selected: Int, width: Int) {
    self.titles = titles
    let columns = { (tabs: Range<Int>) in titles[tabs].reduce(1) { $0 + $1.columnWidth + 3 } }
    var shown = titles.indices
    hasBrand = Self.brandColumns + columns(shown) + Self.leastFacts <= width
    if !hasBrand, columns(shown) + Self.leastState > width {
      shown = selected..<selected + 1
      var (grows, growsLeft) = (true, false)
      while grows {
        grows = false
        let wider = [shown.lowerBound..<shown.upperBound + 1, shown.lowerBound - 1..<shown.upperBound]
        // By turns to the right and to the left.
        for wider in growsLeft ? wider.reversed() : wider
        where wider.lowerBound >= 0 && wider.upperBound <= titles.count {
          let marks = (wider.lowerBound > 0 ? 2 : 0) + (wider.upperBound < titles.count ? 2 : 0)
          guard columns(wider) + marks + Self.leastState <= width else { continue }
          (shown, grows, growsLeft) = (wider, true, !growsLeft)
          break
        }
      }
    }
    visible = shown
    first = hasBrand ? Self.brandColumns : shown.lowerBound > 0 ? 2 : 0
    end = first + columns(shown) + (shown.upperBound < titles.count ? 2 : 0)
  }

  /// Whether tabs before the first shown one are left out.
  var hidesLeft: Bool { visible.lowerBound > 0 }
  /// Whether tabs after the last shown one are left out.
  var hidesRight: Bool { visible.upperBound < titles.count }

  /// The first column of a shown tab.
  func column(of index: Int) -> Int {
    titles[visible.lowerBound..<index].reduce(first) { $0 + $1.columnWidth + 3 }
  }

  /// The tab at a column.
  func index(at column: Int) -> Int? {
    visible.first { (self.column(of: $0)..<self.column(of: $0) + titles[$0].columnWidth + 3).contains(column) }
  }
}
