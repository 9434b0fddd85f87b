import EngineAPI
import TerminalUI

/// What the model says to the prompts at the chosen step, and what it said before the first one. Until there are
/// samples: what is learned.
struct TrainSaysView: Widget {
  var tab: TrainState
  var context: PaneContext?

  init(tab: TrainState, context: PaneContext? = nil) { (self.tab, self.context) = (tab, context) }

  /// The widest answer that stands in one row with the earlier one.
  private static let widestLabel = 20

  /// Whether the answers are labels or single words, so that a prompt takes one row.
  private var isBrief: Bool {
    let samples = (tab.samplesNow?.samples ?? []) + (tab.samplesBefore?.samples ?? [])
    return samples.allSatisfy { $0.text.columnWidth <= Self.widestLabel }
  }

  /// Whether there is a row with the slider.
  private func hasSlider(_ size: Size) -> Bool { tab.places.count > 1 && size.height >= 4 }

  /// The rows of a prompt.
  func blockHeight(_ size: Size) -> Int { isBrief || size.height < 4 ? 1 : 3 }

  /// The number of prompts that a pane has room for.
  func blocks(_ size: Size) -> Int {
    max(1, (size.height - (hasSlider(size) ? 1 : 0)) / blockHeight(size))
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard let now = tab.samplesNow, let before = tab.samplesBefore else { return drawExamples(in: rect, on: &grid) }
    var inside = rect
    if context?.pane.isFramed == true {
      let isAlone = now.step == before.step || (isBrief && !showsBefore(width: rect.width - 2, grid.glyphs))
      let words = isAlone ? "" : " \(grid.glyphs.separator) before \(grid.glyphs.right) now"
      inside = grid.box(
        rect, title: "What it says by now", right: "step \(NumberText.grouped(now.step))" + words,
        focused: context?.isFocused == true, padded: false)
    }
    guard !inside.isEmpty else { return }
    let size = inside.size
    if hasSlider(size) {
      let slider = StepSlider(places: tab.places, place: tab.place)
      grid.draw(slider, in: inside.row(inside.height - 1).inset(columns: 1, rows: 0))
      inside = Rect(inside.x, inside.y, inside.width, inside.height - 1)
    }
    var window = tab.promptWindow
    window.update(count: now.samples.count, height: blocks(size))
    let height = blockHeight(size)
    let widest = now.samples.map { quoted($0.prompt, grid.glyphs).columnWidth }.max() ?? 0
    for (row, index) in window.visible.enumerated() {
      let sample = now.samples[index]
      let first = before.samples.first { $0.prompt == sample.prompt }
      let area = Rect(inside.x, inside.y + row * height, inside.width, height).intersection(inside)
      let isChosen = index == window.selected
      if height == 1 {
        drawRow(sample, first, isChosen, promptWidth: widest, in: area, on: &grid)
      } else {
        drawBlock(sample, first, isChosen, steps: (before.step, now.step), in: area, on: &grid)
      }
    }
  }

  private func quoted(_ prompt: String, _ glyphs: Glyphs) -> String {
    "\"" + visible(prompt, glyphs: glyphs, keepsSpaces: true) + "\""
  }

  private func ground(_ isChosen: Bool) -> Role? { isChosen && context?.isFocused == true ? .selection : nil }

  private func drawMark(_ isChosen: Bool, in area: Rect, on grid: inout CellGrid) {
    let ground = ground(isChosen)
    if ground != nil { grid.fill(area, style: Style(on: ground)) }
    if isChosen { grid.draw(grid.glyphs.chosen, at: area.origin, style: Style(.accent, on: ground)) }
  }

  /// A prompt and its answers in one row: `"dull" positive 0.52 → negative 0.91  ▇▇▇▇▇`.
  private func drawRow(
    _ sample: TrainingSample, _ before: TrainingSample?, _ isChosen: Bool, promptWidth: Int, in line: Rect,
    on grid: inout CellGrid
  ) {
    drawMark(isChosen, in: line, on: &grid)
    let (ground, glyphs) = (ground(isChosen), grid.glyphs)
    let room = line.width - 3
    let now = answer(sample, glyphs)
    let first = before.map { answer($0, glyphs) }
    // Columns for both answers, the arrow and at least a short bar.
    let answers = (isBrief ? Self.columns(tab, glyphs) : 24)
    let hasBefore = showsBefore(width: line.width, glyphs)
    let taken = hasBefore ? 2 * answers + 5 : answers + 2
    let width = min(promptWidth, max(8, room - taken - (room >= taken + 30 ? 8 : 0)))
    let style = Style(.text, on: ground)
    grid.draw(
      quoted(sample.prompt, glyphs), at: Point(line.x + 2, line.y), style: style, maxWidth: width, truncation: .tail)
    var x = line.x + 2 + width + 2
    if hasBefore {
      if let first { drawAnswer(first, at: Point(x, line.y), width: answers, Style(.dim, on: ground), on: &grid) }
      grid.draw(" \(glyphs.right) ", at: Point(x + answers, line.y), style: Style(.dim, on: ground))
      x += answers + 3
    }
    let isChanged = before.map { $0.text != sample.text } ?? false
    let strong = isChanged ? Style(.accent, on: ground, .bold) : style
    guard isBrief else {
      drawText(sample.text, before: before?.text, at: Point(x, line.y), maxX: line.maxX - 1, ground, on: &grid)
      return
    }
    drawAnswer(now, at: Point(x, line.y), width: min(answers, max(0, line.maxX - x)), strong, on: &grid)
    x += answers + 2
    let bar = min(24, line.maxX - 1 - x)
    guard bar >= 4, let probability = sample.candidates.first?.probability else { return }
    let text = Bar.text(probability, width: bar, glyphs: glyphs)
    grid.draw(text, at: Point(x, line.y), style: Style(isChanged ? .accent : .streamA, on: ground))
  }

  /// Whether a row has room for the earlier answer as well.
  private func showsBefore(width: Int, _ glyphs: Glyphs) -> Bool {
    isBrief && width - 3 >= 2 * Self.columns(tab, glyphs) + 18
  }

  /// The columns of the widest answer with its number.
  private static func columns(_ tab: TrainState, _ glyphs: Glyphs) -> Int {
    let samples = (tab.samplesNow?.samples ?? []) + (tab.samplesBefore?.samples ?? [])
    return samples.map { visible($0.text, glyphs: glyphs, keepsSpaces: true).columnWidth + 5 }.max() ?? 5
  }

  private func answer(_ sample: TrainingSample, _ glyphs: Glyphs) -> (text: String, number: String) {
    let number = sample.candidates.first.map { NumberText.fixed($0.probability, decimals: 2) } ?? ""
    return (visible(sample.text, glyphs: glyphs, keepsSpaces: true), number)
  }

  /// An answer with its probability at the right end of its columns.
  private func drawAnswer(
    _ answer: (text: String, number: String), at point: Point, width: Int, _ style: Style, on grid: inout CellGrid
  ) {
    let number = answer.number.columnWidth
    guard width > number + 2 else { return }
    grid.draw(answer.text, at: point, style: style, maxWidth: width - number - 1, truncation: .tail)
    grid.draw(answer.number, at: Point(point.x + width - number, point.y), style: style)
  }

  /// A prompt, the continuation before and the one now, in three rows.
  private func drawBlock(
    _ sample: TrainingSample, _ before: TrainingSample?, _ isChosen: Bool, steps: (before: Int, now: Int),
    in area: Rect, on grid: inout CellGrid
  ) {
    drawMark(isChosen, in: area.row(0), on: &grid)
    let glyphs = grid.glyphs
    grid.draw(
      quoted(sample.prompt, glyphs), at: Point(area.x + 2, area.y), style: Style(.heading, on: ground(isChosen)),
      maxWidth: max(0, area.width - 3), truncation: .tail)
    let names = ["step " + NumberText.grouped(steps.before), "step " + NumberText.grouped(steps.now)]
    let width = max(names[0].columnWidth, names[1].columnWidth)
    let x = area.x + 4 + width + 2
    if area.height > 1, let before {
      grid.draw(NumberText.padded(names[0], width), at: Point(area.x + 4, area.y + 1), style: Style(.dim))
      grid.draw(
        visible(before.text, glyphs: glyphs, keepsSpaces: true), at: Point(x, area.y + 1), style: Style(.dim),
        maxWidth: max(0, area.maxX - 1 - x), truncation: .tail)
    }
    if area.height > 2 {
      grid.draw(NumberText.padded(names[1], width), at: Point(area.x + 4, area.y + 2), style: Style(.dim))
      drawText(
        sample.text, before: before?.text, at: Point(x, area.y + 2), maxX: area.maxX - 1, nil, on: &grid)
    }
  }

  /// A text whose new words are colored and bold.
  private func drawText(
    _ text: String, before: String?, at point: Point, maxX: Int, _ ground: Role?, on grid: inout CellGrid
  ) {
    let words = text.split(separator: " ")
    let isNew = before.map { WordChanges.isNew(words, before: $0.split(separator: " ")) }
    let glyphs = grid.glyphs
    let spans = words.enumerated().map { index, word in
      Span(
        visible(word, glyphs: glyphs, keepsSpaces: true) + (index + 1 < words.count ? " " : ""),
        isNew?[index] == true ? Style(.accent, on: ground, .bold) : Style(.text, on: ground))
    }
    grid.draw(spans, at: point, maxWidth: max(0, maxX - point.x))
  }

  /// What is learned: the first examples, with the pieces that count.
  private func drawExamples(in rect: Rect, on grid: inout CellGrid) {
    guard let start = tab.run?.start else { return }
    var inside = rect
    if context?.pane.isFramed == true {
      inside = grid.box(
        rect, title: "What is learned", right: "bold: the loss counts it", focused: context?.isFocused == true)
    }
    let glyphs = grid.glyphs
    for (row, example) in start.examples.prefix(max(0, inside.height)).enumerated() {
      let spans = example.pieces.map { piece in
        Span(
          visible(piece.text, glyphs: glyphs, keepsSpaces: true),
          piece.counts ? Style(.accent, .bold) : Style(.dim))
      }
      grid.draw(spans, at: Point(inside.x, inside.y + row), maxWidth: inside.width)
    }
  }
}

/// The steps that can be looked back at, and the one that is shown: `0 ○──○──●──○ 400   3 of 4`.
struct StepSlider: Widget {
  /// The steps in order.
  var places: [Int]
  /// The step that is shown; `nil` for the last one.
  var place: Int?

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard let first = places.first, let last = places.last, places.count > 1 else { return }
    let index = place.map { place in places.lastIndex { $0 <= place } ?? 0 } ?? places.count - 1
    let (left, right) = (NumberText.grouped(first) + " ", " " + NumberText.grouped(last))
    let count = "\(NumberText.grouped(index + 1)) of \(NumberText.grouped(places.count))"
    let hasCount = rect.width >= 36
    let width = rect.width - left.columnWidth - right.columnWidth - (hasCount ? count.columnWidth + 3 : 0)
    guard width >= 4 else { return }
    grid.draw(left, at: rect.origin, style: Style(.dim))
    let x = rect.x + left.columnWidth
    grid.fill(Rect(x, rect.y, width, 1), grid.glyphs.horizontal, style: Style(.border))
    let column = { (index: Int) in x + index * (width - 1) / (places.count - 1) }
    if places.count * 3 <= width {
      for index in places.indices {
        grid.draw(grid.glyphs.ring, at: Point(column(index), rect.y), style: Style(.border))
      }
    }
    grid.draw(grid.glyphs.dot, at: Point(column(index), rect.y), style: Style(.accent, .bold))
    grid.draw(right, at: Point(x + width, rect.y), style: Style(.dim))
    if hasCount { grid.draw(count, in: rect, alignment: .right, style: Style(.dim)) }
  }
}
