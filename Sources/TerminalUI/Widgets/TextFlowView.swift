/// Draws a `TextFlow`: some of its lines, with a chosen token and a caret behind the last one.
public struct TextFlowView: Widget {
  /// The text.
  public var flow: TextFlow
  /// The first line to show.
  public var top: Int
  /// The token that the cursor is on.
  public var selected: Int?
  /// Whether every other token stands on a faint ground.
  public var shadesTokens: Bool
  /// Whether newlines show as a sign where there is room.
  public var showsNewlines: Bool
  /// Whether a caret stands behind the last token.
  public var showsCaret: Bool
  /// How a token looks, by its index, in place of the style that it carries; asked only for tokens that are drawn.
  public var style: (@Sendable (Int) -> Style)?

  /// A view of running text.
  public init(
    _ flow: TextFlow, top: Int = 0, selected: Int? = nil, shadesTokens: Bool = false, showsNewlines: Bool = true,
    showsCaret: Bool = false, style: (@Sendable (Int) -> Style)? = nil
  ) {
    self.flow = flow
    self.top = top
    self.selected = selected
    self.shadesTokens = shadesTokens
    self.showsNewlines = showsNewlines
    self.showsCaret = showsCaret
    self.style = style
  }

  /// Draws the lines from `top` on.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    let width = min(rect.width, flow.wrapped.width)
    let lines = flow.wrapped.lines
    for row in 0..<rect.height where top + row >= 0 && top + row < lines.count {
      let line = lines[top + row]
      let y = rect.y + row
      for grapheme in flow.wrapped.graphemes(of: line, in: flow.text, glyphs: grid.glyphs) {
        guard let token = flow.token(atByte: grapheme.range.lowerBound), grapheme.column < width else { break }
        grid.draw(
          grapheme.text, at: Point(rect.x + grapheme.column, y), style: style(of: token),
          maxWidth: width - grapheme.column)
      }
      if line.endsParagraph, showsNewlines, let token = flow.token(atByte: line.range.upperBound) {
        let sign = grid.glyphs.newline
        if line.columns + sign.columnWidth <= width {
          grid.draw(sign, at: Point(rect.x + line.columns, y), style: style(of: token).with(.dim))
        }
      }
      if showsCaret, top + row == lines.count - 1, rect.width > 0 {
        grid.draw(grid.glyphs.caret, at: Point(rect.x + min(line.columns, rect.width - 1), y), style: Style(.accent))
      }
    }
  }

  private func style(of token: Int) -> Style {
    let style = self.style?(token) ?? flow.tokens[token].style
    if token == selected { return style.on(.cursor) }
    return shadesTokens && token % 2 == 1 && style.background == nil ? style.on(.tokenShade) : style
  }
}
