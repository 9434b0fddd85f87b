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

/// The title in the upper border of a stream's pane: the settings of its text and its progress. If there is little
/// room, it keeps what distinguishes the stream from the others.
struct StreamTitle: Equatable {
  /// What a stream was made with.
  struct Facts: Equatable {
    /// The model and its format.
    var name: String
    /// `old prompt` or a similar mark if prompt or settings have changed; otherwise `nil`.
    var mark: String?
    /// The stages of the chain that act.
    var settings: [String]
    /// The seed, as `seed 7`; nil if the note shows it.
    var seed: String?

    fileprivate var details: [String] { settings + (seed.map { [$0] } ?? []) }
  }

  /// The title, without the stream's letter.
  var text: String
  /// The note at the right.
  var note: String
  /// The mark, where it is a part of the title.
  var mark: String?

  /// A word of the title with its rank: words of higher rank are dropped first, those of rank 0 never.
  private struct Word {
    var text: String
    var rank: Int
    var isName = false
  }

  /// The title of stream `index`. Title and note share `columns`; uses the first note that leaves room for the title.
  init(_ facts: [Facts], index: Int, notes: [String], columns: Int, separator: String, ellipsis: String) {
    let own = facts[index]
    let others = facts.indices.filter { $0 != index }.map { facts[$0] }
    let names = facts.map(\.name)
    let twins = others.filter { $0.name == own.name }
    let isNameTelling = others.isEmpty || twins.count < others.count
    // Keep the seed if no stream of the same name has it too, otherwise the first detail that is unique.
    let isTelling = { (detail: String) in !twins.contains { $0.details.contains(detail) } }
    let telling =
      twins.isEmpty ? nil : own.seed.flatMap { isTelling($0) ? $0 : nil } ?? own.details.first(where: isTelling)
    var words = [Word(text: own.name, rank: isNameTelling ? 0 : 2, isName: true)]
    if let mark = own.mark { words.append(Word(text: mark, rank: 1)) }
    for detail in own.details {
      let isCommon = others.contains { $0.details.contains(detail) }
      // Keep the seed of an outdated text even if others have it too, because the header shows the next seed.
      let isSeed = detail == own.seed && (own.mark != nil || !isCommon)
      words.append(Word(text: detail, rank: detail == telling ? 0 : isSeed ? 1 : isCommon ? 4 : 3))
    }
    let width = { (words: [Word]) in
      words.reduce(0) { $0 + $1.text.columnWidth } + max(0, words.count - 1) * separator.columnWidth
    }
    let least = words.filter { $0.rank == 0 }.map { word in
      var word = word
      if word.isName { word.text = DistinctName.fitted(word.text, among: names, to: 8, mark: ellipsis) }
      return word
    }
    // An outdated text's mark and seed take precedence over the note. What distinguishes the stream takes precedence
    // over all of these.
    let fitting = [own.mark == nil ? least : words.filter { $0.rank <= 1 }, least].lazy.compactMap { words in
      notes.first { $0.columnWidth + width(words) <= columns }
    }
    note = fitting.first ?? notes.last ?? ""
    let room = max(4, columns - note.columnWidth)
    while width(words) > room, words.count > 1, let worst = words.map(\.rank).max(), worst > 0 {
      let last = words.lastIndex { $0.rank == worst } ?? 0
      // Shorten the name before dropping it.
      if words[last].isName {
        let rest = room - (width(words) - words[last].text.columnWidth)
        if rest >= 5 {
          words[last].text = words[last].text.fitted(to: rest, .tail, mark: ellipsis)
          break
        }
      }
      words.remove(at: last)
    }
    if width(words) > room, let name = words.firstIndex(where: \.isName) {
      let rest = room - (width(words) - words[name].text.columnWidth)
      words[name].text = DistinctName.fitted(words[name].text, among: names, to: max(1, rest), mark: ellipsis)
    }
    text = words.map(\.text).joined(separator: separator).fitted(to: room, .tail, mark: ellipsis)
    mark = own.mark.flatMap { mark in words.contains { $0.text == mark } ? mark : nil }
  }
}
