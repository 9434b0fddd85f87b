import EngineAPI
import TerminalUI

/// A document in the colors of the heat scale, with the figures of the token, word and line under the cursor and of the
/// whole text.
struct ReadingView: Widget {
  var reading: DocumentReading
  var shell: Shell
  var colors: ColorDepth

  /// The places of the parts of the view.
  struct Places {
    /// The text.
    let text: Rect
    /// The lines of figures.
    let figures: Rect
    /// The legend; empty if there is no room for it.
    let legend: Rect

    /// The places inside a frame.
    init(_ inside: Rect) {
      let isWide = inside.width >= 96
      let legendRows = inside.height >= 5 ? 1 : 0
      if isWide {
        let side = 38
        text = Rect(inside.x, inside.y, inside.width - side - 3, max(1, inside.height - legendRows - 1))
        figures = Rect(inside.maxX - side, inside.y, side, text.height)
      } else {
        let rows = inside.height >= 14 ? 4 : inside.height >= 8 ? 2 : inside.height >= 3 ? 1 : 0
        let gap = inside.height >= 14 ? 1 : 0
        text = Rect(inside.x, inside.y, inside.width, max(1, inside.height - rows - legendRows - gap))
        figures = Rect(inside.x, text.maxY + gap, inside.width, rows)
      }
      legend =
        legendRows == 0
        ? Rect(size: .zero) : Rect(inside.x, inside.maxY - 1, inside.width, 1)
    }

    /// Whether the figures stand beside the text.
    var isWide: Bool { figures.y == text.y }
  }

  /// The room inside the frame on a screen.
  static func inside(_ bounds: Rect) -> Rect { OverlayView.room(bounds).inset(columns: 2, rows: 1) }

  /// The columns and rows that the text has on a screen of this size. Without colors, every second row has marks.
  static func room(_ bounds: Rect) -> Size { Places(inside(bounds)).text.size }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let frame = OverlayView.room(rect)
    let inside = grid.box(frame, title: title, right: note(glyphs: grid.glyphs), focused: true)
    guard !inside.isEmpty else { return }
    guard let text = reading.text else {
      let line = reading.failure.map { failure in failure.hint.map { "\(failure.what): \($0)" } ?? failure.what }
      return grid.draw(DimLines(line ?? "the text is being split into tokens"), in: inside)
    }
    let places = Places(inside)
    drawText(text, in: places.text, on: &grid)
    drawFigures(text, places, on: &grid)
    if !places.legend.isEmpty {
      var legend = reading.measure.legend(by: reading.unit, isColored: colors != .none)
      if legend.width(glyphs: grid.glyphs) > places.legend.width { legend.isBrief = true }
      if legend.width(glyphs: grid.glyphs) > places.legend.width { legend.label = "" }
      grid.draw(legend, in: places.legend)
    }
  }

  private var title: String { "Read by \(shell.label(reading.model, among: [reading.model]))" }

  /// How much is read, or the totals.
  private func note(glyphs: Glyphs) -> String {
    guard let text = reading.text, !text.ids.isEmpty else { return "" }
    if reading.failure != nil { return "ended early" }
    if reading.isRunning {
      return NumberText.wholePercent(Double(reading.numbers.count) / Double(text.ids.count)).drop { $0 == " " }
        + " read"
    }
    return shell.size.width < 72 ? "" : "\(NumberText.grouped(text.ids.count)) tokens"
  }

  // MARK: Text

  private func drawText(_ text: DocumentText, in room: Rect, on grid: inout CellGrid) {
    var reading = reading
    let isMarked = colors == .none && room.height > 1
    let rows = isMarked ? max(1, room.height / 2) : room.height
    reading.fit(Size(room.width, rows))
    let flow = reading.flow
    let shown = reading
    for row in 0..<rows where reading.top + row < flow.lineCount {
      let y = room.y + (isMarked ? 2 * row : row)
      let view = TextFlowView(
        flow, top: reading.top + row, selected: reading.cursor,
        style: { token in
          guard let fraction = shown.fraction(token) else {
            return Style(shown.numbers.count > token ? .text : .dim)
          }
          return Style(.heat(fraction: fraction))
        })
      grid.draw(view, in: Rect(room.x, y, room.width, 1))
      if isMarked { drawMarks(shown, line: reading.top + row, at: Point(room.x, y + 1), width: room.width, on: &grid) }
    }
  }

  /// Marks under the surprising units of a line; under the expected ones nothing.
  private func drawMarks(
    _ reading: DocumentReading, line: Int, at origin: Point, width: Int, on grid: inout CellGrid
  ) {
    let flow = reading.flow
    for x in 0..<min(width, flow.shownColumns(line: line)) {
      guard let token = flow.token(at: Point(x, line)), let fraction = reading.fraction(token) else { continue }
      grid.draw(grid.glyphs.shade(fraction), at: Point(origin.x + x, origin.y), style: Style(.dim))
    }
  }

  // MARK: Figures

  private func drawFigures(_ text: DocumentText, _ places: Places, on grid: inout CellGrid) {
    let room = places.figures
    guard !room.isEmpty else { return }
    if places.isWide {
      for y in room.y..<room.maxY {
        grid.draw(grid.glyphs.isASCII ? "|" : "│", at: Point(room.x - 2, y), style: Style(.border))
      }
    }
    let lines = places.isWide ? wideFigures(text, glyphs: grid.glyphs) : lowFigures(text, room, glyphs: grid.glyphs)
    for (row, line) in lines.prefix(room.height).enumerated() {
      grid.draw(line, at: Point(room.x, room.y + row), maxWidth: room.width)
    }
  }

  private func number(_ value: Double, _ decimals: Int = 2) -> String {
    NumberText.finite(value, decimals: decimals)
  }

  private func percent(_ logprob: Double) -> String {
    String(NumberText.percent(Probability.of(logprob: logprob)).drop { $0 == " " })
  }

  /// The piece of the text of a unit, made visible.
  private func shown(_ range: Range<Int>, _ text: DocumentText, width: Int, glyphs: Glyphs) -> String {
    var piece = ""
    for index in range where piece.columnWidth <= width { piece += text.pieces[index] }
    let isToken = range.count == 1
    let trimmed = isToken ? piece[...] : piece.drop { $0.isWhitespace }
    return visible(String(trimmed), glyphs: glyphs, keepsSpaces: !isToken).fitted(to: width, mark: glyphs.ellipsis)
  }

  /// The figures beside the text: a block for the whole text, and for the token, word and line under the cursor.
  private func wideFigures(_ text: DocumentText, glyphs: Glyphs) -> [[Span]] {
    var lines: [[Span]] = [[Span("whole text", Style(.heading, .bold))]]
    let fact = { (name: String, value: String, unit: String) -> [Span] in
      [
        Span(name + String(repeating: " ", count: max(1, 14 - name.count)), Style(.dim)),
        Span(NumberText.padded(value, 10)), Span(" " + unit, Style(.dim)),
      ]
    }
    if let total = reading.total {
      lines.append(fact("perplexity", number(total.perplexity), "a token"))
      if let bits = total.bitsPerByte { lines.append(fact("bits", number(bits, 3), "a byte")) }
      lines.append(fact("surprise", number(total.bitsPerToken), "bits a token"))
      lines.append(fact("read", NumberText.grouped(reading.numbers.count), "of \(NumberText.grouped(text.ids.count))"))
    }
    if let failure = reading.failure {
      lines +=
        [[]]
        + WrappedText(failure.what, width: 36).lines.map { line in
          [Span(WrappedText.visible(line.range, of: failure.what), Style(.error))]
        }
    }
    let cursor = reading.cursor
    lines += [
      [],
      [
        Span("token \(NumberText.grouped(cursor + 1))  ", Style(.heading, .bold)),
        Span(shown(cursor..<cursor + 1, text, width: 20, glyphs: glyphs)),
      ],
    ]
    if let token = reading.figures(cursor, .token), let logprob = reading.numbers.logprob(cursor) {
      lines.append(fact("probability", percent(logprob), ""))
      lines.append(fact("rank", NumberText.grouped(token.rank), ""))
      lines.append(fact("surprise", number(token.bits), "bits"))
      lines.append(fact("entropy", number(token.entropy), "bits"))
      for (index, best) in reading.numbers.best(cursor).enumerated() {
        lines.append([
          Span((index == 0 ? "likely here" : "").padding(14), Style(.dim)),
          Span(NumberText.percent(best.probability).padding(10) + " "),
          Span(visible(bytes: best.token.bytes, glyphs: glyphs)),
        ])
      }
    } else {
      lines.append([Span(reading.numbers.count > cursor ? "nothing predicts it" : "not read yet", Style(.dim))])
    }
    let word = text.range(of: cursor, .word)
    if let figures = reading.figures(cursor, .word) {
      lines += [
        [],
        [
          Span("word  ", Style(.heading, .bold)), Span(shown(word, text, width: 30, glyphs: glyphs)),
        ],
      ]
      lines.append(fact("probability", percent(figures.logprob), ""))
      lines.append(fact("surprise", number(figures.bits), "bits"))
    }
    if let figures = reading.figures(cursor, .line) {
      lines += [
        [],
        [
          Span("line \(NumberText.grouped(text.line(of: cursor) + 1))", Style(.heading, .bold))
        ],
      ]
      lines.append(fact("perplexity", number(figures.perplexity), "a token"))
      if let bits = figures.bitsPerByte { lines.append(fact("bits", number(bits, 3), "a byte")) }
    }
    return lines
  }

  /// The figures below the text, the most important line first.
  private func lowFigures(_ text: DocumentText, _ room: Rect, glyphs: Glyphs) -> [[Span]] {
    let gap = " \(glyphs.separator) "
    let cursor = reading.cursor
    let isNarrow = room.width < 60
    let name = shown(cursor..<cursor + 1, text, width: isNarrow ? 9 : 20, glyphs: glyphs)
    var lines: [[Span]] = []
    if let token = reading.figures(cursor, .token), let logprob = reading.numbers.logprob(cursor) {
      let facts =
        isNarrow
        ? [percent(logprob), "rank \(token.rank)", "\(number(token.bits, 1)) bits"]
        : [
          percent(logprob), "rank \(NumberText.grouped(token.rank))", "\(number(token.bits)) bits",
          "entropy \(number(token.entropy)) bits",
        ]
      lines.append([Span(name + " ", Style(.text, .bold)), Span(facts.joined(separator: gap))])
    } else {
      let words = reading.numbers.count > cursor ? "nothing predicts it" : "not read yet"
      lines.append([Span(name + " ", Style(.text, .bold)), Span(words, Style(.dim))])
    }
    if let total = reading.total {
      var facts = ["perplexity \(number(total.perplexity))"]
      if let bits = total.bitsPerByte { facts.append("\(number(bits, 3)) bits a byte") }
      if !isNarrow { facts.append("\(number(total.bitsPerToken)) bits a token") }
      lines.append([Span(facts.joined(separator: gap), Style(.dim))])
    }
    if let word = reading.figures(cursor, .word), let line = reading.figures(cursor, .line) {
      let shownWord = shown(text.range(of: cursor, .word), text, width: 24, glyphs: glyphs)
      lines.insert(
        [
          Span("word ", Style(.dim)), Span(shownWord),
          Span("  \(percent(word.logprob))\(gap)\(number(word.bits)) bits", Style(.dim)),
        ], at: 1)
      lines.insert(
        [
          Span("line \(NumberText.grouped(text.line(of: cursor) + 1))", Style(.dim)),
          Span("  perplexity \(number(line.perplexity))\(gap)\(number(line.bitsPerToken)) bits a token", Style(.dim)),
        ], at: 2)
    }
    // In two rows, the totals matter more than word and line.
    if room.height < 4, lines.count > 2 { lines.removeSubrange(1..<3) }
    return lines
  }
}

extension String {
  /// The text with spaces up to a number of columns.
  fileprivate func padding(_ columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - columnWidth))
  }
}

extension DocumentReading {
  /// The most lines that are spoken.
  private static let spokenLines = 40

  /// The reading as lines, where there is no screen: the totals, then each line of the text with its figures.
  func spoken(_ label: String) -> [String] {
    if let failure { return ["reading: \(failure.what)"] }
    guard let text, let total else { return [] }
    let number = { (value: Double, decimals: Int) in
      value.isFinite ? NumberText.fixed(value, decimals: decimals) : "infinite"
    }
    var head =
      "read by \(label): \(NumberText.grouped(text.ids.count)) tokens, perplexity \(number(total.perplexity, 2))"
    if let bits = total.bitsPerByte { head += ", \(number(bits, 3)) bits a byte" }
    let ranges = text.ranges(.line)
    var lines = [head]
    for (index, range) in ranges.prefix(Self.spokenLines).enumerated() {
      guard let figures = numbers.figures(range) else { continue }
      let words = visible(range.map { text.pieces[$0] }.joined().filter { $0 != "\n" }, keepsSpaces: true)
      let worst = range.max { (numbers.logprob($0) ?? 0) > (numbers.logprob($1) ?? 0) }
      let surprise = worst.flatMap { token in
        numbers.logprob(token).map {
          ", most surprising '\(visible(text.pieces[token].filter { $0 != "\n" }, keepsSpaces: true))' with \(number(Probability.bits(logprob: $0), 1)) bits"
        }
      }
      lines.append("line \(index + 1): \(words)")
      lines.append("  \(number(figures.bitsPerToken, 2)) bits a token" + (surprise ?? ""))
    }
    if ranges.count > Self.spokenLines { lines.append("and \(ranges.count - Self.spokenLines) lines more") }
    return lines
  }
}
