/// A screen as a value: rows of cells and the position of the text cursor.
///
/// Drawing outside the grid is clipped. A wide character takes two cells. It is drawn whole; if only one of its cells
/// fits, a space is drawn instead. Drawing over one half of a wide character turns the other half into a space.
public struct CellGrid: Hashable, Sendable {
  /// Columns and rows.
  public let size: Size
  /// The characters for boxes, bars and marks.
  public let glyphs: Glyphs
  /// The position of the text cursor; nil hides it.
  public var cursor: Point?
  var cells: [Cell]

  /// A grid of spaces.
  public init(_ size: Size, glyphs: Glyphs = .unicode) {
    self.size = size
    self.glyphs = glyphs
    cells = Array(repeating: .blank, count: size.width * size.height)
  }

  /// The whole grid as a rectangle.
  public var bounds: Rect { Rect(size: size) }

  /// The cell at `point`; a blank if the point is outside the grid.
  public subscript(point: Point) -> Cell { bounds.contains(point) ? cells[offset(point)] : .blank }

  func offset(_ point: Point) -> Int { point.y * size.width + point.x }

  /// Draws `text` at `point`, at most `maxWidth` columns of it. Returns the number of columns drawn.
  @discardableResult
  public mutating func draw(
    _ text: some StringProtocol, at point: Point, style: Style = .plain, maxWidth: Int? = nil,
    truncation: Truncation = .clip
  ) -> Int {
    let room = max(0, min(maxWidth ?? Int.max, size.width - point.x))
    if truncation != .clip, let maxWidth {
      return draw(text.fitted(to: min(maxWidth, room), truncation, mark: glyphs.ellipsis), at: point, style: style)
    }
    var used = 0
    for character in text {
      for piece in character.columnPieces {
        guard used + piece.width <= room else { return used }
        put(piece.text, width: piece.width, at: Point(point.x + used, point.y), style: style)
        used += piece.width
      }
    }
    return used
  }

  /// Draws spans one after another. Returns the number of columns drawn. With `.tail`, spans that are too long end with
  /// `…`.
  @discardableResult
  public mutating func draw(
    _ spans: [Span], at point: Point, maxWidth: Int? = nil, truncation: Truncation = .tail
  ) -> Int {
    let room = max(0, min(maxWidth ?? Int.max, size.width - point.x))
    let isCut = truncation == .tail && spans.reduce(0) { $0 + $1.text.columnWidth } > room
    var used = 0
    for span in spans where used < room {
      let shown = isCut ? span.text.prefixWithin(room - 1 - used) : span.text[...]
      used += draw(shown, at: Point(point.x + used, point.y), style: span.style, maxWidth: room - used)
      if isCut, shown.endIndex < span.text.endIndex {
        return used + draw(glyphs.ellipsis, at: Point(point.x + used, point.y), style: span.style)
      }
    }
    return used
  }

  /// Draws `text` in row `row` of `rect`, aligned left, centered or right. Text that is too long ends with `…`.
  @discardableResult
  public mutating func draw(
    _ text: some StringProtocol, in rect: Rect, row: Int = 0, alignment: Alignment = .left, style: Style = .plain
  ) -> Int {
    guard row >= 0, row < rect.height, rect.width > 0 else { return 0 }
    let fitted = text.fitted(to: rect.width, .tail, mark: glyphs.ellipsis)
    let free = rect.width - fitted.columnWidth
    let indent =
      switch alignment {
      case .left: 0
      case .center: free / 2
      case .right: free
      }
    return draw(fitted, at: Point(rect.x + indent, rect.y + row), style: style, maxWidth: rect.width - indent)
  }

  /// Writes one piece of a grapheme into its cells.
  mutating func put(_ text: String, width: Int, at point: Point, style: Style) {
    guard point.y >= 0, point.y < size.height else { return }
    let first = point.x
    let last = point.x + width - 1
    guard first >= 0, last < size.width else {
      for x in first...last where x >= 0 && x < size.width { put(" ", width: 1, at: Point(x, point.y), style: style) }
      return
    }
    separate(Point(first, point.y))
    separate(Point(last + 1, point.y))
    cells[offset(point)] = Cell(text: text, width: UInt8(width), style: style)
    if width == 2 { cells[offset(point) + 1] = Cell(text: "", width: 0, style: style) }
  }

  /// If `point` is the second cell of a wide character, turns both cells into spaces.
  private mutating func separate(_ point: Point) {
    guard point.x > 0, point.x < size.width, cells[offset(point)].isContinuation else { return }
    let index = offset(point)
    cells[index - 1] = Cell(text: " ", width: 1, style: cells[index - 1].style)
    cells[index] = Cell(text: " ", width: 1, style: cells[index].style)
  }
}

/// A run of text in one style.
public struct Span: Hashable, Sendable {
  /// The text. Control characters are replaced when it is drawn.
  public var text: String
  /// Its style.
  public var style: Style

  /// Creates a run of text.
  public init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }
}

/// The horizontal alignment of a line.
public enum Alignment: Hashable, Sendable {
  /// Aligned left, centered, aligned right.
  case left, center, right
}

extension CellGrid {
  /// Fills a rectangle with one character of one column.
  public mutating func fill(_ rect: Rect, _ text: String = " ", style: Style = .plain) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty, let piece = text.first?.columnPieces.first, piece.width == 1 else { return }
    for y in area.y..<area.maxY {
      for x in area.x..<area.maxX { put(piece.text, width: 1, at: Point(x, y), style: style) }
    }
  }

  /// Sets the background and adds attributes for every cell of a rectangle. Text and roles are unchanged.
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

  /// Draws a box with rounded corners, a title at the upper left and a note at the upper right. Clears the interior and
  /// returns its rectangle, without one column at each side if `padded`.
  ///
  /// If the box is narrow, the note is left out first; then the title is truncated.
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

  /// Draws title and note into the upper edge: `╭─ Title ──── note ─╮`.
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

extension CellGrid {
  /// The rows as text, each as wide as the grid. A wide character appears once.
  public var lines: [String] {
    (0..<size.height).map { y in cells[(y * size.width)..<((y + 1) * size.width)].map(\.text).joined() }
  }
}
