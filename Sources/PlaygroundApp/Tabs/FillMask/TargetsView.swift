import EngineAPI
import Sampling
import TerminalUI

/// The targets of the mask, best first: a bar, the probability, the log-probability, the same per token, and the number
/// of pieces.
struct TargetsView: Widget {
  var tab: FillMaskState
  var context: PaneContext

  /// The rows of column names in a pane of this height.
  static func headingRows(height: Int) -> Int { height >= 3 ? 1 : 0 }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    let ranked = tab.targets.ranked
    if context.pane.isFramed {
      let note = notes(glyphs: grid.glyphs).first { $0.columnWidth <= rect.width - 17 } ?? ""
      inside = grid.box(rect, title: "Targets", right: note, focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard !ranked.isEmpty else {
      return grid.draw(DimLines(tab.targetsLine(context.shell)), in: inside.inset(columns: 1, rows: 0))
    }
    let longest = ranked.map { name($0, grid.glyphs).columnWidth }.max() ?? 0
    let columns = TargetColumns(width: inside.width, longest: longest)
    let heading = Self.headingRows(height: inside.height)
    if heading > 0 { drawHeading(columns, in: inside.row(0), on: &grid) }
    var window = tab.targets.window
    window.update(count: ranked.count, height: inside.height - heading)
    for (row, index) in window.visible.enumerated() {
      let isChosen = index == window.selected && context.isFocused
      draw(ranked[index], best: ranked[0], columns, isChosen: isChosen, in: inside.row(heading + row), on: &grid)
    }
  }

  /// The possible notes of the title, the best first: while the pane has the focus, the pieces of the chosen target.
  private func notes(glyphs: Glyphs) -> [String] {
    if tab.targets.isAwaited { return ["scoring"] }
    guard let chosen = tab.targets.chosen else { return [] }
    let pieces = chosen.tokens.map { visible(bytes: $0.token.bytes, glyphs: glyphs) }
    let words = pieces.joined(separator: " \(glyphs.separator) ")
    return (context.isFocused ? [words] : []) + ["bars relative"]
  }

  private func name(_ target: RankedChoice, _ glyphs: Glyphs) -> String {
    visible(target.text, glyphs: glyphs, keepsSpaces: true)
  }

  private func drawHeading(_ columns: TargetColumns, in line: Rect, on grid: inout CellGrid) {
    grid.draw(
      "target", at: Point(line.x + TargetColumns.nameColumn, line.y), style: Style(.dim), maxWidth: columns.name)
    for number in columns.numbers {
      let x = line.x + columns.end(of: number) - columns.head(of: number).columnWidth
      grid.draw(columns.head(of: number), at: Point(x, line.y), style: Style(.dim))
    }
  }

  private func draw(
    _ target: RankedChoice, best: RankedChoice, _ columns: TargetColumns, isChosen: Bool, in line: Rect,
    on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    grid.draw(
      name(target, grid.glyphs), at: Point(line.x + TargetColumns.nameColumn, line.y), style: Style(.text, on: ground),
      maxWidth: columns.name, truncation: .tail)
    if let logprob = target.logprob, let first = best.logprob, columns.bar > 0 {
      // The color is that of the geometric mean, so that many pieces do not make a target look surprising.
      let heat = HeatScaleSteps.bar(probability: Probability.of(logprob: target.logprobPerToken ?? logprob))
      let share = Probability.of(logprob: logprob - first)
      grid.draw(
        bar: Bar.text(share, width: columns.bar, glyphs: grid.glyphs),
        in: Rect(line.x + columns.barColumn, line.y, columns.bar, 1), style: Style(heat, on: ground))
    }
    for number in columns.numbers {
      let text = number.text(of: target)
      let x = line.x + columns.end(of: number) - text.columnWidth
      grid.draw(text, at: Point(x, line.y), style: Style(number == .probability ? .text : .dim, on: ground))
    }
  }
}

/// The widths of the columns of targets, in cells of the terminal. A narrow pane has fewer numbers.
struct TargetColumns {
  /// A number of a target. The first ones stay longest.
  enum Number: CaseIterable {
    case probability
    case logprob
    case perToken
    case pieces

    fileprivate func text(of target: RankedChoice) -> String {
      let unknown = "-"
      switch self {
      case .probability: return target.logprob.map { NumberText.percent(Probability.of(logprob: $0)) } ?? unknown
      case .logprob: return target.logprob.map(NumberText.logProbability) ?? unknown
      case .perToken: return target.logprobPerToken.map(NumberText.logProbability) ?? unknown
      case .pieces: return NumberText.grouped(target.tokens.count)
      }
    }
  }

  /// The cell where the target begins: after the mark of the chosen row.
  static let nameColumn = 2
  /// The least width of target and bar together.
  private static let leastName = 15
  /// The least width of a bar beside a long target.
  private static let leastBar = 5

  /// The numbers that have a column.
  let numbers: [Number]
  /// The width of the target.
  let name: Int
  /// The width of the bar.
  let bar: Int
  private let isWide: Bool

  /// The widths in a pane of `width` cells whose longest target has `longest` cells.
  init(width: Int, longest: Int) {
    isWide = width >= 70
    let room = max(0, width - TargetColumns.nameColumn - 1)
    var numbers = Number.allCases
    while numbers.count > 1, room - TargetColumns.width(numbers, isWide) < TargetColumns.leastName {
      numbers.removeLast()
    }
    self.numbers = numbers
    let rest = max(0, room - TargetColumns.width(numbers, isWide))
    name = min(max(longest, "target".count), max(0, rest - 1 - min(TargetColumns.leastBar, rest / 3)))
    bar = max(0, rest - name - 1)
  }

  /// The name of a number's column.
  func head(of number: Number) -> String { TargetColumns.head(of: number, isWide) }

  private static func head(of number: Number, _ isWide: Bool) -> String {
    switch number {
    case .probability: "prob."
    case .logprob: isWide ? CandidateColumns.logprobHead : "log p"
    case .perToken: "per token"
    case .pieces: "pieces"
    }
  }

  /// The width of columns with the gap before each.
  private static func width(_ numbers: [Number], _ isWide: Bool) -> Int {
    numbers.reduce(0) { sum, number in
      let least = number == .probability ? NumberText.percentWidth : NumberText.logProbabilityWidth
      return sum + CandidateColumns.space + max(number == .pieces ? 0 : least, head(of: number, isWide).columnWidth)
    }
  }

  /// The cell where the bar begins.
  var barColumn: Int { TargetColumns.nameColumn + name + 1 }

  /// The cell after a number.
  func end(of number: Number) -> Int {
    barColumn + bar + TargetColumns.width(Array(numbers.prefix { $0 != number }) + [number], isWide)
  }
}
