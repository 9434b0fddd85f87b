/// A row of tabs, the chosen one between strong lines: `┃ Generate ┃ Fill mask   Translate`.
public struct Tabs: Widget, Hashable {
  /// The tabs' names.
  public var names: [String]
  /// The chosen tab.
  public var selected: Int

  /// A row of tabs.
  public init(_ names: [String], selected: Int) {
    self.names = names
    self.selected = selected
  }

  /// The columns of the whole row.
  public var width: Int { names.reduce(1) { $0 + $1.columnWidth + 3 } }

  /// Draws into the first row of `rect`; where there is no room for all, only the chosen one.
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
