import EngineAPI
import TerminalUI

/// A stream of the Generate tab.
struct StreamView: Widget {
  var tab: GenerateState
  var context: PaneContext
  var index: Int

  private var stream: StreamState { tab.streams[index] }
  private var shell: Shell { context.shell }
  private var pane: Layout.Pane { context.pane }
  private var isFocused: Bool { context.isFocused }

  /// The letter of a stream.
  static func letter(_ index: Int) -> String { ["A", "B", "C", "D"][min(max(index, 0), 3)] }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if pane.isFramed {
      drawFrame(rect, on: &grid)
    }
    let room = TokenText.room(pane)
    if pane.notes > 0 {
      let line = tab.differences(stream: index).line(width: room.width, glyphs: grid.glyphs)
      grid.draw(line, at: Point(room.x, room.y - 1), style: Style(.warning), maxWidth: room.width)
    }
    guard let run = stream.run, !run.trace.tokens.isEmpty || run.isRunning else {
      return drawEmpty(in: room, on: &grid)
    }
    if case .prompt(let done, let total) = run.status, run.trace.tokens.isEmpty {
      let fraction = total > 0 ? Double(done) / Double(total) : nil
      return grid.draw(ProgressBar("reading the prompt", fraction: fraction), in: room)
    }
    let endOfText = shell.endOfText(run.trace)
    drawPlot(run.plot, above: room, on: &grid)
    grid.draw(
      TokenTextView(
        trace: run.trace, text: run.text, endOfText: endOfText, heat: shell.heat, colors: context.colors,
        cursor: stream.cursor,
        scroll: stream.scroll, isRunning: run.isRunning,
        isFocused: isFocused || isWalked), in: room)
  }

  /// Whether its cursor moves although another pane has the focus.
  private var isWalked: Bool {
    guard case .stream(let source) = tab.source, tab.focus != .prompt else { return false }
    return source == index ? tab.focus == .candidates : tab.walksTogether && stream.cursor != nil
  }

  /// The row above the text, and above the notes, that shows how uncertain the model was.
  private func drawPlot(_ plot: EntropyPlot, above room: Rect, on grid: inout CellGrid) {
    guard pane.plot > 0 else { return }
    let row = Rect(room.x, room.y - pane.notes - pane.plot, room.width, 1)
    grid.draw(EntropyPlotView(plot: plot, cursor: stream.cursor, isComplete: !stream.isRunning), in: row)
  }

  private func drawEmpty(in room: Rect, on grid: inout CellGrid) {
    let line: String
    if case .failed(let error) = shell.opened[stream.model] {
      line = error.what
    } else if stream.waiting != nil {
      line = shell.information(stream.model) == nil ? "begins as soon as \(stream.model.shortName) is open" : "begins"
    } else {
      let key = shell.promptKey(.send, glyphs: grid.glyphs)
      line = key.map { "\($0) in the prompt begins" } ?? "nothing yet"
    }
    grid.draw(DimLines(line), in: room)
  }

  private func drawFrame(_ rect: Rect, on grid: inout CellGrid) {
    let separator = " \(grid.glyphs.separator) "
    let letter = StreamView.letter(index)
    let title = StreamTitle(
      tab.streams.indices.map(facts), index: index, notes: progress(separator: separator),
      columns: rect.width - 9 - 3, separator: separator, ellipsis: grid.glyphs.ellipsis)
    grid.box(rect, title: "\(letter)  " + title.text, right: title.note, focused: isFocused)
    guard rect.width > 8 else { return }
    grid.draw(letter, at: Point(rect.x + 3, rect.y), style: Style(.stream(index), .bold))
    if let mark = title.mark, let range = title.text.firstRange(of: mark) {
      let column = rect.x + 6 + title.text[..<range.lowerBound].columnWidth
      grid.draw(mark, at: Point(column, rect.y), style: Style(.warning, .bold))
    }
  }

  /// The facts for the title: those of the stream's text or, before there is one, of the next text.
  private func facts(_ index: Int) -> StreamTitle.Facts {
    let stream = tab.streams[index]
    let differences = tab.differences(stream: index)
    // Omit settings that the line under the title already shows.
    let told = index == self.index && pane.notes > 0 ? differences.settings.map(\.made) : []
    return StreamTitle.Facts(
      name: shell.label(stream.model, among: tab.models), mark: differences.mark,
      settings: (stream.run?.request.settings ?? stream.settings).summary.filter { !told.contains($0) },
      seed: seed(stream).flatMap { told.contains($0) ? nil : $0 })
  }

  /// The seed of a stream's text; `nil` if the note shows the next seed.
  private func seed(_ stream: StreamState) -> String? {
    if let run = stream.run { return "seed \(run.request.seed)" }
    return stream.waiting == nil ? nil : "seed \(stream.seed)"
  }

  /// `38 tok · 812/s` or `41 tok · done`, followed by shorter forms. All include the token count.
  private func progress(separator: String) -> [String] {
    guard let run = stream.run else { return [stream.waiting == nil ? "seed \(stream.seed)" : "waiting"] }
    let number = NumberText.grouped(run.trace.tokens.count)
    let rest: String? =
      switch run.status {
      case .prompt: nil
      case .running: run.rate.map { NumberText.rate($0) }
      case .finished(.length) where run.isStep: "one token"
      case .finished(let reason): reason.words
      }
    guard let rest else { return ["\(number) tok", number] }
    return ["\(number) tok" + separator + rest, number + separator + rest, "\(number) tok", number]
  }
}

extension FinishReason {
  /// A word for a pane's title.
  var words: String {
    switch self {
    case .stop: "stop string"
    case .length: "length"
    case .time: "time is up"
    case .endOfText: "done"
    case .interrupted: "stopped"
    case .failed: "failed"
    }
  }
}
