/// Running text made of tokens, wrapped into lines. Each cell belongs to a token.
///
/// A grapheme shared by several tokens (tokens may end inside one) belongs to the token of its first byte. Appending a
/// token rewraps only the last line, so text can be streamed token by token.
public struct TextFlow: Hashable, Sendable {
  /// A piece of the text.
  public struct Token: Hashable, Sendable {
    /// The token's text; may be empty or end inside a grapheme.
    public var text: String
    /// Its style.
    public var style: Style

    /// A piece of the text.
    public init(_ text: String, _ style: Style = .plain) {
      self.text = text
      self.style = style
    }
  }

  /// The tokens.
  public private(set) var tokens: [Token]
  /// The tokens' texts, joined.
  public private(set) var text: String
  /// The lines.
  public private(set) var wrapped: WrappedText
  /// The byte where each token starts.
  private var starts: [Int]

  /// Tokens as running text of `width` columns.
  public init(_ tokens: [Token] = [], width: Int) {
    self.tokens = tokens
    text = ""
    starts = []
    for token in tokens {
      starts.append(text.utf8.count)
      text += token.text
    }
    wrapped = WrappedText(text, width: width)
  }

  /// The number of lines, at least one.
  public var lineCount: Int { wrapped.lines.count }

  /// Adds a token at the end.
  public mutating func append(_ token: Token) {
    tokens.append(token)
    starts.append(text.utf8.count)
    text += token.text
    wrapped.extend(to: text)
  }

  /// Rewraps for another width.
  public mutating func rewrap(width: Int) {
    if max(1, width) != wrapped.width { wrapped = WrappedText(text, width: width) }
  }

  /// The token at a line and column; nil if there is no text.
  public func token(at point: Point) -> Int? {
    guard wrapped.lines.indices.contains(point.y), point.x >= 0, point.x < wrapped.width else { return nil }
    let placed = wrapped.graphemes(of: wrapped.lines[point.y], in: text, glyphs: .unicode)
    let hit = placed.first { $0.column <= point.x && point.x < $0.column + $0.width }
    return hit.flatMap { token(atByte: $0.range.lowerBound) }
  }

  /// The columns of a line without the spaces at its break.
  public func shownColumns(line number: Int) -> Int {
    guard wrapped.lines.indices.contains(number) else { return 0 }
    let line = wrapped.lines[number]
    guard !line.endsParagraph, number < lineCount - 1 else { return min(line.columns, wrapped.width) }
    let spaces = text.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count).reversed().prefix { $0 == 0x20 }
    return min(line.columns - spaces.count, wrapped.width)
  }

  /// The cells of a token: one rectangle of height 1 per line; empty if it has no cells.
  public func places(of index: Int) -> [Rect] {
    guard tokens.indices.contains(index) else { return [] }
    let (first, last) = (line(of: index), wrapped.line(at: starts[index] + tokens[index].text.utf8.count))
    return (first...last).compactMap { number in
      let own = wrapped.graphemes(of: wrapped.lines[number], in: text, glyphs: .unicode).filter {
        $0.width > 0 && token(atByte: $0.range.lowerBound) == index
      }
      guard let start = own.first?.column, let end = own.last, start < wrapped.width else { return nil }
      return Rect(start, number, min(end.column + end.width, wrapped.width) - start, 1)
    }
  }

  /// The first line of a token.
  public func line(of index: Int) -> Int {
    guard !starts.isEmpty else { return 0 }
    return wrapped.line(at: starts[min(max(index, 0), starts.count - 1)])
  }

  /// The top line nearest to `top` with which line `wanted` is among the `height` visible lines.
  public func top(showing wanted: Int, from top: Int, height: Int) -> Int {
    let rows = max(1, height)
    let nearest = min(max(top, wanted - rows + 1), wanted)
    return min(max(nearest, 0), max(lineCount - rows, 0))
  }

  /// The token of a byte: the last non-empty token that starts at or before it.
  func token(atByte offset: Int) -> Int? {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    var index = low - 1
    while index > 0, tokens[index].text.isEmpty { index -= 1 }
    return index >= 0 ? index : nil
  }
}

/// Draws lines of a `TextFlow`, with a selected token and a caret at the end.
public struct TextFlowView: Widget {
  /// The text.
  public var flow: TextFlow
  /// The first line to show.
  public var top: Int
  /// The selected token.
  public var selected: Int?
  /// Whether every other token is shaded.
  public var shadesTokens: Bool
  /// Whether newlines are shown as a sign if there is space.
  public var showsNewlines: Bool
  /// Whether a caret follows the last token.
  public var showsCaret: Bool
  /// The style of a token by its index, which replaces the token's own; called only for tokens that are drawn.
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
