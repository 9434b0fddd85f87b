import EngineAPI
import TerminalUI

/// The list of words, strongest effect first, or of entities.
struct MarkedWordsView: Widget {
  var tab: ClassifyState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    let words = tab.markedWords
    if context.pane.isFramed {
      let note = words.isEmpty ? "" : "\(words.count)"
      inside = grid.box(
        rect, title: tab.isTagger ? "Entities" : "Words", right: note, focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard !words.isEmpty else {
      return grid.draw(DimLines(emptyLine(glyphs: grid.glyphs)), in: inside.inset(columns: 1, rows: 0))
    }
    let order = ClassifyState.listed(words, isTagger: tab.isTagger)
    let glyphs = grid.glyphs
    let labels = words.map { $0.label.map { visible($0, glyphs: glyphs, keepsSpaces: true) } ?? "" }
    let labelWidth = labels.map(\.columnWidth).max() ?? 0
    let names = zip(words, labels).map { word, label in
      let text = visible(word.text, glyphs: glyphs, keepsSpaces: true)
      guard labelWidth > 0 else { return text }
      return label + String(repeating: " ", count: labelWidth - label.columnWidth + 2) + text
    }
    let columns = LabelColumns(width: inside.width, longest: names.map(\.columnWidth).max() ?? 0, numbers: 1)
    let heading = context.pane.isFramed ? LabelColumns.headingRows : 0
    if heading > 0 { drawHeading(columns, in: inside.row(0), on: &grid) }
    let largest = words.compactMap(\.value).map(abs).max() ?? 0
    var window = tab.wordWindow
    window.update(count: words.count, height: max(1, inside.height - heading))
    for (row, place) in window.visible.enumerated() {
      let line = Rect(inside.x, inside.y + heading + row, inside.width, 1)
      let index = order[place]
      draw(words[index], names[index], place == window.selected, columns, largest: largest, in: line, on: &grid)
    }
  }

  private func emptyLine(glyphs: Glyphs) -> String {
    if tab.isTagger { return tab.emptyLine(context.shell, glyphs: glyphs) }
    if let failure = tab.changed.failure { return failure.what }
    if tab.changed.awaited != nil { return "the text is read again without each word" }
    return tab.labels.isCurrent && tab.changed.request == nil ? "no word can be left out of this text" : ""
  }

  private func drawHeading(_ columns: LabelColumns, in line: Rect, on grid: inout CellGrid) {
    let names = tab.isTagger ? ("entity", "score") : ("word", tab.isQuantity ? "logit" : "change")
    grid.draw(names.0, at: Point(line.x + LabelColumns.nameColumn, line.y), style: Style(.dim))
    let end = line.x + columns.end(ofNumber: 0)
    grid.draw(names.1, at: Point(end - names.1.columnWidth, line.y), style: Style(.dim))
  }

  private func draw(
    _ word: MarkedWord, _ name: String, _ isChosen: Bool, _ columns: LabelColumns, largest: Double, in line: Rect,
    on grid: inout CellGrid
  ) {
    let isFocused = context.isFocused
    let ground: Role? = isChosen && isFocused ? .selection : nil
    if ground != nil { grid.fill(line, style: Style(on: .selection)) }
    if isChosen, isFocused { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
    grid.draw(
      name, at: Point(line.x + LabelColumns.nameColumn, line.y), style: Style(.text, on: ground),
      maxWidth: columns.name, truncation: .tail)
    let end = line.x + columns.end(ofNumber: 0)
    guard let value = word.value else {
      let words = "not known"
      grid.draw(words, at: Point(end - words.columnWidth, line.y), style: Style(.dim, on: ground))
      return
    }
    let isEntity = word.label != nil
    let bar =
      isEntity
      ? Bar.text(value, width: columns.bar, glyphs: grid.glyphs)
      : SignedBar.text(largest > 0 ? value / largest : 0, width: columns.bar, glyphs: grid.glyphs)
    let style = isEntity ? Style(.accent, on: ground) : WordMark.style(word, on: ground)
    grid.draw(
      bar: bar, in: Rect(line.x + columns.barColumn, line.y, columns.bar, 1), style: style.without(.bold))
    let number = isEntity ? NumberText.percent(value) : change(value)
    grid.draw(number, at: Point(end - number.columnWidth, line.y), style: Style(.text, on: ground))
  }

  /// A change in percentage points, `+34.21`, or of a quantity.
  private func change(_ value: Double) -> String {
    let text = NumberText.fixed(abs(tab.isQuantity ? value : value * 100), decimals: 2)
    // Omit the sign of a number that is rounded to zero.
    guard text.contains(where: { "123456789".contains($0) }) else { return text }
    return (value > 0 ? "+" : "-") + text
  }
}

extension Style {
  /// The style without an attribute.
  fileprivate func without(_ attribute: Attributes) -> Style {
    Style(role, on: background, attributes.subtracting(attribute))
  }
}
