import TerminalUI

/// How a run is told from others: its color, and a letter where there are several.
struct RunMark: Sendable, Equatable {
  /// The color of the values on training examples.
  let role: Role
  /// The color of the values on held-out examples.
  let heldOut: Role
  /// The letter; `nil` if there is one run.
  let letter: String?

  /// The mark of run `index` of `count`.
  init(_ index: Int, of count: Int) {
    role = .stream(index)
    heldOut = count > 1 ? .stream(index) : .streamB
    letter = count > 1 ? String(Character(Unicode.Scalar(UInt8(65 + index % 26)))) : nil
  }

  /// The letter, or a dot.
  func sign(_ glyphs: Glyphs) -> String { letter ?? glyphs.dot }
}

/// The chart of a figure of all runs, with a legend in its title.
struct TrainChartView: Widget {
  var tab: TrainState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      inside = grid.box(rect, title: title(grid.glyphs), focused: context.isFocused, padded: false)
      drawLegend(in: rect, on: &grid)
      inside = inside.inset(columns: inside.width >= 40 ? 1 : 0, rows: 0)
    }
    grid.draw(chart, in: inside)
  }

  private func title(_ glyphs: Glyphs) -> String {
    let words = [tab.scale == .logarithmic ? "log" : nil, tab.smoothing > 0 ? "smoothed \(tab.smoothing)" : nil]
    return ([FigureName(tab.figure).title] + words.compactMap(\.self)).joined(separator: " \(glyphs.separator) ")
  }

  private var chart: ChartView {
    var series: [ChartSeries] = []
    for (index, run) in tab.runs.enumerated() {
      let mark = RunMark(index, of: tab.runs.count)
      if let curve = run.curve(FigureName(tab.figure)) {
        if tab.smoothing > 0 {
          // The values of several runs would cover each other.
          if tab.runs.count == 1 { series.append(ChartSeries(curve: curve, role: mark.role, kind: .faint)) }
          series.append(ChartSeries(curve: curve.smoothed(tab.smoothing), role: mark.role, letter: mark.letter))
        } else {
          series.append(ChartSeries(curve: curve, role: mark.role, letter: mark.letter))
        }
      }
      if let curve = run.curve(FigureName(tab.figure, isHeldOut: true)) {
        series.append(ChartSeries(curve: curve, role: mark.heldOut, kind: .marked))
      }
    }
    // The values behind smoothed lines are drawn first.
    series = series.filter { $0.kind == .faint } + series.filter { $0.kind != .faint }
    var chart = ChartView(
      series: series, scale: tab.scale, reach: reach, cursor: tab.place.map(Double.init), emptyText: emptyText)
    // With few colors the borders are as bright as text.
    if context.colors == .ansi16 || context.colors == .none { chart.faint = Style(.border, .dim) }
    return chart
  }

  /// The steps that are shown while a run is going: half of all, a quarter and so on, as long as the run is within
  /// them.
  private var reach: ClosedRange<Double>? {
    guard let run = tab.trainingIndex.map({ tab.runs[$0] }), let step = run.lastStep else { return nil }
    var end = Double(step.steps)
    while end / 2 >= Double(step.step) * 1.1, end > 20 { end /= 2 }
    return 0...max(1, end.rounded(.up))
  }

  private var emptyText: String {
    guard let run = tab.run else { return "" }
    switch run.status {
    case .starting: return "the examples are read; the curve begins with the first step"
    case .running, .pausing, .paused, .stopping: return "no value yet"
    case .ended, .failed, .recorded: return "this run has no value of this figure"
    }
  }

  /// The newest values, or those of the step that is looked back at, in the upper edge: as many as there is room for.
  private func drawLegend(in rect: Rect, on grid: inout CellGrid) {
    let room = rect.width - 8 - title(grid.glyphs).columnWidth - 3
    for entries in [legend(grid.glyphs, isBrief: false), legend(grid.glyphs, isBrief: true)] {
      let width = entries.reduce(0) { $0 + $1.text.columnWidth }
      guard width > 0, width <= room else { continue }
      grid.draw([Span(" ")] + entries + [Span(" ")], at: Point(rect.maxX - 4 - width, rect.y))
      return
    }
  }

  private func legend(_ glyphs: Glyphs, isBrief: Bool) -> [Span] {
    var spans: [Span] = []
    for (index, run) in tab.runs.enumerated() {
      let mark = RunMark(index, of: tab.runs.count)
      for isHeldOut in [false, true] {
        let name = FigureName(tab.figure, isHeldOut: isHeldOut)
        guard let curve = run.curve(name),
          let value = tab.place.map({ curve.value(at: Double($0)) }) ?? curve.last
        else { continue }
        let gap = spans.isEmpty ? "" : isHeldOut || isBrief ? " " : "  "
        let word = isBrief || mark.letter != nil ? "" : isHeldOut ? "held out " : "training "
        spans.append(Span(gap))
        spans.append(
          Span(isHeldOut ? glyphs.ring : mark.sign(glyphs), Style(isHeldOut ? mark.heldOut : mark.role, .bold)))
        spans.append(Span(" " + word, Style(.dim)))
        spans.append(Span(FigureText.value(value, of: name)))
      }
    }
    return spans
  }
}
