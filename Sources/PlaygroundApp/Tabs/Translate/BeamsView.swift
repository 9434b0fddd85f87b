import EngineAPI
import TerminalUI

/// The beams of a translation with their scores, best first. Long ones are wrapped into the rows that are free.
struct BeamsView: Widget {
  var beams: BeamsState
  var search: SamplerValues
  var context: PaneContext

  private static let scoreWidth = 7

  /// A beam's rows in the pane.
  private struct Row {
    var index: Int
    var text: String
    var lines: [Range<Int>]
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let isFocused = context.isFocused
    let title = beams.lines.count > 1 ? "Beams of line \(beams.current + 1)" : "Beams"
    // Text that the user wrote has no beams.
    let hypotheses = beams.isGiven ? [] : beams.hypotheses
    let hasScores = hypotheses.isEmpty || hypotheses.contains { !$0.score.isNaN }
    let note = hasScores ? note(search) : "score not known"
    let inside = grid.box(rect, title: title, right: note, focused: isFocused, padded: false)
    guard !hypotheses.isEmpty else {
      let count = search.beams == 1 ? "one beam" : "\(search.beams ?? 1) beams"
      grid.draw(DimLines("\(count) will be searched"), in: inside.inset(columns: 1, rows: 0))
      return
    }
    var y = inside.y
    for row in BeamsView.rows(beams, context.shell, inside: inside, glyphs: grid.glyphs) {
      let hypothesis = hypotheses[row.index]
      let isChosen = row.index == beams.chosen
      let ground: Role? = isChosen && isFocused ? .selection : nil
      let frame = Rect(inside.x, y, inside.width, max(1, row.lines.count))
      if isChosen && isFocused { grid.fill(frame, style: Style(on: .selection)) }
      if isChosen { grid.draw(grid.glyphs.chosen, at: frame.origin, style: Style(.accent, on: ground)) }
      if !hypothesis.score.isNaN {
        let score = NumberText.padded(NumberText.fixed(hypothesis.score, decimals: 3), BeamsView.scoreWidth)
        grid.draw(score, at: Point(frame.x + 1, y), style: Style(.dim, on: ground))
      }
      let column = frame.x + BeamsView.textColumn
      for (number, range) in row.lines.enumerated() {
        let isLast = number == row.lines.count - 1
        let end = isLast ? row.text.utf8.count : range.upperBound
        let text = WrappedText.visible(range.lowerBound..<end, of: row.text)
        grid.draw(
          text, at: Point(column, y + number), style: Style(isChosen ? .text : .dim, on: ground),
          maxWidth: max(0, frame.maxX - column - 1), truncation: .tail)
      }
      y += frame.height
    }
  }

  /// The beam at a row of the pane, for a click.
  static func beam(at row: Int, of beams: BeamsState, in pane: Layout.Pane, _ shell: Shell) -> Int? {
    var end = 0
    for line in rows(beams, shell, inside: pane.inside, glyphs: .unicode) where row >= 0 {
      end += max(1, line.lines.count)
      if row < end { return line.index }
    }
    return nil
  }

  private static var textColumn: Int { scoreWidth + 3 }

  /// The visible beams. Each has at least one row. Free rows are given to the chosen beam and then to the best ones, as
  /// far as their texts need them.
  private static func rows(_ beams: BeamsState, _ shell: Shell, inside: Rect, glyphs: Glyphs) -> [Row] {
    var window = ListWindow(count: beams.hypotheses.count, height: inside.height, selected: beams.chosen)
    window.select(beams.chosen)
    let width = max(1, inside.width - textColumn - 1)
    var rows = window.visible.map { index in
      let trace = beams.hypotheses[index].trace
      let text = visible(
        trace.text(endOfText: shell.endOfText(trace)), glyphs: glyphs, keepsSpaces: true)
      return Row(index: index, text: text, lines: WrappedText(text, width: width).lines.map(\.range))
    }
    var free = inside.height - rows.count
    let order = rows.indices.sorted {
      (rows[$0].index != beams.chosen ? 1 : 0, $0) < (rows[$1].index != beams.chosen ? 1 : 0, $1)
    }
    for index in order {
      let more = min(free, max(0, rows[index].lines.count - 1))
      rows[index].lines = Array(rows[index].lines.prefix(1 + more))
      free -= more
    }
    return rows
  }

  private func note(_ search: SamplerValues) -> String {
    search.lengthPenalty == 1
      ? "score, nats" : "score, length penalty \(NumberText.fixed(search.lengthPenalty, decimals: 2))"
  }
}
