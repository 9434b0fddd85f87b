/// A list to choose from, one row per item: a mark, a name, a dim detail at the right.
public struct MenuList: Widget, Hashable {
  /// A row.
  public struct Item: Hashable, Sendable {
    /// The name.
    public var name: String
    /// Dim text at the right; left out if the row is narrow.
    public var detail: String
    /// Whether it can be selected.
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
  /// The visible rows and the selection. Drawing adapts a copy to the number of items and the height.
  public var window: ListWindow
  /// The text of an empty list.
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
      let room = max(0, line.width - mark.columnWidth - 1)
      let name = item.name.fitted(to: room, .tail, mark: grid.glyphs.ellipsis)
      let used = grid.draw(
        [Span(mark + " ", Style(.accent, on: ground)), Span(name, style.on(ground))], at: line.origin,
        maxWidth: line.width)
      let detailWidth = item.detail.columnWidth
      if detailWidth > 0, used + 2 + detailWidth <= line.width {
        grid.draw(item.detail, at: Point(line.maxX - detailWidth, line.y), style: Style(.dim, on: ground))
      }
    }
  }
}

/// The visible rows and the selection of a long list.
///
/// The selected row is always in the list and visible. All operations are O(1).
public struct ListWindow: Hashable, Sendable {
  /// The number of rows in the list.
  public private(set) var count: Int
  /// The number of visible rows, at least 1.
  public private(set) var height: Int
  /// The selected row; 0 if the list is empty.
  public private(set) var selected: Int
  /// The first visible row.
  public private(set) var top: Int

  /// A window on a list of `count` rows.
  public init(count: Int = 0, height: Int = 1, selected: Int = 0) {
    self.count = max(0, count)
    self.height = max(1, height)
    self.selected = selected
    top = 0
    settle()
  }

  /// The visible rows.
  public var visible: Range<Int> { top..<min(top + height, count) }

  /// The selected row's offset from the top of the window.
  public var selectedRow: Int { selected - top }

  /// The text below a list, `1–12 of 8,192`; `empty` for an empty list.
  public func footer(glyphs: Glyphs = .unicode) -> String {
    guard count > 0 else { return "empty" }
    let (first, last) = (visible.lowerBound + 1, visible.upperBound)
    let rows =
      first == last
      ? NumberText.grouped(first) : "\(NumberText.grouped(first))\(glyphs.dash)\(NumberText.grouped(last))"
    return "\(rows) of \(NumberText.grouped(count))"
  }

  /// Moves the selection down by `rows`, or up if negative. Does not wrap around.
  public mutating func move(by rows: Int) {
    let (sum, overflow) = selected.addingReportingOverflow(rows)
    select(overflow ? (rows < 0 ? 0 : count - 1) : sum)
  }

  /// Moves by a page less one row, so that one row stays visible.
  public mutating func page(by pages: Int) {
    let step = max(1, height - 1)
    let (rows, overflow) = pages.multipliedReportingOverflow(by: step)
    guard !overflow else { return move(by: pages < 0 ? -count : count) }
    let (newTop, far) = top.addingReportingOverflow(rows)
    if !far { top = newTop }
    move(by: rows)
  }

  /// Selects a row, clamped to the list.
  public mutating func select(_ row: Int) {
    selected = row
    settle()
  }

  /// Sets a new count and height.
  public mutating func update(count: Int? = nil, height: Int? = nil) {
    if let count { self.count = max(0, count) }
    if let height { self.height = max(1, height) }
    settle()
  }

  /// Selects the new row of the selected item after a reordering, and keeps its position on the screen where possible.
  public mutating func follow(to row: Int) {
    let place = selectedRow
    selected = row
    top = row.subtractingReportingOverflow(place).partialValue
    settle()
  }

  private mutating func settle() {
    selected = min(max(selected, 0), max(count - 1, 0))
    if top > selected { top = selected }
    if top < selected - height + 1 { top = selected - height + 1 }
    top = min(max(top, 0), max(count - height, 0))
  }
}
