import EngineAPI
import TerminalUI

/// A trace as running text in a pane: shared by the views and by the keys that move a cursor in it.
enum TokenFlow {
  /// The room for text inside a pane.
  static func room(_ pane: Layout.Pane) -> Rect {
    let room = pane.isFramed ? pane.frame.inset(columns: 2, rows: 1) : pane.frame.inset(columns: 1, rows: 0)
    return Rect(room.x, room.y + pane.notes, room.width, room.height - pane.notes)
  }

  /// The text of a trace.
  static func text(of trace: Trace, endOfText: [Int]) -> String {
    let breaks = { (count: Int) in String(repeating: "\n", count: count) }
    return breaks(trace.leadingBreaks)
      + trace.pieces(endOfText: endOfText).enumerated().map { $1 + breaks(trace.breaks(behind: $0)) }.joined()
  }

  /// The trace wrapped to a width. An end-of-text token is shown by its own name, dim, so that the cursor can stand on
  /// it.
  static func flow(
    _ trace: Trace, width: Int, endOfText: [Int], isComplete: Bool = true, style: (Int) -> Style = { _ in .plain }
  ) -> TextFlow {
    let pieces = trace.pieces(endOfText: endOfText, isComplete: isComplete)
    var tokens = pieces.enumerated().map { index, piece in
      let token = trace.tokens[index].token
      guard endOfText.contains(token.id) else { return TextFlow.Token(piece, style(index)) }
      return TextFlow.Token(" " + visible(bytes: token.bytes), Style(.dim))
    }
    for part in trace.parts where tokens.indices.contains(part.start) {
      let breaks = String(repeating: "\n", count: part.breaks)
      if part.start == 0 { tokens[0].text = breaks + tokens[0].text } else { tokens[part.start - 1].text += breaks }
    }
    return TextFlow(tokens, width: max(1, width))
  }

  /// The first line to show so that a token is seen, as near to `from` as possible.
  static func top(
    showing cursor: Int, of trace: Trace, from top: Int?, in pane: Layout.Pane, endOfText: [Int]
  ) -> Int {
    let room = room(pane)
    let flow = flow(trace, width: room.width, endOfText: endOfText)
    let from = top ?? max(0, flow.lineCount - room.height)
    return flow.top(showing: flow.line(of: cursor), from: from, height: room.height)
  }

  /// The token that stands `lines` further down (or up) in the same column; the count of tokens is the place behind the
  /// last one.
  static func token(lines: Int, from cursor: Int?, in trace: Trace, pane: Layout.Pane, endOfText: [Int]) -> Int? {
    let flow = flow(trace, width: room(pane).width, endOfText: endOfText)
    guard let last = trace.tokens.indices.last else { return nil }
    let here = flow.places(of: cursor ?? last).first?.origin ?? Point(0, flow.line(of: cursor ?? last))
    let line = here.y + lines
    guard line < flow.lineCount else { return trace.tokens.count }
    guard line >= 0 else { return 0 }
    return token(nearest: Point(here.x, line), in: flow)
  }

  /// The token at a cell of a pane; `nil` behind the text.
  static func token(
    at point: Point, of trace: Trace, scroll: Int?, cursor: Int?, in pane: Layout.Pane, endOfText: [Int]
  ) -> Int? {
    let room = room(pane)
    let flow = flow(trace, width: room.width, endOfText: endOfText)
    let top = shownTop(flow, scroll: scroll, cursor: cursor, height: room.height)
    let place = Point(point.x - room.x, point.y - room.y + top)
    guard place.y < flow.lineCount else { return nil }
    return token(nearest: place, in: flow)
  }

  /// The first line shown: where it was scrolled to, as far as the cursor can be seen; without a cursor, the text's
  /// end.
  static func shownTop(_ flow: TextFlow, scroll: Int?, cursor: Int?, height: Int) -> Int {
    let end = max(0, flow.lineCount - height)
    guard let cursor else { return scroll.map { min(max($0, 0), end) } ?? end }
    return flow.top(showing: flow.line(of: cursor), from: scroll ?? end, height: height)
  }

  private static func token(nearest point: Point, in flow: TextFlow) -> Int? {
    for x in stride(from: min(point.x, flow.wrapped.width - 1), through: 0, by: -1) {
      if let token = flow.token(at: Point(x, point.y)) { return token }
    }
    return nil
  }
}
