import EngineAPI
import TerminalUI

/// The chosen beam of a translation, token by token.
struct TranslationView: Widget {
  var state: PlaygroundState
  var pane: Layout.Pane
  var colors: ColorDepth

  private var beams: BeamsState { state.translate.beams }
  private var isFocused: Bool { state.focus == pane.focus }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if pane.isFramed {
      let title = Language.name(state.translate.direction.target)
      grid.box(rect, title: title, right: progress(separator: " \(grid.glyphs.separator) "), focused: isFocused)
    }
    let room = TokenFlow.room(pane)
    guard let shown = beams.hypothesis else {
      grid.draw(emptyLine(glyphs: grid.glyphs), in: room, style: Style(.dim))
      return
    }
    grid.draw(
      TraceView(
        trace: shown.trace, endOfText: state.endOfText(shown.trace), heat: state.heat, colors: colors,
        cursor: beams.cursor, scroll: beams.scroll, isRunning: false, isFocused: isFocused), in: room)
  }

  private func progress(separator: String) -> String {
    switch beams.status {
    case .idle: return ""
    case .waiting: return "waiting"
    case .running(_, let tokens): return tokens == 0 ? "searching" : "\(NumberText.grouped(tokens)) tok"
    case .stopped: return "stopped"
    case .finished:
      guard let shown = beams.hypothesis else { return "nothing found" }
      return "\(NumberText.grouped(shown.trace.tokens.count)) tok" + separator + shown.reason.words
    }
  }

  private func emptyLine(glyphs: Glyphs) -> String {
    if case .failed(let error) = state.opened[state.translate.model] { return error.what }
    if beams.isBusy {
      return state.information(state.translate.model) == nil
        ? "begins as soon as \(state.translate.model.shortName) is open" : "searching"
    }
    let key = state.keys.key(for: .send, in: .prompt, task: .translate)?.label(glyphs: glyphs)
    return key.map { "\($0) translates" } ?? "nothing yet"
  }
}
