/// Draws a `LineInput`, scrolled so that the cursor is seen.
public struct LineInputView: Widget, Hashable {
  /// The field.
  public var input: LineInput
  /// What stands before it, `/` for example.
  public var prompt: Span
  /// Dim words where there is no text.
  public var placeholder: String
  /// Whether the terminal's cursor stands in the field.
  public var isFocused: Bool

  /// A view of a field.
  public init(_ input: LineInput, prompt: Span = Span(""), placeholder: String = "", isFocused: Bool = true) {
    self.input = input
    self.prompt = prompt
    self.placeholder = placeholder
    self.isFocused = isFocused
  }

  /// Draws into the first row of `rect`; text that is cut at a side gives way to `…` there.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let start = grid.draw(prompt.text, at: rect.origin, style: prompt.style, maxWidth: rect.width)
    let field = Rect(rect.x + start, rect.y, rect.width - start, 1)
    guard field.width > 0 else { return }
    if input.text.isEmpty { grid.draw(placeholder, in: field, style: Style(.dim)) }
    let split = input.editor.cursorIndex
    let before = visible(input.text[..<split], glyphs: grid.glyphs, keepsSpaces: true)
    let behind = visible(input.text[split...], glyphs: grid.glyphs, keepsSpaces: true)
    let used = grid.draw(before.fitted(to: field.width - 1, .head, mark: grid.glyphs.ellipsis), at: field.origin)
    grid.draw(behind, at: Point(field.x + used, field.y), maxWidth: field.width - used, truncation: .tail)
    if isFocused { grid.cursor = Point(field.x + used, field.y) }
  }
}
