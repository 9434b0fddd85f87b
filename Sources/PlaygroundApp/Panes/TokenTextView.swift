import EngineAPI
import TerminalUI

/// The tokens of a trace as wrapped text, colored by probability. Without colors, a row of marks follows each line.
struct TokenTextView: Widget {
  var trace: Trace
  /// The trace as wrapped text; updated first if it is behind the trace or has another width.
  var text: TokenText
  var endOfText: [Int]
  var heat: HeatMeasure
  var colors: ColorDepth
  /// The token that the cursor is on.
  var cursor: Int?
  /// The first line shown; `nil` follows the cursor or the end.
  var scroll: Int?
  /// Whether more tokens may come.
  var isRunning: Bool
  /// Whether the pane has the focus, or the candidates with the focus are those of its cursor.
  var isFocused: Bool

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    var text = text
    text.update(trace, width: rect.width, endOfText: endOfText, isComplete: !isRunning)
    let flow = text.flow
    let isMarked = colors == .none && rect.height > 1
    let rows = isMarked ? max(1, rect.height / 2) : rect.height
    let top = text.shownTop(scroll: scroll, cursor: cursor, height: rows)
    let showsCaret = isRunning || (isFocused && cursor == nil)
    for row in 0..<rows where top + row < flow.lineCount {
      let y = rect.y + (isMarked ? 2 * row : row)
      let view = TextFlowView(
        flow, top: top + row, selected: isFocused ? cursor : nil, showsCaret: showsCaret, style: style)
      grid.draw(view, in: Rect(rect.x, y, rect.width, 1))
      if isMarked { drawMarks(flow, line: top + row, at: Point(rect.x, y + 1), width: rect.width, on: &grid) }
    }
  }

  private func style(of index: Int) -> Style {
    let token = trace.tokens[index]
    if endOfText.contains(token.token.id) { return Style(.dim) }
    let role = HeatScaleSteps.fraction(token, heat).map { Role.heat(fraction: $0) } ?? .text
    return Style(role, trace.tokens.isByHand(at: index) ? .underline : [])
  }

  /// Marks under the surprising tokens of a line; under the expected ones nothing.
  private func drawMarks(_ flow: TextFlow, line: Int, at origin: Point, width: Int, on grid: inout CellGrid) {
    var x = 0
    // The space at a line break belongs to the token on the next line and is not shown.
    let width = min(width, flow.shownColumns(line: line))
    while x < width {
      defer { x += 1 }
      guard let index = flow.token(at: Point(x, line)), trace.tokens.indices.contains(index),
        !endOfText.contains(trace.tokens[index].token.id),
        let fraction = HeatScaleSteps.fraction(trace.tokens[index], heat)
      else { continue }
      grid.draw(grid.glyphs.shade(fraction), at: Point(origin.x + x, origin.y), style: Style(.dim))
    }
  }
}
