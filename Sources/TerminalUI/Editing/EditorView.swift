/// Draws a `TextEditor`: its lines around the cursor, each byte range in its own style.
public struct EditorView: Widget, Hashable {
  /// The text and its cursor.
  public var editor: TextEditor
  /// Styles by byte range, in ascending order and not overlapping; the rest is plain.
  public var styles: [StyledRange]
  /// Dim words where there is no text.
  public var placeholder: String
  /// Whether the terminal's cursor stands in the field.
  public var isFocused: Bool

  /// A view of an editor.
  public init(_ editor: TextEditor, styles: [StyledRange] = [], placeholder: String = "", isFocused: Bool = true) {
    self.editor = editor
    self.styles = styles
    self.placeholder = placeholder
    self.isFocused = isFocused
  }

  /// Draws the visible lines and places the terminal's cursor.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    if editor.isEmpty, !placeholder.isEmpty {
      let lines = WrappedText(placeholder, width: rect.width)
      for (row, line) in lines.lines.prefix(rect.height).enumerated() {
        let text = placeholder.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count)
        grid.draw(String(decoding: text, as: UTF8.self), in: rect, row: row, style: Style(.dim))
      }
    }
    let layout = editor.layout(width: rect.width)
    let top = editor.visibleTop(in: rect.size, layout: layout)
    var next = styles[...]
    for row in 0..<min(rect.height, layout.count - top) {
      for grapheme in layout.graphemes(of: layout[top + row], in: editor.text, glyphs: grid.glyphs) {
        let offset = grapheme.range.lowerBound
        while let first = next.first, first.range.upperBound <= offset { next = next.dropFirst() }
        let style = next.first.map { $0.range.contains(offset) ? $0.style : .plain } ?? .plain
        let room = rect.width - grapheme.column
        grid.draw(grapheme.text, at: Point(rect.x + grapheme.column, rect.y + row), style: style, maxWidth: room)
      }
    }
    guard isFocused else { return }
    let place = layout.place(of: editor.cursor, in: editor.text)
    grid.cursor = Point(rect.x + min(place.x, rect.width - 1), rect.y + place.y - top)
  }
}
