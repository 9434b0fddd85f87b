import TerminalUI

/// Dim text in a pane, wrapped at spaces. If the pane has too few rows, the last one ends with an ellipsis.
struct DimLines: Widget {
  /// The text; control characters are drawn as visible ones.
  var text: String

  init(_ text: String) { self.text = text }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let text = visible(text, glyphs: grid.glyphs, keepsSpaces: true)
    let lines = WrappedText(text, width: rect.width).lines
    for (row, line) in lines.prefix(rect.height).enumerated() {
      var words = WrappedText.visible(line.range, of: text)
      if row == rect.height - 1, lines.count > rect.height {
        let mark = grid.glyphs.ellipsis
        words = words.fitted(to: max(0, rect.width - mark.columnWidth), .tail, mark: "") + mark
      }
      grid.draw(words, in: rect, row: row, style: Style(.dim))
    }
  }
}
