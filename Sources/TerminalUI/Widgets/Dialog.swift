/// A centered box with scrolling lines of text: help, errors, questions.
public struct Dialog: Widget, Hashable {
  /// The title in the upper edge.
  public var title: String
  /// The lines; a line that is too long ends with `…`.
  public var lines: [[Span]]
  /// Dim text below the lines, for example the keys that close the box.
  public var footer: String
  /// The first line to show; clamped to the valid range.
  public var top: Int
  /// Whether the title is shown as an error.
  public var isError: Bool
  /// Minimum number of free columns and rows around the box. If too few columns remain, or the box would be too low, it
  /// covers the whole screen.
  public var margin: Size?

  /// A box with lines.
  public init(title: String, lines: [[Span]], footer: String = "", top: Int = 0, isError: Bool = false) {
    self.title = title
    self.lines = lines
    self.footer = footer
    self.top = top
    self.isError = isError
  }

  /// A box with running text, wrapped to at most `width` columns.
  public init(
    title: String, text: String, width: Int, style: Style = .plain, footer: String = "", top: Int = 0,
    isError: Bool = false
  ) {
    let wrapped = WrappedText(text, width: width)
    let lines = wrapped.lines.map { line -> [Span] in
      let bytes = text.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count)
      return [Span(visible(String(decoding: bytes, as: UTF8.self), keepsSpaces: true), style)]
    }
    self.init(title: title, lines: lines, footer: footer, top: top, isError: isError)
  }

  /// The frame of the box on a screen of these bounds.
  public func frame(in bounds: Rect) -> Rect {
    let text = lines.map { $0.reduce(0) { $0 + $1.text.columnWidth } }.max() ?? 0
    // The title needs its own columns plus those of the frame.
    let width = max(text, footer.columnWidth, title.columnWidth + 4) + 4
    let height = lines.count + 2 + footerRows
    guard let margin else { return bounds.centered(Size(width, height)) }
    // Covering the screen is better than leaving thin strips around a low box.
    let most = bounds.height - 2 * margin.height
    let isLow = height > most && most < Dialog.lowest
    if bounds.width - width < 2 * margin.width || isLow { return bounds }
    return bounds.centered(Size(width, min(height, most)))
  }

  /// Minimum rows of a long box that keeps a margin.
  private static let lowest = 20

  /// The number of lines visible on a screen of these bounds.
  public func visibleLines(in bounds: Rect) -> Int { max(0, frame(in: bounds).height - 2 - footerRows) }

  /// The largest valid `top` on a screen of these bounds.
  public func lastTop(in bounds: Rect) -> Int { max(0, lines.count - visibleLines(in: bounds)) }

  private var footerRows: Int { footer.isEmpty ? 0 : 2 }

  /// Draws the box over existing content, centered in `rect`.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    let frame = frame(in: rect)
    let rows = visibleLines(in: rect)
    let first = min(max(top, 0), lastTop(in: rect))
    let last = min(first + rows, lines.count)
    let note = lines.count > rows ? "\(first + 1)\(grid.glyphs.dash)\(last) of \(lines.count)" : ""
    let inside = grid.box(frame, title: title, right: note, focused: true)
    if isError {
      let width = min(title.columnWidth + 2, max(0, frame.width - 4))
      recolor(Rect(frame.x + 2, frame.y, width, 1), .error, on: &grid)
    }
    for (row, line) in lines[first..<last].enumerated() {
      grid.draw(line, at: Point(inside.x, inside.y + row), maxWidth: inside.width)
    }
    if footerRows > 0 { grid.draw(footer, in: inside, row: inside.height - 1, alignment: .right, style: Style(.dim)) }
    grid.cursor = nil
  }

  private func recolor(_ rect: Rect, _ role: Role, on grid: inout CellGrid) {
    for x in rect.x..<rect.maxX {
      let cell = grid[Point(x, rect.y)]
      guard !cell.isContinuation else { continue }
      grid.draw(cell.text, at: Point(x, rect.y), style: Style(role, .bold))
    }
  }
}
