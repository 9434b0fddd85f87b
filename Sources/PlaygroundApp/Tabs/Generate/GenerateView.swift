import EngineAPI
import TerminalUI

extension GenerateState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    switch arrangement.form {
    case .wide where streams.count == 1 && content.width >= PaneArrangement.columnsForFullHeight:
      let columns = content.columns([.fraction(0.5), .rest])
      let height = arrangement.promptHeight(prompt, width: columns[0].width, most: (content.height + 1) / 2)
      let parts = columns[0].rows([.cells(height), .rest])
      arrangement.add(.prompt, parts[0])
      arrangement.add(.candidates, columns[1])
      add(streamsIn: parts[1], &arrangement)
    case .wide:
      let halves = content.rows([.cells((content.height + 1) / 2), .rest])
      arrangement.addPair(.prompt, .candidates, in: halves[0])
      add(streamsIn: halves[1], &arrangement)
    case .tall:
      let parts = content.rows([.fraction(0.25), .share(3), .share(3)])
      arrangement.add(.prompt, parts[0])
      arrangement.add(.candidates, parts[1])
      add(streamsIn: parts[2], &arrangement)
    case .close:
      let parts = arrangement.closeRows()
      let stream = Focus.stream(lead)
      arrangement.add(.prompt, parts[0])
      if focus == stream {
        arrangement.add(stream, parts[1], notes: notes(lead), hasPlot: hasPlot(lead))
        arrangement.add(.candidates, parts[2], framed: false)
      } else {
        arrangement.add(.candidates, parts[1])
        arrangement.add(stream, parts[2], framed: false, notes: notes(lead))
      }
    }
  }

  private func add(streamsIn rect: Rect, _ arrangement: inout PaneArrangement) {
    arrangement.add(Array(streams.indices), shown: lead, in: rect, notes: notes, hasPlot: hasPlot) { .stream($0) }
  }

  /// The number of rows above a stream's text that say what it was generated from; 0 if that has not changed since.
  private func notes(_ stream: Int) -> Int { differences(stream: stream).isEmpty ? 0 : 1 }

  private func hasPlot(_ stream: Int) -> Bool { streams[stream].run != nil }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    let index = pane.focus.index
    guard pane.focus.context == .stream, streams.indices.contains(index), let trace = streams[index].run?.trace else {
      return
    }
    let room = TokenText.room(pane)
    streams[index].run?.wrap(width: room.width, endOfText: shell.endOfText(trace))
    guard texts, let cursor = streams[index].cursor, let text = streams[index].run?.text else { return }
    streams[index].scroll = text.top(showing: cursor, from: streams[index].scroll, height: room.height)
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    switch pane.pane.focus.context {
    case .prompt: drawPrompt(pane, on: &grid)
    case .candidates:
      let emptyLine = modelLine(pane.shell) ?? "the distribution comes with the first token"
      let title = candidatesTitle(width: pane.pane.frame.width, pane.shell)
      grid.draw(
        CandidatesView(list: candidates, context: pane, title: title, emptyLine: emptyLine), in: pane.pane.frame)
    default: grid.draw(StreamView(tab: self, context: pane, index: pane.pane.focus.index), in: pane.pane.frame)
    }
  }

  private func candidatesTitle(width: Int, _ shell: Shell) -> String {
    guard case .stream(let index) = source, let run = streams[index].run else {
      let position = prompt.cursorPosition
      let isInside = source == .prompt && position < prompt.endPosition
      return isInside ? "Candidates for token \(position + 1)" : "Candidates"
    }
    let place = streams[index].place(endOfText: shell.endOfText(run.trace)) ?? 0
    let token = place < run.trace.tokens.count ? "token \(place + 1)" : "next token"
    let words = "\(StreamView.letter(index)), \(token)"
    return width < 50 ? words : "Candidates in \(words)"
  }

  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] { facts + ["seed \(leading.seed)"] }

  var viewWords: String { walksTogether && streams.count > 1 ? "together" : "" }

  func legendWords(glyphs: Glyphs) -> String {
    guard streams.count > 1 else { return "" }
    let count = StreamState.words(streams.count)
    let rates = streams.filter(\.isRunning).compactMap { $0.run?.rate }
    guard !rates.isEmpty else { return count }
    return "\(count) \(glyphs.separator) \(NumberText.rate(rates.reduce(0, +)).dropLast(2)) tok/s together"
  }

  var rateWords: String { leading.isRunning ? leading.run?.rate.map { NumberText.rate($0) } ?? "" : "" }
}
