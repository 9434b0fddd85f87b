import EngineAPI
import TerminalUI

/// The text that came back below the original one, and the probability of each direction. Words that only one of the
/// two texts has are marked.
struct BackView: Widget {
  var tab: TranslateState
  var context: PaneContext

  /// The rows of the texts in a pane of this height. The numbers have two rows below them, in a higher pane also column
  /// names and a blank row.
  static func textRows(height: Int) -> Int {
    switch height {
    case ..<3: height
    case ..<6: height - 2
    case ..<8: height - 3
    default: height - 4
    }
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let language = tab.beams.origin?.direction.source ?? tab.direction.source
      let title = "Back to \(Language.name(language))"
      let note =
        tab.back.answer.map { answer in
          answer.score.map { "score \(NumberText.fixed($0, decimals: 3))" } ?? "score not known"
        } ?? ""
      inside = grid.box(
        rect, title: title, right: title.columnWidth + note.columnWidth + 9 <= rect.width ? note : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let answer = tab.back.answer, let request = tab.back.request else {
      return grid.draw(DimLines(emptyLine), in: inside.inset(columns: 1, rows: 0))
    }
    let rows = Self.textRows(height: inside.height)
    guard let texts = BackTexts(tab.back, height: rows, width: inside.width) else { return }
    grid.draw(texts, in: Rect(inside.x, inside.y, inside.width, rows))
    guard inside.height >= 3 else { return }
    let hasColumns = inside.height >= 6
    // The numbers follow the texts; in a low pane they are in its last rows.
    let gap = inside.height >= 8 ? 2 : 1
    let first = hasColumns ? inside.y + texts.height + gap : inside.maxY - 2
    let numbers = Rect(inside.x, first, inside.width, 2)
    let arrow = grid.glyphs.isASCII ? "to" : grid.glyphs.right
    let directions = [
      (name: "\(request.source) \(arrow) \(request.target)", tokens: answer.forward),
      (name: "\(request.target) \(arrow) \(request.source)", tokens: answer.backward),
    ]
    let columns = BackColumns(width: inside.width, longest: directions.map(\.name.columnWidth).max() ?? 0)
    if hasColumns {
      drawHeading(columns, in: Rect(inside.x, numbers.y - 1, inside.width, 1), on: &grid)
    }
    for (row, direction) in directions.enumerated() {
      draw(direction.name, direction.tokens, columns, hasColumns: hasColumns, in: numbers.row(row), on: &grid)
    }
  }

  private func drawHeading(_ columns: BackColumns, in line: Rect, on grid: inout CellGrid) {
    for (index, name) in BackColumns.heads.prefix(columns.count).enumerated() {
      let x = line.x + columns.end(of: index) - name.columnWidth
      grid.draw(name, at: Point(x, line.y), style: Style(.dim))
    }
  }

  private func draw(
    _ name: String, _ tokens: [ScoredToken], _ columns: BackColumns, hasColumns: Bool, in line: Rect,
    on grid: inout CellGrid
  ) {
    grid.draw(name, at: Point(line.x + 1, line.y), style: Style(.dim), maxWidth: columns.name, truncation: .tail)
    guard let sum = tokens.logprob, let mean = tokens.logprobPerToken else {
      grid.draw("not known", at: Point(line.x + columns.name + 3, line.y), style: Style(.dim))
      return
    }
    guard hasColumns else {
      let spans = [
        Span(NumberText.logProbability(sum), Style(.text)),
        Span(" nats\(NumberText.logProbability(mean))/token", Style(.dim)),
      ]
      let x = line.x + columns.name + 2
      grid.draw(spans, at: Point(x, line.y), maxWidth: max(0, line.maxX - x))
      return
    }
    let numbers = [
      NumberText.logProbability(sum), NumberText.logProbability(mean), NumberText.grouped(tokens.count),
    ]
    for (index, number) in numbers.prefix(columns.count).enumerated() {
      let x = line.x + columns.end(of: index) - number.columnWidth
      grid.draw(number, at: Point(x, line.y), style: Style(index == 0 ? .text : .dim))
    }
  }

  private var emptyLine: String {
    if let failure = tab.back.failure {
      return failure.what + (failure.expected.map { ": expected \($0)" } ?? "")
    }
    if tab.back.isAwaited { return "the translation is translated back" }
    return tab.beams.hypothesis == nil ? "nothing is translated yet" : ""
  }
}

/// The original text and the one that came back, with the words that only one of them has.
struct BackTexts: Widget {
  /// A text, and which of its words the other one does not have.
  private struct Text {
    var label: String
    var flow: TextFlow
    var rows: Int
  }

  private var texts: [Text] = []
  private var top: Int
  /// The cell where the texts begin.
  private static let column = 7

  /// The texts in a room of this size; `nil` until there is an answer.
  init?(_ back: WayBack, height: Int, width: Int) {
    guard back.answer != nil else { return nil }
    top = back.top
    let room = max(1, width - BackTexts.column - 1)
    let flows = [back.original, back.returned].map { words in
      TextFlow(
        words.enumerated().map { index, word in
          TextFlow.Token(
            word.text + (index + 1 < words.count ? " " : ""), word.isOwn ? Style(.accent, .bold) : Style(.text))
        }, width: room)
    }
    // A single row is for the text that came back. Otherwise each text has half of the rows, or those that the other
    // one leaves free.
    let half = height / 2
    let first = height < 2 ? 0 : min(flows[0].lineCount, max(half, height - flows[1].lineCount))
    if first > 0 { texts.append(Text(label: "text", flow: flows[0], rows: first)) }
    texts.append(Text(label: "back", flow: flows[1], rows: max(0, min(flows[1].lineCount, height - first))))
  }

  /// The number of rows that the texts take.
  var height: Int { texts.reduce(0) { $0 + $1.rows } }

  /// The last scroll position.
  var lastTop: Int { texts.map { max(0, $0.flow.lineCount - max(1, $0.rows)) }.max() ?? 0 }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var y = rect.y
    for text in texts {
      grid.draw(text.label, at: Point(rect.x + 1, y), style: Style(.dim))
      let room = Rect(rect.x + BackTexts.column, y, max(0, rect.width - BackTexts.column - 1), text.rows)
        .intersection(rect)
      grid.draw(
        TextFlowView(text.flow, top: min(top, max(0, text.flow.lineCount - max(1, text.rows)))), in: room)
      y += text.rows
    }
  }
}

/// The columns of the log-probabilities, in cells of the terminal.
struct BackColumns {
  static let heads = [CandidateColumns.logprobHead, "per token", "tokens"]

  /// The width of a direction's name.
  let name: Int
  /// The number of columns of numbers.
  let count: Int

  /// The columns in a pane of `width` cells whose longest name has `longest` cells.
  init(width: Int, longest: Int) {
    let ends = BackColumns.heads.indices.map { index in BackColumns.width(index + 1) }
    count = max(1, ends.count { 1 + min(longest, 8) + $0 + 1 <= width })
    name = max(0, min(longest, width - 2 - BackColumns.width(count)))
  }

  /// The width of the first columns, with the gap before each.
  private static func width(_ count: Int) -> Int {
    heads.prefix(count).reduce(0) { $0 + CandidateColumns.space + $1.columnWidth }
  }

  /// The cell after a number.
  func end(of index: Int) -> Int { 1 + name + BackColumns.width(index + 1) }
}
