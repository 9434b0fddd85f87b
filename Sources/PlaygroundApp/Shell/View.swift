import EngineAPI
import TerminalUI

/// The screen of a state: the same state, signs and colours give the same grid.
///
/// - Parameters:
///   - glyphs: the signs that the terminal can show.
///   - colors: how many colours it has. Without any, marks under the tokens say what colours would.
public func view(
  _ state: PlaygroundState, glyphs: Glyphs = .unicode, colors: ColorDepth = .trueColor
) -> CellGrid {
  var grid = CellGrid(state.size, glyphs: glyphs)
  let layout = Layout(state)
  guard !layout.panes.isEmpty else {
    TooSmallView(size: state.size).draw(in: grid.bounds, on: &grid)
    return grid
  }
  grid.draw(HeaderView(state: state, isNarrow: layout.isNarrow), in: layout.header)
  for pane in layout.panes {
    switch pane.focus {
    case .prompt: grid.draw(PromptView(state: state, pane: pane), in: pane.frame)
    case .candidates, .mask: grid.draw(CandidatesView(state: state, pane: pane), in: pane.frame)
    case .stream(let index):
      grid.draw(StreamView(state: state, pane: pane, index: index, colors: colors), in: pane.frame)
    case .together: grid.draw(TogetherView(state: state, pane: pane), in: pane.frame)
    case .translation: grid.draw(TranslationView(state: state, pane: pane, colors: colors), in: pane.frame)
    case .beams: grid.draw(BeamsView(state: state, pane: pane), in: pane.frame)
    }
  }
  if !layout.legend.isEmpty { grid.draw(LegendView(state: state, colors: colors), in: layout.legend) }
  grid.draw(HintsView(state: state, isNarrow: layout.isNarrow), in: layout.hints)
  if state.overlay != nil {
    grid.cursor = nil
    grid.draw(OverlayView(state: state), in: grid.bounds)
  }
  return grid
}

/// What stands on a terminal that is too small for anything else.
struct TooSmallView: Widget {
  var size: Size

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let times = grid.glyphs.isASCII ? "x" : "×"
    let lines = [
      "This terminal is too small.", "\(size.width) \(times) \(size.height); it takes 40 \(times) 12.",
      "Ctrl-Q leaves.",
    ]
    let top = max(0, (rect.height - lines.count) / 2)
    for (row, line) in lines.enumerated() where top + row < rect.height {
      grid.draw(line, in: rect, row: top + row, alignment: .center, style: row == 0 ? .plain : Style(.dim))
    }
  }
}
