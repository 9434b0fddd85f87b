/// A bar with words: `loading storyteller ████▌      45 %`. Without a known fraction a sign turns instead.
public struct ProgressBar: Widget, Hashable {
  /// What is going on.
  public var label: String
  /// How far it is, 0 to 1; nil when nobody knows.
  public var fraction: Double?
  /// The frame of the turning sign; count it up with every tick.
  public var tick: Int

  /// A bar for a piece of work.
  public init(_ label: String, fraction: Double?, tick: Int = 0) {
    self.label = label
    self.fraction = fraction
    self.tick = tick
  }

  /// Draws into the first row of `rect`: the label keeps its words, the bar takes what is left, up to 24 columns.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let row = rect.row(0)
    guard let fraction else {
      let frames = grid.glyphs.spinner
      let sign = frames[((tick % frames.count) + frames.count) % frames.count]
      grid.draw([Span(sign + " ", Style(.accent)), Span(label)], at: row.origin, maxWidth: row.width)
      return
    }
    let percent = NumberText.wholePercent(fraction)
    let barWidth = min(24, row.width - label.columnWidth - percent.columnWidth - 2)
    guard barWidth >= 3 else {
      grid.draw([Span(label + " "), Span(percent, Style(.dim))], at: row.origin, maxWidth: row.width)
      return
    }
    let used = grid.draw(label, at: row.origin) + 1
    let bar = Rect(row.x + used, row.y, barWidth, 1)
    grid.fill(bar, style: Style(on: .panel))
    grid.draw(Bar(fraction, style: Style(.accent, on: .panel)), in: bar)
    grid.draw(percent, at: Point(bar.maxX + 1, row.y), style: Style(.dim))
  }
}
