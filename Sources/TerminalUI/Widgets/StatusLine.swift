/// The keys that matter now, and what stands at the right: `Enter generate · Tab pane · ? help        Ctrl-Q quit`.
public struct StatusLine: Widget, Hashable {
  /// A key and what it does.
  public struct Hint: Hashable, Sendable {
    /// The key as people read it.
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

  /// Keys, the most important first: the last ones leave where the line is narrow.
  public var hints: [Hint]
  /// Keys that stay at the right as long as there is room for one hint beside them.
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
