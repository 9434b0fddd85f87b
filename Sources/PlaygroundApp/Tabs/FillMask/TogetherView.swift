import EngineAPI
import TerminalUI

/// Whole fillings of a text with two masks or more, with the sum of their log-probabilities.
struct TogetherView: Widget {
  var fillings: FillingsState
  var context: PaneContext

  private static let barWidth = 10

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let isFocused = context.isFocused
    var inside = rect
    if context.pane.isFramed {
      let notes =
        fillings.awaited != nil
        ? ["searching"]
        : barWidth(rect.width - 2) == 0
          ? ["log-probability, nats", "nats"]
          : [
            "log-probability, nats \(grid.glyphs.separator) bars relative",
            "nats \(grid.glyphs.separator) bars relative",
          ]
      let note = notes.first { $0.columnWidth <= rect.width - 18 } ?? ""
      inside = grid.box(rect, title: "Together", right: note, focused: isFocused, padded: false)
    }
    if let failure = fillings.failure {
      grid.draw(failure.what, in: inside.inset(columns: 1, rows: 0), style: Style(.dim))
      return
    }
    let joint = fillings.result?.joint ?? []
    guard !joint.isEmpty else {
      grid.draw(
        fillings.awaited == nil ? "no whole filling was found" : "the masks are being filled together",
        in: inside.inset(columns: 1, rows: 0), style: Style(.dim))
      return
    }
    var window = fillings.window
    window.update(count: joint.count, height: inside.height)
    let best = joint[0].logprob
    let bar = barWidth(inside.width)
    // All rows have one form: where a text is too long, the words that were filled in say more than its beginning.
    let hasTexts = joint.allSatisfy {
      visible($0.sequence, glyphs: grid.glyphs, keepsSpaces: true).columnWidth <= textWidth(inside.width, bar: bar)
    }
    for (row, index) in window.visible.enumerated() {
      let isChosen = index == window.selected && isFocused
      draw(joint[index], hasTexts, best: best, bar: bar, isChosen: isChosen, in: inside.row(row), on: &grid)
    }
  }

  private func barWidth(_ columns: Int) -> Int { columns >= 50 ? TogetherView.barWidth : columns >= 36 ? 5 : 0 }

  /// The columns of a row's words, in so many columns of the pane.
  private func textWidth(_ columns: Int, bar: Int) -> Int {
    max(0, columns - NumberText.logProbabilityWidth - (bar > 0 ? bar + 1 : 0) - 3)
  }

  private func draw(
    _ filling: JointFilling, _ hasText: Bool, best: Double, bar: Int, isChosen: Bool, in line: Rect,
    on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    let width = textWidth(line.width, bar: bar)
    let words = filling.tokens.map { visible(bytes: $0.bytes, glyphs: grid.glyphs) }
    let text =
      hasText
      ? visible(filling.sequence, glyphs: grid.glyphs, keepsSpaces: true)
      : words.joined(separator: " \(grid.glyphs.separator) ")
    grid.draw(text, at: Point(line.x + 1, line.y), style: Style(.text, on: ground), maxWidth: width, truncation: .tail)
    let x = line.x + 1 + width + 1
    grid.draw(NumberText.logProbability(filling.logprob), at: Point(x, line.y), style: Style(.dim, on: ground))
    guard bar > 0 else { return }
    // Against the best filling: equal lengths are equal odds.
    let share = Probability.of(logprob: filling.logprob - best)
    // Of several masks the mean: many sure choices are no surprise.
    let mean = Probability.of(logprob: filling.logprob / Double(max(1, filling.tokens.count)))
    let heat = HeatScaleSteps.role(probability: mean)
    grid.draw(
      Bar.text(share, width: bar, glyphs: grid.glyphs), at: Point(x + NumberText.logProbabilityWidth + 1, line.y),
      style: Style(heat, on: ground))
  }
}
