import EngineAPI
import TerminalUI

/// The beams of a translation with their scores, best first.
struct BeamsView: Widget {
  var state: PlaygroundState
  var pane: Layout.Pane

  private static let scoreWidth = 7

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let beams = state.translate.beams
    let search = state.translate.search
    let isFocused = state.focus == pane.focus
    let inside = grid.box(rect, title: "Beams", right: note(search), focused: isFocused, padded: false)
    guard !beams.hypotheses.isEmpty else {
      let count = search.count == 1 ? "one beam" : "\(search.count) beams"
      grid.draw("\(count) will be searched", in: inside.inset(columns: 1, rows: 0), style: Style(.dim))
      return
    }
    var window = ListWindow(count: beams.hypotheses.count, height: inside.height, selected: beams.chosen)
    window.select(beams.chosen)
    for (row, index) in window.visible.enumerated() {
      let line = inside.row(row)
      let hypothesis = beams.hypotheses[index]
      let isChosen = index == beams.chosen
      let ground: Role? = isChosen && isFocused ? .selection : nil
      if isChosen && isFocused { grid.fill(line, style: Style(on: .selection)) }
      if isChosen { grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground)) }
      let score = NumberText.padded(NumberText.fixed(hypothesis.score, decimals: 3), BeamsView.scoreWidth)
      grid.draw(score, at: Point(line.x + 1, line.y), style: Style(.dim, on: ground))
      let text = TokenFlow.text(of: hypothesis.trace, endOfText: state.endOfText(hypothesis.trace))
      let x = line.x + BeamsView.scoreWidth + 3
      grid.draw(
        visible(text, glyphs: grid.glyphs, keepsSpaces: true), at: Point(x, line.y),
        style: Style(isChosen ? .text : .dim, on: ground), maxWidth: max(0, line.maxX - x - 1), truncation: .tail)
    }
  }

  private func note(_ search: BeamSettings) -> String {
    search.lengthPenalty == 1 ? "score" : "score, length penalty \(NumberText.fixed(search.lengthPenalty, decimals: 2))"
  }
}
