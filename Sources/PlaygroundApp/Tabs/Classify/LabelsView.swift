import EngineAPI
import TerminalUI

/// The widths of the columns of a list with a name, a bar and numbers, in cells of the terminal.
struct LabelColumns {
  /// The rows of column names above a list.
  static let headingRows = 1
  /// The cell where the name begins: after the mark of the chosen row.
  static let nameColumn = 2
  /// The width of the name.
  let name: Int
  /// The width of the bar.
  let bar: Int
  /// The width of each number.
  static let number = 9

  /// The widths in a pane of `width` cells whose longest name has `longest` cells.
  /// - Parameter numbers: how many numbers a row has.
  init(width: Int, longest: Int, numbers: Int) {
    let rest = max(0, width - LabelColumns.nameColumn - numbers * LabelColumns.number - 1)
    name = min(longest, max(0, rest - min(10, rest / 3) - 1))
    bar = max(0, rest - name - 1)
  }

  /// The cell where the bar begins.
  var barColumn: Int { LabelColumns.nameColumn + name + 1 }

  /// The cell after a number.
  func end(ofNumber index: Int) -> Int { barColumn + bar + (index + 1) * LabelColumns.number }
}

/// A bar that grows from the middle: to the right for positive values, to the left for negative ones.
enum SignedBar {
  /// The bar as text of exactly `width` columns. `fraction` is −1…1.
  static func text(_ fraction: Double, width: Int, glyphs: Glyphs) -> String {
    let half = width / 2
    guard half > 0, let full = glyphs.eighths.last else { return String(repeating: " ", count: max(0, width)) }
    let right = fraction > 0 ? Bar.text(fraction, width: half, glyphs: glyphs) : ""
    // Blocks are filled from the left, so bars to the left have whole cells only.
    let length = min(max(-fraction, 0), 1) * Double(half)
    let cells = length >= 0.25 ? max(1, Int(length.rounded())) : 0
    return String(repeating: " ", count: half - cells) + String(repeating: full, count: cells) + right
      + String(repeating: " ", count: max(0, width - half - right.columnWidth))
  }
}

/// The labels of the text with their probabilities.
struct LabelsView: Widget {
  var tab: ClassifyState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    let labels = tab.labels.answer?.labels ?? []
    if context.pane.isFramed {
      inside = grid.box(
        rect, title: "Labels", right: labels.isEmpty ? "" : "\(labels.count)", focused: context.isFocused,
        padded: false)
    }
    guard !labels.isEmpty, !inside.isEmpty else {
      return grid.draw(
        DimLines(tab.emptyLine(context.shell, glyphs: grid.glyphs)), in: inside.inset(columns: 1, rows: 0))
    }
    let longest = labels.map { visible($0.label, glyphs: grid.glyphs, keepsSpaces: true).columnWidth }.max() ?? 0
    let hasLogits = inside.width >= 46 || tab.isQuantity
    let numbers = (tab.isQuantity ? 0 : 1) + (hasLogits ? 1 : 0)
    let columns = LabelColumns(width: inside.width, longest: longest, numbers: numbers)
    let heading = context.pane.isFramed ? LabelColumns.headingRows : 0
    if heading > 0 {
      let names = (tab.isQuantity ? [] : ["prob."]) + (hasLogits ? ["logit"] : [])
      grid.draw("label", at: Point(inside.x + LabelColumns.nameColumn, inside.y), style: Style(.dim))
      for (index, name) in names.enumerated() { draw(name, index, columns, Style(.dim), in: inside.row(0), on: &grid) }
    }
    var window = tab.labelWindow
    window.update(count: labels.count, height: max(1, inside.height - heading))
    for (row, index) in window.visible.enumerated() {
      let line = Rect(inside.x, inside.y + heading + row, inside.width, 1)
      draw(labels[index], columns, hasLogits, in: line, on: &grid)
    }
  }

  private func draw(
    _ label: LabelScore, _ columns: LabelColumns, _ hasLogit: Bool, in line: Rect, on grid: inout CellGrid
  ) {
    let isChosen = label.label == tab.shownLabel
    let ground: Role? = isChosen && context.isFocused ? .selection : nil
    if ground != nil { grid.fill(line, style: Style(on: .selection)) }
    if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
    grid.draw(
      visible(label.label, glyphs: grid.glyphs, keepsSpaces: true),
      at: Point(line.x + LabelColumns.nameColumn, line.y), style: Style(.text, on: ground), maxWidth: columns.name,
      truncation: .tail)
    if let probability = label.probability {
      let bar = Bar.text(probability, width: columns.bar, glyphs: grid.glyphs)
      grid.draw(
        bar: bar, in: Rect(line.x + columns.barColumn, line.y, columns.bar, 1), style: Style(.accent, on: ground))
      draw(NumberText.percent(probability), 0, columns, Style(.text, on: ground), in: line, on: &grid)
    }
    if hasLogit, let logit = label.logit {
      let style = Style(tab.isQuantity ? .text : .dim, on: ground)
      draw(NumberText.fixed(logit, decimals: 2), tab.isQuantity ? 0 : 1, columns, style, in: line, on: &grid)
    }
  }

  private func draw(
    _ text: String, _ index: Int, _ columns: LabelColumns, _ style: Style, in line: Rect, on grid: inout CellGrid
  ) {
    let x = line.x + columns.end(ofNumber: index) - text.columnWidth
    grid.draw(text, at: Point(max(line.x, x), line.y), style: style, maxWidth: max(0, line.maxX - max(line.x, x)))
  }
}
