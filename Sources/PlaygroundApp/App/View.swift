import EngineAPI
import TerminalUI

/// Draws a state. A pure function: the same state, glyphs and colors give the same grid.
///
/// - Parameters:
///   - glyphs: the symbols that the terminal can show.
///   - colors: the color depth of the terminal. Without color, marks under the tokens replace their colors.
public func view(
  _ state: PlaygroundState, glyphs: Glyphs = .unicode, colors: ColorDepth = .trueColor
) -> CellGrid {
  let shell = state.shell
  let layout = shell.layout
  var grid = CellGrid(shell.size, glyphs: glyphs)
  guard !layout.panes.isEmpty else {
    TooSmallView(size: shell.size, quitKey: shell.key(.quit)).draw(in: grid.bounds, on: &grid)
    return grid
  }
  let tab = state.tabs[shell.tab]
  let focus = tab.focus
  grid.draw(HeaderView(shell: shell, tab: tab, isNarrow: layout.isNarrow), in: layout.header)
  for pane in layout.panes {
    // An overlay receives the keys, so draw no pane as focused.
    let isFocused = pane.focus == focus && shell.overlay == nil
    tab.draw(PaneContext(shell: shell, pane: pane, isFocused: isFocused, colors: colors), on: &grid)
  }
  if !layout.legend.isEmpty { grid.draw(LegendView(shell: shell, tab: tab, colors: colors), in: layout.legend) }
  if !layout.strip.isEmpty { grid.draw(LessonView(state: state), in: layout.strip) }
  grid.draw(HintsView(state: state, isNarrow: layout.isNarrow), in: layout.hints)
  if let notice = shell.notice { grid.draw(NoticeView(notice: notice), in: layout.notice) }
  if shell.overlay != nil {
    grid.cursor = nil
    grid.draw(OverlayView(state: state, colors: colors), in: shell.overlayBounds)
  }
  return grid
}

/// The message on a terminal that is too small for the playground.
struct TooSmallView: Widget {
  var size: Size
  /// The label of the key that leaves, if it has one.
  var quitKey: String?

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let times = grid.glyphs.isASCII ? "x" : "×"
    let sentences =
      [
        "This terminal is too small.", "\(size.width) \(times) \(size.height); it takes 40 \(times) 12.",
      ] + (quitKey.map { ["\($0) leaves."] } ?? [])
    let lines = sentences.enumerated().flatMap { index, sentence in
      WrappedText(sentence, width: max(1, rect.width)).lines.map { line in
        Span(WrappedText.visible(line.range, of: sentence), index == 0 ? .plain : Style(.dim))
      }
    }
    let top = max(0, (rect.height - lines.count) / 2)
    for (row, line) in lines.enumerated() where top + row < rect.height {
      grid.draw(line.text, in: rect, row: top + row, alignment: .center, style: line.style)
    }
  }
}
