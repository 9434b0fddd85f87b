import EngineAPI
import TerminalUI

/// The text with the effect of its words on the chosen label, or with its entities. The numbers are below each line of
/// the text: a word's effect in percentage points, an entity's label and score.
struct MarkedTextView: Widget {
  var tab: ClassifyState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    let words = tab.markedWords
    if context.pane.isFramed {
      inside = grid.box(rect, title: title(glyphs: grid.glyphs), right: note, focused: context.isFocused, padded: false)
    }
    let room = inside.inset(columns: 1, rows: 0)
    guard !room.isEmpty else { return }
    guard !tab.markedText.isEmpty else {
      // The list beside the text says what to do.
      return
    }
    let (isMarked, glyphs) = (room.height > 1, grid.glyphs)
    let lines = WrappedText(tab.markedText, width: room.width).lines
    let rows = max(1, isMarked ? room.height / 2 : 1)
    let order = ClassifyState.listed(words, isTagger: tab.isTagger)
    let isWalked = context.shell.overlay == nil && (tab.focus == .marked || tab.focus == .words)
    let chosen = isWalked && order.indices.contains(tab.wordWindow.selected) ? order[tab.wordWindow.selected] : nil
    let focused = chosen.flatMap { chosen in lines.firstIndex { $0.range.upperBound > words[chosen].range.lowerBound } }
    let top = max(0, min((focused ?? 0) - rows / 2, lines.count - rows))
    for row in 0..<rows where top + row < lines.count {
      let line = LineOfWords(
        range: lines[top + row].range, text: tab.markedText, words: words, order: order, chosen: chosen)
      let y = room.y + (isMarked ? 2 * row : row)
      line.draw(in: Rect(room.x, y, room.width, isMarked && y + 1 < room.maxY ? 2 : 1), on: &grid) {
        marks($0, glyphs: glyphs)
      }
    }
  }

  private func title(glyphs: Glyphs) -> String {
    if tab.isTagger { return "Entities in the text" }
    guard let label = tab.shownLabel else { return "What each word does" }
    return "What each word does to " + visible(label, glyphs: glyphs, keepsSpaces: true)
  }

  private var note: String {
    if tab.isTagger { return "" }
    if tab.changed.awaited != nil || tab.labels.awaited != nil { return "working" }
    return tab.markedWords.isEmpty ? "" : tab.isQuantity ? "logit" : "points"
  }

  /// The mark below a word, and shorter forms of it; empty for a word whose effect is too small to show.
  private func marks(_ word: MarkedWord, glyphs: Glyphs) -> [String] {
    guard let value = word.value else { return [] }
    guard let label = word.label else {
      let text = WordMark.text(value, isQuantity: tab.isQuantity)
      return text.isEmpty ? [] : [text]
    }
    let score = String(NumberText.wholePercent(value).drop { $0 == " " })
    return [visible(label, glyphs: glyphs, keepsSpaces: true) + " " + score, score]
  }
}

/// How changes of a label are written and colored.
enum WordMark {
  /// The smallest change that is colored and has a mark below the text.
  static let least = 0.005

  /// `+34` or `-2` in percentage points, `+1.25` for a quantity; empty if the change is too small.
  static func text(_ change: Double, isQuantity: Bool) -> String {
    guard abs(change) >= least else { return "" }
    let sign = change > 0 ? "+" : ""
    return sign + NumberText.fixed(isQuantity ? change : change * 100, decimals: isQuantity ? 2 : 0)
  }

  /// The style of a word: the color of its direction, bold for a strong effect.
  static func style(_ word: MarkedWord, on ground: Role? = nil) -> Style {
    if word.label != nil { return Style(.accent, on: ground, .bold) }
    guard let change = word.value, abs(change) >= least else { return Style(.text, on: ground) }
    return Style(change > 0 ? .streamA : .streamB, on: ground, abs(change) >= 0.1 ? .bold : [])
  }
}

/// One wrapped line of the text and the row of marks below it.
struct LineOfWords {
  var range: Range<Int>
  var text: String
  var words: [MarkedWord]
  /// The indexes of the words in the order of the list. If there is too little room for all marks, the first words keep
  /// theirs.
  var order: [Int]
  var chosen: Int?

  func draw(in rect: Rect, on grid: inout CellGrid, marks: (MarkedWord) -> [String]) {
    let own = words.indices.filter { words[$0].range.overlaps(range) }
    var column = rect.x
    var columns: [Int: Int] = [:]
    var offset = range.lowerBound
    for index in own {
      let part = words[index].range.clamped(to: range)
      guard part.lowerBound >= offset else { continue }
      column += draw(offset..<part.lowerBound, at: column, Style(.text), rect, &grid)
      columns[index] = column
      let ground: Role? = index == chosen ? .cursor : nil
      column += draw(part, at: column, WordMark.style(words[index], on: ground), rect, &grid)
      offset = part.upperBound
    }
    _ = draw(offset..<range.upperBound, at: column, Style(.text), rect, &grid)
    guard rect.height > 1 else { return }
    var taken: [Range<Int>] = []
    for index in order where words[index].range.lowerBound >= range.lowerBound {
      guard let start = columns[index] else { continue }
      // The mark of an entity leaves room for that of the next one.
      let next = words[index].label == nil ? nil : columns.values.filter { $0 > start }.min()
      let room = (next.map { $0 - 1 } ?? rect.maxX) - start
      guard let text = marks(words[index]).first(where: { $0.columnWidth <= room }) else { continue }
      let place = start..<start + text.columnWidth
      // Two marks are at least one cell apart.
      let isTaken = taken.contains { $0.lowerBound <= place.upperBound && place.lowerBound <= $0.upperBound }
      guard !isTaken else { continue }
      taken.append(place)
      let style = words[index].label == nil ? WordMark.style(words[index]) : Style(.dim)
      grid.draw(text, at: Point(start, rect.y + 1), style: style)
    }
  }

  /// Draws bytes of the text; returns the columns that they take.
  private func draw(_ part: Range<Int>, at x: Int, _ style: Style, _ rect: Rect, _ grid: inout CellGrid) -> Int {
    let bytes = text.utf8.dropFirst(part.lowerBound).prefix(part.count)
    let shown = visible(String(decoding: bytes, as: UTF8.self), glyphs: grid.glyphs, keepsSpaces: true)
    return grid.draw(shown, at: Point(x, rect.y), style: style, maxWidth: max(0, rect.maxX - x))
  }
}
