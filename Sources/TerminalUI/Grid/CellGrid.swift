/// A screen as a value: rows of cells, and where the text cursor stands.
///
/// Drawing outside the grid is clipped. A wide character takes two cells; it is drawn whole or, where only half of it
/// has room, as a space; drawing over one half of it turns the other half into a space.
public struct CellGrid: Hashable, Sendable {
  /// Columns and rows.
  public let size: Size
  /// The signs that boxes, bars and marks are drawn with.
  public let glyphs: Glyphs
  /// Where the terminal's text cursor stands; nil hides it.
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

  /// The cell at `point`; outside the grid a blank.
  public subscript(point: Point) -> Cell { bounds.contains(point) ? cells[offset(point)] : .blank }

  func offset(_ point: Point) -> Int { point.y * size.width + point.x }

  /// Draws `text` from `point` to the right within `maxWidth` columns, and tells how many columns it took.
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

  /// Draws spans one after another, and tells how many columns they took; cut at its end with `…` where they are too
  /// long and `truncation` is `.tail`.
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

  /// Draws `text` in row `row` of `rect`, at its left, middle or right, cut with `…` where it is too long.
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

  /// Puts one piece of a grapheme into its cells.
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

  /// Turns a wide character that lies across the left edge of `point` into spaces.
  private mutating func separate(_ point: Point) {
    guard point.x > 0, point.x < size.width, cells[offset(point)].isContinuation else { return }
    let index = offset(point)
    cells[index - 1] = Cell(text: " ", width: 1, style: cells[index - 1].style)
    cells[index] = Cell(text: " ", width: 1, style: cells[index].style)
  }
}
