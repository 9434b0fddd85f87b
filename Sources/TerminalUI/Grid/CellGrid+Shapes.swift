extension CellGrid {
  /// Fills a rectangle with one character of one column.
  public mutating func fill(_ rect: Rect, _ text: String = " ", style: Style = .plain) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty, let piece = text.first?.columnPieces.first, piece.width == 1 else { return }
    for y in area.y..<area.maxY {
      for x in area.x..<area.maxX { put(piece.text, width: 1, at: Point(x, y), style: style) }
    }
  }

  /// Gives every cell of a rectangle another ground and more attributes; text and roles stay.
  public mutating func shade(_ rect: Rect, background: Role? = nil, adding attributes: Style.Attributes = []) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    for y in area.y..<area.maxY {
      for x in area.x..<area.maxX {
        let index = offset(Point(x, y))
        if let background { cells[index].style.background = background }
        cells[index].style.attributes.formUnion(attributes)
      }
    }
  }

  /// Draws a box with rounded corners, a title in its upper left and a note in its upper right, and returns the room
  /// inside its border, with one free column at each side where `padded`. The inside is cleared.
  ///
  /// Title and note give way when the box is narrow: first the note, then the end of the title.
  @discardableResult
  public mutating func box(
    _ rect: Rect, title: String = "", right: String = "", focused: Bool = false, padded: Bool = true
  ) -> Rect {
    guard rect.width >= 2, rect.height >= 2 else { return Rect(rect.x, rect.y, 0, 0) }
    let border = Style(focused ? .focusedBorder : .border)
    fill(rect)
    fill(Rect(rect.x, rect.y, rect.width, 1), glyphs.horizontal, style: border)
    fill(Rect(rect.x, rect.maxY - 1, rect.width, 1), glyphs.horizontal, style: border)
    fill(Rect(rect.x, rect.y, 1, rect.height), glyphs.vertical, style: border)
    fill(Rect(rect.maxX - 1, rect.y, 1, rect.height), glyphs.vertical, style: border)
    draw(glyphs.upperLeft, at: Point(rect.x, rect.y), style: border)
    draw(glyphs.upperRight, at: Point(rect.maxX - 1, rect.y), style: border)
    draw(glyphs.lowerLeft, at: Point(rect.x, rect.maxY - 1), style: border)
    draw(glyphs.lowerRight, at: Point(rect.maxX - 1, rect.maxY - 1), style: border)
    drawEdge(rect, title: title, right: right, focused: focused)
    return rect.inset(columns: padded ? 2 : 1, rows: 1)
  }

  /// The words in a box's upper edge: `╭─ Title ──── note ─╮`.
  private mutating func drawEdge(_ rect: Rect, title: String, right: String, focused: Bool) {
    let room = rect.width - 6
    guard room > 0 else { return }
    let shown = title.fitted(to: room, .tail, mark: glyphs.ellipsis)
    let titleWidth = shown.columnWidth
    if titleWidth > 0 {
      let style = focused ? Style(.focusedBorder, .bold) : Style(.title)
      draw(" " + shown + " ", at: Point(rect.x + 2, rect.y), style: style)
    }
    let left = room - (titleWidth > 0 ? titleWidth + 3 : 0)
    let noteWidth = right.columnWidth
    guard noteWidth > 0, noteWidth <= left else { return }
    draw(" " + right + " ", at: Point(rect.maxX - 4 - noteWidth, rect.y), style: Style(.dim))
  }
}
