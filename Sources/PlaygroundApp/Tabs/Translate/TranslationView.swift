import EngineAPI
import TerminalUI

/// The chosen beam of a translation, token by token.
struct TranslationView: Widget {
  var tab: TranslateState
  var context: PaneContext

  private var beams: BeamsState { tab.beams }
  private var shell: Shell { context.shell }
  private var isFocused: Bool { context.isFocused }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if context.pane.isFramed {
      let separator = " \(grid.glyphs.separator) "
      let right = progress(separator: separator)
      let isShown = beams.hypothesis != nil
      let language = isShown ? beams.origin?.direction.target : nil
      let title = Language.name(language ?? tab.direction.target)
      // The source or the model has changed since this translation was made.
      let mark = isShown && beams.origin != tab.translationOrigin ? "old text" : ""
      let hasMark = !mark.isEmpty && title.columnWidth + 3 + mark.columnWidth + right.columnWidth <= rect.width - 9
      grid.box(rect, title: hasMark ? title + separator + mark : title, right: right, focused: isFocused)
      if hasMark {
        grid.draw(mark, at: Point(rect.x + 6 + title.columnWidth, rect.y), style: Style(.warning, .bold))
      }
    }
    let room = TokenText.room(context.pane)
    guard let shown = beams.hypothesis else {
      grid.draw(emptyLine(glyphs: grid.glyphs), in: room, style: Style(.dim))
      return
    }
    let endOfText = shell.endOfText(shown.trace)
    // The token whose candidates are shown is marked wherever the focus is; at the end, the token that ends the text.
    let end = shown.trace.end(endOfText: endOfText)
    let cursor = beams.cursor ?? (shown.trace.tokens.indices.contains(end) ? end : nil)
    grid.draw(
      TokenTextView(
        trace: shown.trace, text: beams.text, endOfText: endOfText, heat: shell.heat, colors: context.colors,
        cursor: cursor,
        scroll: beams.scroll, isRunning: false, isFocused: isFocused || tab.focus == .candidates), in: room)
  }

  private func progress(separator: String) -> String {
    switch beams.status {
    case .idle: return ""
    case .waiting: return lineText + (lineText.isEmpty ? "waiting" : "")
    case .running(_, let tokens):
      let words = tokens == 0 ? "searching" : "\(NumberText.grouped(tokens)) tok"
      return lineText.isEmpty ? words : lineText + separator + words
    case .stopped: return "stopped"
    case .finished:
      guard let shown = beams.hypothesis else { return "nothing found" }
      return "\(NumberText.grouped(shown.trace.tokens.count)) tok" + separator
        + (beams.isGiven ? "as it was written" : shown.reason.words)
    }
  }

  /// `line 2 of 5` while several are translated.
  private var lineText: String {
    guard let batch = beams.batch, batch.sources.count > 1 else { return "" }
    return "line \(min(batch.done.count + 1, batch.sources.count)) of \(batch.sources.count)"
  }

  private func emptyLine(glyphs: Glyphs) -> String {
    if case .failed(let error) = shell.opened[tab.model] { return error.what }
    if beams.isBusy {
      return shell.information(tab.model) == nil
        ? "begins as soon as \(tab.model.shortName) is open" : "searching"
    }
    let key = shell.promptKey(.send, glyphs: glyphs)
    return key.map { "\($0) translates" } ?? "nothing yet"
  }
}
