/// A list to choose from, one row an item: a mark, a name, a dim detail at the right.
public struct MenuList: Widget, Hashable {
  /// A row.
  public struct Item: Hashable, Sendable {
    /// The name.
    public var name: String
    /// Dim words at the right; they leave where the row is narrow.
    public var detail: String
    /// Whether it can be chosen.
    public var isEnabled: Bool

    /// A row.
    public init(_ name: String, detail: String = "", isEnabled: Bool = true) {
      self.name = name
      self.detail = detail
      self.isEnabled = isEnabled
    }
  }

  /// The rows.
  public var items: [Item]
  /// Which are seen and which is chosen; its count and height are brought in line when the list is drawn.
  public var window: ListWindow
  /// What stands there when there is no item.
  public var emptyText: String

  /// A list.
  public init(_ items: [Item], window: ListWindow, emptyText: String = "nothing here") {
    self.items = items
    self.window = window
    self.emptyText = emptyText
  }

  /// Draws the visible rows.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    if items.isEmpty { grid.draw(emptyText, in: rect, style: Style(.dim)) }
    var window = window
    window.update(count: items.count, height: rect.height)
    for (row, index) in window.visible.enumerated() {
      let item = items[index]
      let line = rect.row(row)
      let isChosen = index == window.selected
      let mark = isChosen ? grid.glyphs.chosen : " "
      let style = item.isEnabled ? Style(.text) : Style(.dim)
      if isChosen { grid.fill(line, style: Style(on: .selection)) }
      let ground: Role? = isChosen ? .selection : nil
      let used = grid.draw(
        [Span(mark + " ", Style(.accent, on: ground)), Span(item.name, style.on(ground))], at: line.origin,
        maxWidth: line.width)
      let detailWidth = item.detail.columnWidth
      if detailWidth > 0, used + 2 + detailWidth <= line.width {
        grid.draw(item.detail, at: Point(line.maxX - detailWidth, line.y), style: Style(.dim, on: ground))
      }
    }
  }
}
