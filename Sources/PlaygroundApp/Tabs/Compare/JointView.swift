import EngineAPI
import TerminalUI

/// The candidates of all sides in one table, joined by token, on one scale.
struct JointView: Widget {
  var tab: CompareState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let title = title(glyphs: grid.glyphs)
      inside = grid.box(
        rect, title: title, right: note(width: rect.width - title.columnWidth - 9, glyphs: grid.glyphs),
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let position = tab.position else {
      return grid.draw(
        DimLines(tab.emptyLine(context.shell, glyphs: grid.glyphs)), in: inside.inset(columns: 1, rows: 0))
    }
    let hasRest = inside.height > 3
    var window = tab.window
    let candidates = tab.candidates
    window.update(count: candidates.count, height: max(1, inside.height - (hasRest ? 1 : 0)))
    let glyphs = grid.glyphs
    let longest =
      window.visible.map { visible(bytes: candidates[$0].token.bytes, glyphs: glyphs).columnWidth }.max() ?? 0
    // Where there is little room, nothing else says which side a number belongs to.
    let hasLetters = inside.width < Self.leastWithoutLetters
    let columns = JointColumns(
      inside, sides: tab.sides.count, token: max(longest, "the rest".count) + (hasLetters ? 1 : 0))
    let firsts = position.readings.map { $0.top.first?.token.id }
    for (row, index) in window.visible.enumerated() {
      let line = Rect(inside.x, inside.y + row, inside.width, 1)
      let isChosen = index == window.selected && context.isFocused
      if isChosen { grid.fill(line, style: Style(on: .selection)) }
      draw(candidates[index], position, firsts, columns, isChosen: isChosen, in: line, on: &grid)
      if hasLetters { drawLetters(columns, isChosen: isChosen, in: line, on: &grid) }
    }
    if hasRest { drawRest(candidates, window, columns, in: inside.row(inside.height - 1), on: &grid) }
  }

  /// The columns from which on the table is wide enough to be read without letters.
  private static let leastWithoutLetters = 56

  /// The letters of the sides, in the blank column before each number.
  private func drawLetters(_ columns: JointColumns, isChosen: Bool, in line: Rect, on grid: inout CellGrid) {
    for (side, column) in columns.percents.enumerated() {
      grid.draw(
        ComparedModel.letter(side), at: Point(column - 1, line.y),
        style: Style(.stream(side), on: isChosen ? .selection : nil, .bold))
    }
  }

  private func title(glyphs: Glyphs) -> String {
    guard let position = tab.position else { return "Candidates" }
    let isNext = tab.reading.isNext(position.index)
    let number = tab.reading.isAtMasks ? tab.cursor.map { "Mask \($0 + 1) of \(tab.reading.positions.count)" } : nil
    let place =
      number
      ?? (isNext
        ? "Next token" : "Token \(position.index + 1): " + visible(bytes: position.token.bytes, glyphs: glyphs))
    return context.pane.frame.width < 60 ? place : place + " \(glyphs.separator) " + tab.order.words
  }

  /// `A 2.41 bits · B 3.02 bits · 6 of 10 in common`, or less.
  private func note(width: Int, glyphs: Glyphs) -> String {
    guard let position = tab.position else { return "" }
    let entropies = position.readings.enumerated().compactMap { index, reading in
      reading.entropy.map { "\(ComparedModel.letter(index)) \(NumberText.fixed($0, decimals: 2)) bits" }
    }
    let overlap = position.pairs.count == 1 ? ["\(position.pairs[0].overlap) of 10 in common"] : []
    let separator = " \(glyphs.separator) "
    return [entropies + overlap, overlap].map { $0.joined(separator: separator) }.first { $0.columnWidth <= width }
      ?? ""
  }

  private func draw(
    _ candidate: JointCandidate<TokenValue>, _ position: ComparedPosition, _ firsts: [Int?], _ columns: JointColumns,
    isChosen: Bool, in line: Rect, on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    let isActual = !tab.reading.isNext(position.index) && candidate.token.id == position.token.id
    if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
    for (side, logprob) in candidate.logprobs.enumerated() {
      let probability = Probability.of(logprob: logprob)
      let takes = firsts[side] == candidate.token.id
      let number = NumberText.percent(probability)
      grid.draw(
        number, at: Point(columns.percents[side], line.y),
        style: Style(takes ? .text : .dim, on: ground, takes ? .bold : []))
      let bar = columns.bars[side]
      let text =
        columns.isMirrored
        ? MirroredBar.text(probability, width: bar.count, growsLeft: side == 0, glyphs: grid.glyphs)
        : Bar.text(probability, width: bar.count, glyphs: grid.glyphs)
      grid.draw(bar: text, in: Rect(bar.lowerBound, line.y, bar.count, 1), style: Style(.stream(side), on: ground))
    }
    grid.draw(
      visible(bytes: candidate.token.bytes, glyphs: grid.glyphs), at: Point(columns.token.lowerBound, line.y),
      style: Style(.text, on: ground, isActual ? .bold : []), maxWidth: columns.token.count, truncation: .tail)
    guard columns.note.count >= 8 else { return }
    let words = words(
      candidate, firsts, isActual: isActual, width: columns.note.count, separator: grid.glyphs.separator)
    grid.draw(
      words, at: Point(columns.note.lowerBound, line.y), style: Style(.dim, on: ground), maxWidth: columns.note.count,
      truncation: .tail)
  }

  /// Who takes the token, and whether it is the one in the text, which is bold too.
  private func words(
    _ candidate: JointCandidate<TokenValue>, _ firsts: [Int?], isActual: Bool, width: Int, separator: String
  ) -> String {
    let takers = firsts.indices.filter { firsts[$0] == candidate.token.id }.map(ComparedModel.letter)
    let taken = takers.isEmpty ? [] : [takers.joined(separator: ", ") + (takers.count == 1 ? " takes" : " take")]
    let both = (taken + (isActual ? ["in the text"] : [])).joined(separator: " \(separator) ")
    return both.columnWidth <= width ? both : taken.first ?? both
  }

  /// The probability of all tokens that are not on the screen.
  private func drawRest(
    _ candidates: [JointCandidate<TokenValue>], _ window: ListWindow, _ columns: JointColumns, in line: Rect,
    on grid: inout CellGrid
  ) {
    grid.draw(
      "the rest", at: Point(columns.token.lowerBound, line.y), style: Style(.dim), maxWidth: columns.token.count)
    for side in tab.sides.indices where side < columns.percents.count {
      let shown = window.visible.reduce(0) { sum, index in
        sum + (side < candidates[index].logprobs.count ? Probability.of(logprob: candidates[index].logprobs[side]) : 0)
      }
      grid.draw(
        NumberText.percent(max(0, 1 - shown)), at: Point(columns.percents[side], line.y), style: Style(.dim))
    }
    let footer = window.footer(glyphs: grid.glyphs)
    guard columns.note.count >= footer.columnWidth else { return }
    grid.draw(footer, at: Point(columns.note.lowerBound, line.y), style: Style(.dim))
  }
}

/// A bar of whole cells, which can grow to the left. Blocks of a part of a cell are filled from the left, so a bar to
/// the left can't have any; the bar to the right then has none either, so that both have one scale.
enum MirroredBar {
  static func text(_ fraction: Double, width: Int, growsLeft: Bool, glyphs: Glyphs) -> String {
    guard width > 0, let full = glyphs.eighths.last else { return "" }
    let length = min(max(fraction, 0), 1) * Double(width)
    let cells = length >= 0.25 ? max(1, Int(length.rounded())) : 0
    let bar = String(repeating: full, count: cells)
    return growsLeft ? String(repeating: " ", count: width - cells) + bar : bar
  }
}

/// The columns of the table of candidates. Two sides are mirrored, with the token between them; more sides have a bar
/// and a number each, after the token.
struct JointColumns: Equatable {
  let isMirrored: Bool
  let token: Range<Int>
  let bars: [Range<Int>]
  let percents: [Int]
  let note: Range<Int>

  /// - Parameter token: the columns of the longest token on the screen.
  init(_ inside: Rect, sides: Int, token longest: Int) {
    let number = NumberText.percentWidth
    let width = inside.width - 2
    isMirrored = sides == 2 && width >= 56
    let tokenWidth = min(max(longest, 8), width >= 80 ? 20 : 12)
    let noteWidth = width >= 76 ? min(24, width / 5) : 0
    let start = inside.x + 2
    let room = max(0, inside.maxX - start - tokenWidth - sides * (number + 1) - noteWidth - 2)
    let barWidth = max(0, room / max(1, sides) - 1)
    if isMirrored {
      let percentA = start + barWidth + 1
      token = (percentA + number + 2)..<(percentA + number + 2 + tokenWidth)
      let percentB = token.upperBound
      bars = [start..<start + barWidth, (percentB + number + 1)..<(percentB + number + 1 + barWidth)]
      percents = [percentA, percentB]
      note = min(bars[1].upperBound + 1, inside.maxX)..<inside.maxX
    } else {
      token = start..<start + tokenWidth
      var x = token.upperBound
      var (bars, percents): ([Range<Int>], [Int]) = ([], [])
      for _ in 0..<sides {
        percents.append(x)
        bars.append(x + number + 1..<x + number + 1 + barWidth)
        x += number + 1 + barWidth + 1
      }
      (self.bars, self.percents) = (bars, percents)
      note = min(x, inside.maxX)..<inside.maxX
    }
  }
}
