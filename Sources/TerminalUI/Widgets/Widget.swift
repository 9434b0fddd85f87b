/// A part of the screen that draws itself into a rectangle of a grid. Equal widgets draw equal cells.
public protocol Widget: Sendable {
  /// Draws into `rect`, and nowhere else.
  func draw(in rect: Rect, on grid: inout CellGrid)
}

extension CellGrid {
  /// Draws a widget into a rectangle.
  public mutating func draw(_ widget: some Widget, in rect: Rect) { widget.draw(in: rect, on: &self) }
}

/// A horizontal bar with a resolution of an eighth of a cell.
public struct Bar: Widget, Hashable {
  /// The filled fraction of the width, 0 to 1. Other values, NaN included, are clamped.
  public var fraction: Double
  /// Its style.
  public var style: Style

  /// Creates a bar.
  public init(_ fraction: Double, style: Style = Style(.accent)) {
    self.fraction = fraction
    self.style = style
  }

  /// The bar as text within `width` columns.
  public static func text(_ fraction: Double, width: Int, glyphs: Glyphs = .unicode) -> String {
    guard width > 0, fraction > 0, let full = glyphs.eighths.last else { return "" }
    let eighths = Int((min(fraction, 1) * Double(width) * 8).rounded())
    let part = eighths % 8
    return String(repeating: full, count: eighths / 8) + (part > 0 ? glyphs.eighths[part - 1] : "")
  }

  /// Draws the bar into the first row of `rect`.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    let text = Bar.text(fraction, width: rect.width, glyphs: grid.glyphs)
    grid.draw(text, in: rect.row(0), style: style)
  }
}

extension CellGrid {
  /// Draws a bar's text at the start of its column, which is the first row of `rect`. On a background, the column
  /// counts as part of the bar (``Style/Attributes/bar``).
  public mutating func draw(bar text: String, in rect: Rect, style: Style) {
    guard !rect.isEmpty else { return }
    let style = style.background == nil ? style : style.with(.bar)
    if style.background != nil { fill(rect.row(0), style: style) }
    draw(text, at: rect.origin, style: style, maxWidth: rect.width)
  }
}

/// A labeled progress bar: `loading storyteller ████▌      45 %`. Without a known fraction it shows a spinner.
public struct ProgressBar: Widget, Hashable {
  /// The label.
  public var label: String
  /// The progress, 0 to 1; nil if unknown.
  public var fraction: Double?
  /// The frame of the spinner; increment it with every tick.
  public var tick: Int

  /// Creates a progress bar.
  public init(_ label: String, fraction: Double?, tick: Int = 0) {
    self.label = label
    self.fraction = fraction
    self.tick = tick
  }

  /// Draws into the first row of `rect`. The label is drawn in full; the bar takes the remaining space, up to 24
  /// columns.
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

/// A row of tabs, the selected one between bars: `┃ Generate ┃ Fill mask   Translate`.
public struct Tabs: Widget, Hashable {
  /// The tabs' names.
  public var names: [String]
  /// The index of the selected tab.
  public var selected: Int

  /// A row of tabs.
  public init(_ names: [String], selected: Int) {
    self.names = names
    self.selected = selected
  }

  /// The columns of the whole row.
  public var width: Int { names.reduce(1) { $0 + $1.columnWidth + 3 } }

  /// Draws into the first row of `rect`. If there is no space for all tabs, draws only the selected one.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty, names.indices.contains(selected) else { return }
    guard width <= rect.width else {
      grid.draw(" " + names[selected], in: rect.row(0), style: Style(.accent, .bold))
      return
    }
    var x = rect.x
    for (index, name) in names.enumerated() {
      let isMarked = index == selected || index == selected + 1
      x += grid.draw(isMarked ? grid.glyphs.tabBar : " ", at: Point(x, rect.y), style: Style(.accent))
      let style = index == selected ? Style(.accent, .bold) : Style(.dim)
      x += grid.draw(" " + name + " ", at: Point(x, rect.y), style: style)
    }
    if selected == names.count - 1 { grid.draw(grid.glyphs.tabBar, at: Point(x, rect.y), style: Style(.accent)) }
  }
}

/// A line of key hints: `Enter generate · Tab pane · ? help        Ctrl-Q quit`.
public struct StatusLine: Widget, Hashable {
  /// A key and what it does.
  public struct Hint: Hashable, Sendable {
    /// The label of the key.
    public var key: String
    /// What it does, in a word or two.
    public var label: String

    /// A key and what it does.
    public init(_ key: String, _ label: String) {
      self.key = key
      self.label = label
    }

    var width: Int { key.columnWidth + 1 + label.columnWidth }
    var spans: [Span] { [Span(key, Style(.key)), Span(" " + label, Style(.dim))] }
  }

  /// Hints, most important first. A narrow line drops the last ones.
  public var hints: [Hint]
  /// Hints at the right end, kept as long as one left hint fits beside them.
  public var right: [Hint]

  /// A line of hints.
  public init(_ hints: [Hint], right: [Hint] = []) {
    self.hints = hints
    self.right = right
  }

  /// Draws into the first row of `rect`, with a free column at each side.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard rect.width > 2, rect.height > 0 else { return }
    let row = Rect(rect.x + 1, rect.y, rect.width - 2, 1)
    let gap = " " + grid.glyphs.separator + " "
    var shownRight = right
    while !shownRight.isEmpty, width(shownRight, gap) + (hints.first?.width ?? 0) + 2 > row.width {
      shownRight.removeLast()
    }
    let room = row.width - (shownRight.isEmpty ? 0 : width(shownRight, gap) + 2)
    var shown = hints
    while shown.count > 1, width(shown, gap) > room { shown.removeLast() }
    grid.draw(spans(shown, gap), at: row.origin, maxWidth: room)
    grid.draw(spans(shownRight, gap), at: Point(row.maxX - width(shownRight, gap), row.y))
  }

  private func width(_ hints: [Hint], _ gap: String) -> Int {
    hints.reduce(0) { $0 + $1.width } + max(0, hints.count - 1) * gap.columnWidth
  }

  private func spans(_ hints: [Hint], _ gap: String) -> [Span] {
    Array(hints.map(\.spans).joined(separator: [Span(gap, Style(.dim))]))
  }
}
