import EngineAPI
import Sessions
import TerminalUI

/// The list of sessions, and how the chosen one begins.
struct SessionsView: Widget {
  var state: PlaygroundState
  var browser: SessionBrowser

  /// The overlay's place.
  private static func frame(_ state: PlaygroundState) -> Rect {
    let bounds = state.shell.overlayBounds
    let width = max(84, min(bounds.width - 2 * OverlayView.margin.width, 118))
    return OverlayView.place(Size(width, max(18, bounds.height * 3 / 4)), in: bounds)
  }

  /// The places of the list and of the preview inside the frame; an empty preview if there is too little room.
  private static func parts(_ inside: Rect) -> (list: Rect, preview: Rect) {
    let room = Rect(inside.x, inside.y + 2, inside.width, max(1, inside.height - 2))
    if room.width >= 76 {
      let columns = room.columns([.fraction(0.52), .cells(2), .rest])
      return (columns[0], columns[2])
    }
    guard room.height >= 6 else { return (room, Rect(size: .zero)) }
    let rows = room.rows([.rest, .cells(1), .cells(max(2, room.height / 2 - 1))])
    return (rows[0], rows[2])
  }

  /// The number of visible rows.
  static func rows(_ state: PlaygroundState) -> Int {
    max(1, parts(frame(state).inset(columns: 2, rows: 1)).list.height)
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let sessions = browser.matching
    let note = sessions.isEmpty ? "" : "\(browser.window.selected + 1) of \(sessions.count)"
    let inside = grid.box(SessionsView.frame(state), title: "Sessions", right: note, focused: true)
    guard inside.height > 2 else { return }
    grid.draw(
      LineInputView(
        browser.filter, prompt: Span("/ ", Style(.accent)), placeholder: "words of a name, a model or a text"),
      in: inside.row(0))
    let (list, preview) = SessionsView.parts(inside)
    let rows = sessions.map { session in
      MenuList.Item(
        name(session, width: max(8, list.width - 2), glyphs: grid.glyphs), isEnabled: session.problem == nil)
    }
    let empty =
      browser.sessions == nil
      ? "reading the sessions" : browser.filter.text.isEmpty ? "no sessions yet" : "nothing matches"
    grid.draw(MenuList(rows, window: browser.window, emptyText: empty), in: list)
    if let chosen = browser.chosen { draw(chosen, in: preview, on: &grid) }
  }

  /// The name of a session, and whether it is the open one or damaged. A long name loses its last words.
  private func name(_ session: SessionSummary, width: Int, glyphs: Glyphs) -> String {
    let state =
      session.problem != nil ? " (damaged)" : session.name == state.shell.session.name ? " (open)" : ""
    let name = visible(session.name, glyphs: glyphs, keepsSpaces: true)
    guard (name + state).columnWidth > width else { return name + state }
    var words = name.split(separator: "-", omittingEmptySubsequences: false)
    let end = glyphs.ellipsis + state
    while words.count > 1, words.joined(separator: "-").columnWidth + end.columnWidth > width { words.removeLast() }
    return (words.joined(separator: "-") + end).fitted(to: width, .tail, mark: glyphs.ellipsis)
  }

  /// The facts of a session and its first texts.
  private func draw(_ session: SessionSummary, in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let glyphs = grid.glyphs
    let shown = { (text: String) in visible(text, glyphs: glyphs, keepsSpaces: true) }
    var lines: [[Span]] = []
    let facts = [session.created ?? "", session.models.map(\.description).joined(separator: ", ")]
    for fact in facts where !fact.isEmpty && rect.height > 4 { lines.append([Span(shown(fact), Style(.dim))]) }
    if let problem = session.problem {
      for line in WrappedText(shown(problem.brief), width: max(1, rect.width)).lines {
        lines.append([Span(WrappedText.visible(line.range, of: shown(problem.brief)), Style(.warning))])
      }
    }
    for text in session.texts {
      if !lines.isEmpty { lines.append([]) }
      let prompt = shown(text.prompt.replacing("\n", with: " "))
      // A translation stands below its source, other texts go on from their prompt.
      let parts =
        text.isSource
        ? [(prompt, prompt.utf8.count), (shown(text.made), 0)] : [(prompt + shown(text.made), prompt.utf8.count)]
      for (whole, promptBytes) in parts {
        for line in WrappedText(whole, width: max(1, rect.width)).lines where lines.count < rect.height {
          let first = line.range.clamped(to: 0..<promptBytes)
          let made = line.range.clamped(to: promptBytes..<max(promptBytes, whole.utf8.count))
          lines.append([
            Span(WrappedText.visible(first, of: whole), Style(.dim)), Span(WrappedText.visible(made, of: whole)),
          ])
        }
      }
    }
    for (row, line) in lines.prefix(rect.height).enumerated() {
      grid.draw(line, at: Point(rect.x, rect.y + row), maxWidth: rect.width)
    }
  }
}
