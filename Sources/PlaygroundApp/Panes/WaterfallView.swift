import EngineAPI
import Sampling
import TerminalUI

/// The sampler waterfall: the candidates with their probability after each step of the chain, one column a step.
///
/// A number that a step changes is bright, one that it leaves is dim. A cross stands in the column of the stage that
/// removed the token; the cells after it are empty. The last column is what tokens are drawn from.
struct WaterfallView: Widget {
  var list: CandidateList
  var answer: DistributionAnswer
  /// Whether the pane has the focus.
  var isFocused: Bool
  /// Whether to mark the token that the text has at this position.
  var marksActual: Bool
  /// The stage whose column stays visible: the one that is chosen in the sampler overlay.
  var stage: SamplerStage?

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    var window = list.window
    window.update(height: WaterfallView.rows(height: rect.height))
    let shown = window.visible.compactMap { list.rows[$0] }
    let columns = WaterfallColumns(
      width: rect.width, digits: shown.map { $0.rankText(known: nil).count }.max() ?? 1,
      longest: shown.map { visible(bytes: $0.ranked.token.bytes, glyphs: grid.glyphs).columnWidth }.max() ?? 0,
      steps: answer.steps, from: list.firstStep, showing: stage)
    let heading = WaterfallView.headingRows(height: rect.height)
    if heading > 0 { drawHeading(columns, in: rect.row(0), on: &grid) }
    for (row, index) in window.visible.enumerated() {
      let line = Rect(rect.x, rect.y + heading + row, rect.width, 1)
      let isChosen = index == window.selected && isFocused
      if isChosen { grid.fill(line, style: Style(on: .selection)) }
      guard let candidate = list.rows[index] else {
        grid.draw(grid.glyphs.ellipsis, at: Point(line.x + columns.tokenColumn, line.y), style: Style(.dim))
        continue
      }
      draw(candidate, columns, isChosen: isChosen, in: line, on: &grid)
    }
    let facts = WaterfallView.factRows(height: rect.height)
    if facts > 0 {
      let words = { (step: ChainStep) in NumberText.grouped(step.kept) }
      drawFacts("kept", columns, in: rect.row(rect.height - facts), words, on: &grid)
    }
    if facts > 1 {
      let words = { (step: ChainStep) in NumberText.fixed(step.entropy, decimals: 2) }
      drawFacts("bits", columns, in: rect.row(rect.height - 1), words, on: &grid)
    }
  }

  private func drawHeading(_ columns: WaterfallColumns, in line: Rect, on grid: inout CellGrid) {
    grid.draw("#", at: Point(line.x + columns.rankColumn + columns.rank - 1, line.y), style: Style(.dim))
    grid.draw("token", at: Point(line.x + columns.tokenColumn, line.y), style: Style(.dim), maxWidth: columns.token)
    for index in columns.visible {
      let step = answer.steps[index]
      let name = step.name(columns: columns.cell - 1)
      let isChosen = stage != nil && step.stage == stage
      grid.draw(
        NumberText.padded(name, columns.cell), at: Point(line.x + columns.x(index), line.y),
        style: Style(isChosen ? .accent : .dim, isChosen ? .bold : []))
    }
    let hidden = (columns.visible.lowerBound > 0, columns.visible.upperBound < answer.steps.count)
    if hidden.0 {
      grid.draw(
        grid.glyphs.ellipsis, at: Point(line.x + columns.x(columns.visible.lowerBound), line.y), style: Style(.dim))
    }
    if hidden.1 { grid.draw(grid.glyphs.ellipsis, at: Point(line.maxX - 1, line.y), style: Style(.dim)) }
  }

  private func draw(
    _ candidate: Candidate, _ columns: WaterfallColumns, isChosen: Bool, in line: Rect, on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    let dim = Style(.dim, on: ground)
    if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
    let isActual = marksActual && candidate.ranked.token.id == answer.actual?.ranked.token.id
    if isActual { grid.draw(grid.glyphs.dot, at: Point(line.x + 1, line.y), style: Style(.accent, on: ground)) }
    let rank = NumberText.padded(candidate.rankText(known: nil), columns.rank)
    grid.draw(rank, at: Point(line.x + columns.rankColumn, line.y), style: dim, maxWidth: columns.rank)
    let isRemoved = candidate.steps.last == 0
    grid.draw(
      visible(bytes: candidate.ranked.token.bytes, glyphs: grid.glyphs),
      at: Point(line.x + columns.tokenColumn, line.y),
      style: Style(isRemoved ? .dim : .text, on: ground, isActual ? .bold : []), maxWidth: columns.token,
      truncation: .tail)
    for index in columns.visible where candidate.steps.indices.contains(index) {
      let before = index > 0 ? candidate.steps[index - 1] : nil
      drawCell(
        candidate.steps[index], before: before, at: Point(line.x + columns.x(index), line.y), width: columns.cell,
        ground, on: &grid)
    }
  }

  private func drawCell(
    _ probability: Double, before: Double?, at point: Point, width: Int, _ ground: Role?, on grid: inout CellGrid
  ) {
    guard probability > 0 else {
      // Only the step that removes the token says so.
      if before.map({ $0 > 0 }) ?? true {
        // The cross stands where the decimal points of the numbers are.
        let (text, offset) = before == nil ? ("0.00", 4) : (grid.glyphs.cross, 3)
        grid.draw(text, at: Point(point.x + width - offset, point.y), style: Style(.dim, on: ground))
      }
      return
    }
    let number = NumberText.percent(probability).dropLast(2)
    let changed = before.map { abs($0 - probability) >= 0.00005 } ?? true
    let text = String(number.drop { $0 == " " })
    grid.draw(NumberText.padded(text, width), at: point, style: Style(changed ? .text : .dim, on: ground))
    guard width >= WaterfallColumns.barredCell else { return }
    let bar = Rect(point.x + 2, point.y, width - 10, 1)
    grid.draw(
      bar: Bar.text(probability, width: bar.width, glyphs: grid.glyphs), in: bar,
      style: Style(HeatScaleSteps.bar(probability: probability), on: ground))
  }

  private func drawFacts(
    _ name: String, _ columns: WaterfallColumns, in line: Rect, _ words: (ChainStep) -> String,
    on grid: inout CellGrid
  ) {
    grid.draw(name, at: Point(line.x + columns.tokenColumn, line.y), style: Style(.dim), maxWidth: columns.token)
    for index in columns.visible {
      grid.draw(
        NumberText.padded(words(answer.steps[index]), columns.cell), at: Point(line.x + columns.x(index), line.y),
        style: Style(.dim))
    }
  }

  /// The rows of column names above the candidates.
  static func headingRows(height: Int) -> Int { height >= 3 ? 1 : 0 }
  /// The rows below the candidates: the number of kept tokens, and the entropy.
  static func factRows(height: Int) -> Int { height >= 6 ? 2 : height >= 4 ? 1 : 0 }
  /// The rows of the candidates.
  static func rows(height: Int) -> Int { max(1, height - headingRows(height: height) - factRows(height: height)) }
}

extension CandidateList {
  /// The rows of the list above the first candidate in a pane of this height.
  func headingRows(height: Int) -> Int {
    isWaterfall ? WaterfallView.headingRows(height: height) : CandidateColumns.headingRows(height: height)
  }

  /// The rows of candidates in a pane of this height.
  func candidateRows(height: Int) -> Int {
    isWaterfall ? WaterfallView.rows(height: height) : CandidateColumns.rows(height: height)
  }
}

extension ChainStep {
  /// The step's name for a column of this width: the stage's name on the command line, or its short form.
  func name(columns: Int) -> String {
    switch kind {
    case .model: "model"
    case .rules: "rules"
    case .stage(let stage): stage.rawValue.count <= columns ? stage.rawValue : stage.letters
    }
  }
}

/// The columns of the waterfall, in cells of the terminal.
struct WaterfallColumns: Equatable {
  /// The width of the rank's digits.
  let rank: Int
  /// The width of the token.
  let token: Int
  /// The width of a step's column.
  let cell: Int
  /// The steps on the screen.
  let visible: Range<Int>

  /// The minimum width of a step's column: `100.00` and a gap.
  private static let leastCell = 7
  /// The maximum width of a step's column.
  private static let mostCell = 16
  /// The width from which a column also has a bar.
  static let barredCell = 14
  /// The minimum width of a token beside them.
  private static let leastToken = 8

  /// Places as many steps as fit. If not all do, the last ones are visible, so that the distribution that tokens are
  /// drawn from is among them.
  ///
  /// - Parameters:
  ///   - first: the first visible step that the user chose; `nil` for the last ones that fit.
  ///   - stage: a stage whose column is visible in any case.
  init(
    width: Int, digits: Int, longest: Int, steps: [ChainStep], from first: Int? = nil,
    showing stage: SamplerStage? = nil
  ) {
    rank = max(2, digits)
    // Two marks and a space before the rank, two spaces after it, a space at the end.
    let room = max(0, width - 3 - rank - 2 - 1)
    let fitting = max(1, (room - Self.leastToken) / Self.leastCell)
    let count = min(steps.count, fitting)
    let last = steps.count - count
    var start = min(max(first ?? last, 0), last)
    if let chosen = steps.firstIndex(where: { $0.stage == stage && stage != nil }), count > 0 {
      // The column before it shows what the stage starts from.
      start = min(start, max(0, chosen - 1))
      start = max(start, chosen - count + 1)
    }
    visible = start..<(start + count)
    let share = count == 0 ? 0 : (room - max(Self.leastToken, min(longest + 1, 20))) / count
    cell = count == 0 ? 0 : min(max(Self.leastCell, share), Self.mostCell)
    token = max(0, room - cell * count)
  }

  /// The cell where the rank begins.
  var rankColumn: Int { 3 }
  /// The cell where the token begins.
  var tokenColumn: Int { rankColumn + rank + 2 }
  /// The cell where a visible step's column begins.
  func x(_ step: Int) -> Int { tokenColumn + token + (step - visible.lowerBound) * cell }
}
