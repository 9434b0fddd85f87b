import EngineAPI
import TerminalUI

/// The last line: the keys that matter now; in their place a notice, until the next key.
struct HintsView: Widget {
  var state: PlaygroundState
  var isNarrow: Bool

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if let notice = state.shell.notice {
      grid.draw(notice, in: rect.inset(columns: 1, rows: 0), style: Style(.warning))
      return
    }
    let hints = hints(glyphs: grid.glyphs)
    guard isNarrow else {
      grid.draw(
        StatusLine(
          hints, right: [hint(.help, "help", grid.glyphs), hint(.quit, "quit", grid.glyphs)].compactMap(\.self)),
        in: rect)
      return
    }
    let words = state.current.rateWords
    let width = words.isEmpty ? 0 : words.columnWidth + 2
    grid.draw(
      StatusLine(hints, right: [hint(.help, "help", grid.glyphs)].compactMap(\.self)),
      in: Rect(rect.x, rect.y, rect.width - width, 1))
    grid.draw(words, at: Point(rect.maxX - width + 1, rect.y), style: Style(.dim))
  }

  private func hint(_ action: Action, _ words: String, _ glyphs: Glyphs) -> StatusLine.Hint? {
    state.shell.keys.key(for: action, in: state.keyContext, tab: state.tab).map {
      StatusLine.Hint($0.label(glyphs: glyphs), words)
    }
  }

  private func hints(glyphs: Glyphs) -> [StatusLine.Hint] {
    let stays = state.overlayStays
    return state.shell.keys.hints(in: state.keyContext, tab: state.tab).filter { !stays || $0.words != "scroll" }.map {
      hint in
      StatusLine.Hint(hint.keys.map { $0.label(glyphs: glyphs) }.joined(), hint.words)
    }
  }
}

extension PlaygroundState {
  /// Whether the text in an overlay is seen as a whole: there is nothing to scroll.
  fileprivate var overlayStays: Bool {
    switch shell.overlay {
    case .help: HelpView.lastTop(self) == 0
    case .card(let card): CardView.lastTop(card, size: shell.size) == 0
    default: false
    }
  }
}
