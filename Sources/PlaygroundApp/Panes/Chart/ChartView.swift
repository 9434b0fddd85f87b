import TerminalUI

/// A curve of a chart.
struct ChartSeries: Sendable, Equatable {
  /// How it is drawn.
  enum Kind: Sendable, Equatable {
    /// A line.
    case line
    /// A line that others cover: the values behind a smoothed one.
    case faint
    /// A line with a mark at each point.
    case marked
  }

  /// The values.
  var curve: Curve
  /// The color.
  var role: Role
  /// How it is drawn.
  var kind = Kind.line
  /// A letter on the line, which tells it from others without color; `nil` for none.
  var letter: String?
}

/// A chart: curves over steps, with axes that carry round numbers. The lines are made of braille dots.
struct ChartView: Widget {
  /// The curves; later ones are drawn over earlier ones.
  var series: [ChartSeries]
  /// How values are placed.
  var scale = ChartScale.linear
  /// The horizontal range that is shown at least.
  var reach: ClosedRange<Double>?
  /// The place of a vertical line.
  var cursor: Double?
  /// The style of faint lines.
  var faint = Style(.border)
  /// The name of the horizontal axis.
  var unit = "step"
  /// What stands in place of the chart while there is no value.
  var emptyText = ""

  /// The least width and height for axes. With less room there is one row of bars.
  static let least = Size(18, 3)

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    guard let across = places, let along = range(\.low, \.high) else {
      return drawEmpty(in: rect, on: &grid)
    }
    guard rect.width >= ChartView.least.width, rect.height >= ChartView.least.height else {
      return drawBars(along, in: rect, on: &grid)
    }
    let plotHeight = rect.height - 1
    let vertical = axis(along, rows: plotHeight)
    let gutter = min(rect.width / 3, (vertical.ticks.map(\.label.columnWidth).max() ?? 0) + 1)
    let plot = Rect(rect.x + gutter + 1, rect.y, rect.width - gutter - 1, plotHeight)
    var wide = across
    if let reach { wide = min(reach.lowerBound, wide.lowerBound)...max(reach.upperBound, wide.upperBound) }
    if wide.lowerBound == wide.upperBound { wide = wide.lowerBound - 1...wide.upperBound + 1 }
    let horizontal = ChartAxis(wide, most: max(2, plot.width / 8), isRounded: false)
    drawAxes(vertical, horizontal, gutter: gutter, plot, in: rect, on: &grid)
    drawCursor(horizontal, plot, on: &grid)
    drawCurves(vertical, horizontal, plot, on: &grid)
  }

  /// The range of the places of all points, also of those whose value is not finite.
  private var places: ClosedRange<Double>? {
    let buckets = series.flatMap(\.curve.buckets)
    guard let first = buckets.map(\.start).min(), let last = buckets.map(\.end).max() else { return nil }
    return first...max(first, last)
  }

  /// The range of the finite values of all curves.
  private func range(
    _ low: KeyPath<Curve.Bucket, Double>, _ high: KeyPath<Curve.Bucket, Double>
  ) -> ClosedRange<Double>? {
    var range: (Double, Double)?
    for series in series {
      for bucket in series.curve.buckets where bucket.known > 0 {
        // On a logarithmic scale only positive values count; the line is cut at others.
        guard scale == .linear || bucket.high > 0 else { continue }
        var least = bucket[keyPath: low]
        if scale == .logarithmic, low == \.low, least <= 0 { least = bucket.high }
        range = (min(range?.0 ?? least, least), max(range?.1 ?? bucket[keyPath: high], bucket[keyPath: high]))
      }
    }
    return range.map { $0.0...max($0.0, $0.1) }
  }

  /// The vertical axis. Its ends are round, unless that would leave much of the height empty.
  private func axis(_ range: ClosedRange<Double>, rows: Int) -> ChartAxis {
    let most = max(2, (rows + 1) / 2)
    let rounded = ChartAxis(range, scale: scale, most: most)
    guard let bottom = rounded.place(range.lowerBound), let top = rounded.place(range.upperBound),
      bottom < top, top - bottom < 0.8
    else { return rounded }
    let exact = ChartAxis(range, scale: scale, most: most, isRounded: false)
    return exact.ticks.count >= min(2, most - 1) ? exact : rounded
  }

  private func drawEmpty(in rect: Rect, on grid: inout CellGrid) {
    grid.draw(DimLines(emptyText), in: rect)
  }

  /// The last curve that is no background, as one row of bars.
  private func drawBars(_ range: ClosedRange<Double>, in rect: Rect, on grid: inout CellGrid) {
    guard let main = series.last(where: { $0.kind == .line && !$0.curve.isEmpty }) ?? series.last else { return }
    let known = main.curve.buckets.filter { $0.known > 0 }
    guard !known.isEmpty else { return }
    let width = max(1, min(rect.width, known.count))
    let axis = ChartAxis(range, scale: scale, most: 2)
    for column in 0..<width {
      let part = known[
        (column * known.count / width)..<max(column * known.count / width + 1, (column + 1) * known.count / width)]
      let count = part.reduce(0) { $0 + $1.known }
      guard let place = axis.place(part.reduce(0) { $0 + $1.sum } / Double(max(1, count))) else { continue }
      let level = Int((place * Double(grid.glyphs.sparks.count - 1)).rounded())
      grid.draw(grid.glyphs.sparks[level], at: Point(rect.x + column, rect.y), style: Style(main.role))
    }
  }

  private func drawAxes(
    _ vertical: ChartAxis, _ horizontal: ChartAxis, gutter: Int, _ plot: Rect, in rect: Rect, on grid: inout CellGrid
  ) {
    let isASCII = grid.glyphs.isASCII
    let line = Style(.border)
    for y in plot.y..<plot.maxY { grid.draw(grid.glyphs.vertical, at: Point(plot.x - 1, y), style: line) }
    for tick in vertical.ticks {
      guard let y = row(of: tick.value, vertical, plot) else { continue }
      grid.draw(isASCII ? "+" : "┤", at: Point(plot.x - 1, y), style: line)
      let label = tick.label.fitted(to: gutter - 1, .tail, mark: grid.glyphs.ellipsis)
      grid.draw(label, at: Point(plot.x - 2 - label.columnWidth, y), style: Style(.dim))
    }
    let bottom = rect.maxY - 1
    grid.fill(Rect(plot.x, bottom, plot.width, 1), grid.glyphs.horizontal, style: line)
    grid.draw(isASCII ? "+" : "└", at: Point(plot.x - 1, bottom), style: line)
    let end = plot.maxX - (plot.width >= 40 ? unit.columnWidth + 1 : 0)
    if end < plot.maxX { grid.draw(" " + unit, at: Point(end, bottom), style: Style(.dim)) }
    var free = plot.x
    for tick in horizontal.ticks {
      guard let place = horizontal.place(tick.value) else { continue }
      let x = plot.x + column(place, plot)
      // The label is centered below its place, but for the first and the last one.
      let start = min(max(plot.x, x - tick.label.columnWidth / 2), plot.maxX - tick.label.columnWidth)
      guard start >= free, start + tick.label.columnWidth < end else { continue }
      grid.draw(tick.label, at: Point(start, bottom), style: Style(.dim))
      free = start + tick.label.columnWidth + 2
    }
  }

  /// The row of a value: that of its dot.
  private func row(of value: Double, _ axis: ChartAxis, _ plot: Rect) -> Int? {
    dotRow(value, axis, rows: plot.height * 4).map { plot.y + $0 / 4 }
  }

  /// The row of a value's dot, counted from the top.
  private func dotRow(_ value: Double, _ axis: ChartAxis, rows: Int) -> Int? {
    axis.place(value).map { Int(((1 - $0) * Double(rows - 1)).rounded()) }
  }

  private func column(_ place: Double, _ plot: Rect) -> Int {
    min(Int((place * Double(plot.width * 2 - 1)).rounded()) / 2, plot.width - 1)
  }

  private func drawCursor(_ horizontal: ChartAxis, _ plot: Rect, on grid: inout CellGrid) {
    guard let cursor, let place = horizontal.place(cursor) else { return }
    let x = plot.x + column(place, plot)
    for y in plot.y..<plot.maxY { grid.draw(grid.glyphs.vertical, at: Point(x, y), style: Style(.accent, .dim)) }
    // The numbers of the axis stay readable.
    if grid[Point(x, plot.maxY)].text == grid.glyphs.horizontal {
      grid.draw(grid.glyphs.isASCII ? "^" : "┴", at: Point(x, plot.maxY), style: Style(.accent))
    }
  }

  private func drawCurves(_ vertical: ChartAxis, _ horizontal: ChartAxis, _ plot: Rect, on grid: inout CellGrid) {
    var raster = DotRaster(plot.size)
    let dots = raster.dotSize
    let x = { (value: Double) in horizontal.place(value).map { Int(($0 * Double(dots.width - 1)).rounded()) } }
    let y = { (value: Double) in dotRow(value, vertical, rows: dots.height) }
    for (index, series) in series.enumerated() {
      trace(series.curve, owner: index, alone: series.kind != .faint && hasFaint, x: x, y: y, on: &raster)
    }
    for row in 0..<plot.height {
      for column in 0..<plot.width {
        guard let owner = raster.owner(Point(column, row)) else { continue }
        let style = series[owner].kind == .faint ? faint : Style(series[owner].role)
        grid.draw(
          raster.text(Point(column, row), glyphs: grid.glyphs), at: Point(plot.x + column, plot.y + row),
          style: style)
      }
    }
    for (index, series) in series.enumerated() { drawMarks(series, index, x, y, plot, on: &grid) }
  }

  private var hasFaint: Bool { series.contains { $0.kind == .faint } }

  /// Draws a curve: the extent of each bucket, joined to the next one unless the line is cut between them.
  private func trace(
    _ curve: Curve, owner: Int, alone: Bool, x: (Double) -> Int?, y: (Double) -> Int?, on raster: inout DotRaster
  ) {
    var last: Point?
    for bucket in curve.buckets {
      guard bucket.known > 0, let startX = x(bucket.start), let endX = x(bucket.end), let first = y(bucket.first),
        let final = y(bucket.last)
      else {
        last = nil
        continue
      }
      let start = Point(startX, first)
      if let last, !bucket.isCutBefore { raster.line(from: last, to: start, owner: owner, alone: alone) }
      raster.line(from: start, to: Point(endX, final), owner: owner, alone: alone)
      if bucket.known > 2, let low = y(bucket.low), let high = y(bucket.high) {
        let middle = (startX + endX) / 2
        raster.line(from: Point(middle, low), to: Point(middle, high), owner: owner, alone: alone)
      }
      last = bucket.isCutAfter ? nil : Point(endX, final)
    }
  }

  /// Draws the marks of points, the letters on a line, and crosses at values that are not finite.
  private func drawMarks(
    _ series: ChartSeries, _ index: Int, _ x: (Double) -> Int?, _ y: (Double) -> Int?, _ plot: Rect,
    on grid: inout CellGrid
  ) {
    let put = { (text: String, column: Int, row: Int, style: Style, grid: inout CellGrid) in
      _ = grid.draw(text, at: Point(plot.x + column / 2, plot.y + row / 4), style: style)
    }
    if series.kind == .marked {
      for bucket in series.curve.buckets where bucket.known > 0 {
        guard let column = x(bucket.end), let row = y(bucket.last) else { continue }
        put(grid.glyphs.ring, column, row, Style(series.role), &grid)
      }
    }
    if let letter = series.letter, series.kind != .faint {
      // Curves that run close to each other have their letters at different places.
      let step = max(12, plot.width / 4)
      for column in stride(from: 2 + index * 4 % step, to: plot.width, by: step) {
        guard let row = series.curve.rowNear(column: column, x: x, y: y) else { continue }
        put(letter, column * 2, row, Style(series.role, .bold), &grid)
      }
    }
    guard series.kind != .faint else { return }
    for bucket in series.curve.buckets {
      guard let lost = bucket.lost, let column = x(lost) else { continue }
      put(grid.glyphs.cross, column, 0, Style(.error), &grid)
    }
  }
}

extension Curve {
  /// The dot row of the curve in a column of cells; `nil` if no bucket ends there.
  fileprivate func rowNear(column: Int, x: (Double) -> Int?, y: (Double) -> Int?) -> Int? {
    let bucket = buckets.first { bucket in
      guard bucket.known > 0, let place = x(bucket.end) else { return false }
      return place / 2 >= column
    }
    guard let bucket, let place = x(bucket.end), place / 2 == column else { return nil }
    return y(bucket.last)
  }
}
