import EngineAPI
import TerminalUI

extension TranslateState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    switch arrangement.form {
    case .wide where content.width >= PaneArrangement.columnsForFullHeight:
      let columns = content.columns([.fraction(0.5), .rest])
      // A translation is about as long as its source, so reserve that height. It then stays constant during the search.
      let height = arrangement.promptHeight(prompt, width: columns[0].width, most: content.height / 3)
      let parts = columns[0].rows([.cells(height), .cells(max(height - 1, 4)), .rest])
      arrangement.add(.prompt, parts[0])
      arrangement.add(.candidates, columns[1])
      arrangement.add(.translation, parts[1])
      arrangement.add(lastPane, parts[2])
    case .wide:
      let halves = content.rows([.cells((content.height + 1) / 2), .rest])
      arrangement.addPair(.prompt, .candidates, in: halves[0])
      arrangement.addPair(.translation, lastPane, in: halves[1])
    case .tall:
      let parts = content.rows([.fraction(0.25), .share(4), .share(3), .share(2)])
      for (pane, part) in zip(focusOrder, parts) { arrangement.add(pane, part) }
    case .close:
      let parts = arrangement.closeRows()
      let framed: Focus = [.translation, .beams, .alignment, .back].contains(focus) ? focus : .candidates
      arrangement.add(.prompt, parts[0])
      arrangement.add(framed, parts[1])
      arrangement.add(framed == .translation ? .candidates : .translation, parts[2], framed: false)
    }
  }

  /// The beams, or in their place the alignment or the translation back.
  var lastPane: Focus { alignment.isShown ? .alignment : back.isShown ? .back : .beams }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    if pane.focus == .alignment {
      let count = alignment.alignment.map { AlignmentView.rows($0, width: pane.inside.width) } ?? 0
      alignment.window.update(count: count, height: max(1, pane.inside.height))
    }
    if pane.focus == .back { fitBack(pane.inside) }
    guard pane.focus == .translation, let trace = beams.hypothesis?.trace else { return }
    let room = TokenText.room(pane)
    beams.text.update(trace, width: room.width, endOfText: shell.endOfText(trace), isComplete: true)
    guard texts, let cursor = beams.cursor else { return }
    beams.scroll = beams.text.top(showing: cursor, from: beams.scroll, height: room.height)
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    let frame = pane.pane.frame
    switch pane.pane.focus.context {
    case .prompt: drawPrompt(pane, title: Language.name(direction.source), on: &grid)
    case .translation: grid.draw(TranslationView(tab: self, context: pane), in: frame)
    case .alignment: grid.draw(AlignmentView(tab: self, context: pane), in: frame)
    case .back: grid.draw(BackView(tab: self, context: pane), in: frame)
    case .beams: grid.draw(BeamsView(beams: beams, search: search, context: pane), in: frame)
    default:
      grid.draw(
        CandidatesView(
          list: candidates, context: pane, title: candidatesTitle(pane.shell),
          emptyLine: modelLine(pane.shell) ?? emptyLine), in: frame)
    }
  }

  private func candidatesTitle(_ shell: Shell) -> String {
    guard let shown = shownHypothesis else { return "Candidates" }
    let place = beams.cursor ?? shown.trace.end(endOfText: shell.endOfText(shown.trace))
    let part = shown.trace.part(at: place)
    let words = place < part.end ? "token \(place - part.start + 1)" : "next token"
    let line = beams.lines.count > 1 ? "line \(beams.line(at: place) + 1), " : ""
    return "Candidates, \(line)\(words)"
  }

  private var emptyLine: String {
    if prompt.editor.isEmpty { return "write something to translate" }
    return prompt.editor.text.lines.count > 1 ? "the lines are translated one by one" : ""
  }

  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] {
    let words = "\(direction.source) \(glyphs.isASCII ? "to" : glyphs.right) \(direction.target)"
    return Array(facts.prefix(1)) + [words] + facts.dropFirst()
  }
}

/// English names of languages, for people.
enum Language {
  private static let names = [
    "en": "English", "fr": "French", "de": "German", "ro": "Romanian", "es": "Spanish", "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch", "ru": "Russian", "zh": "Chinese", "ja": "Japanese", "ar": "Arabic",
  ]

  /// The name for a code; an unknown code itself.
  static func name(_ code: String) -> String { names[code] ?? code }
}

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
      grid.draw(DimLines(emptyLine(glyphs: grid.glyphs)), in: room)
      return
    }
    let endOfText = shell.endOfText(shown.trace)
    // Mark the token whose candidates are shown, even if another pane has the focus. At the end, this is the
    // end-of-text token.
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
