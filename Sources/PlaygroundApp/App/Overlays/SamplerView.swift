import EngineAPI
import Sampling
import TerminalUI

/// The sampler chain, stage by stage: its value, and what it does to the distribution that the candidates show.
struct SamplerView: Widget {
  var state: PlaygroundState
  var panel: SamplerPanel

  /// The overlay's rectangle over the panes of a layout. It covers the prompt, so that changes of the candidates stay
  /// visible.
  ///
  /// - Parameter bounds: the part of the screen that overlays may use.
  static func frame(over layout: Layout, bounds: Rect) -> Rect {
    if layout.isNarrow || layout.panes.isEmpty { return OverlayView.room(bounds) }
    guard let prompt = layout[.prompt]?.frame, prompt.width >= 40 else { return OverlayView.room(bounds) }
    if prompt.height >= 8 { return prompt }
    // If the prompt's pane is too low, use the panes below it too, provided that the candidates are beside them.
    let column = layout.panes.map(\.frame).filter { $0.x == prompt.x && $0.width == prompt.width }
    let end = column.map(\.maxY).max() ?? prompt.maxY
    guard prompt.width < bounds.width, end - prompt.y >= 12 else { return OverlayView.room(bounds) }
    var frame = Rect(prompt.x, prompt.y, prompt.width, min(end - prompt.y, highest))
    // The rest of a pane below is too low to show its text.
    for pane in column where pane.y < frame.maxY && pane.maxY < frame.maxY + Layout.leastRows {
      frame = Rect(frame.x, frame.y, frame.width, max(frame.height, pane.maxY - frame.y))
    }
    return frame
  }

  /// The maximum height of an overlay over the prompt's column.
  private static let highest = 26

  /// The number of visible rows: all but the heads and, in a high frame, a line about the whole chain.
  static func rows(_ frame: Rect) -> Int { max(1, frame.height - 2 - (frame.height >= 12 ? 2 : 1)) }

  private static let nameWidth = 16
  private static let valueWidth = 9

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let frame = state.shell.layout.sampler
    let title = state.current.samplerTitle
    let values = state.samplerValues
    let rows = SamplerRow.rows(values)
    var window = panel.window
    window.update(count: rows.count, height: SamplerView.rows(frame))
    let isWhole = window.visible.count == rows.count
    let note = isWhole ? state.current.model.shortName : window.footer(glyphs: grid.glyphs)
    let inside = grid.box(frame, title: title, right: note, focused: true, padded: false)
    guard !inside.isEmpty else { return }
    let stages = stageSummaries
    let hasFacts = inside.width >= 54
    drawHeading(in: inside.row(0), hasFacts: hasFacts, on: &grid)
    for (line, index) in window.visible.enumerated() {
      draw(
        rows[index], values, stages, isChosen: index == window.selected, in: inside.row(line + 1), hasFacts, on: &grid)
    }
    if frame.height >= 12 { drawFooter(values, stages, in: inside.row(inside.height - 1), on: &grid) }
  }

  /// The effect of each stage; empty if the candidates are out of date.
  private var stageSummaries: [SamplerStage: StageSummary] {
    guard let answer = state.current.list?.answer else { return [:] }
    return Dictionary((answer.stages ?? []).map { ($0.stage, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private func drawHeading(in line: Rect, hasFacts: Bool, on grid: inout CellGrid) {
    grid.draw("stage", at: Point(line.x + 2, line.y), style: Style(.dim))
    let value = NumberText.padded("value", SamplerView.valueWidth)
    grid.draw(value, at: Point(line.x + 2 + SamplerView.nameWidth, line.y), style: Style(.dim))
    let facts = hasFacts ? "     keeps  removes      bits" : "    keeps"
    grid.draw(
      facts, at: Point(line.x + 2 + SamplerView.nameWidth + SamplerView.valueWidth, line.y), style: Style(.dim),
      maxWidth: max(0, line.width - 3 - SamplerView.nameWidth - SamplerView.valueWidth))
  }

  private func draw(
    _ row: SamplerRow, _ values: SamplerValues, _ stages: [SamplerStage: StageSummary], isChosen: Bool, in line: Rect,
    _ hasFacts: Bool, on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    let text = row.text(values)
    let isOff = row.isOff(values)
    grid.draw(
      row.label(values), at: Point(line.x + 2, line.y), style: Style(isOff ? .dim : .text, on: ground),
      maxWidth: line.width - 3
    )
    let column = line.x + 2 + SamplerView.nameWidth
    if isChosen, let entry = panel.entry {
      // The end of a long entry, where the next character goes.
      let shown = NumberText.padded(String(entry.suffix(SamplerView.valueWidth)), SamplerView.valueWidth)
      grid.draw(shown, at: Point(column, line.y), style: Style(.accent, on: ground, .underline))
    } else {
      grid.draw(
        NumberText.padded(text, SamplerView.valueWidth), at: Point(column, line.y),
        style: Style(isOff ? .dim : .text, on: ground, isOff ? [] : .bold), maxWidth: max(0, line.maxX - column))
    }
    guard case .stage(let stage) = row, let summary = stages[stage] else { return }
    var facts = NumberText.padded(NumberText.grouped(summary.kept), hasFacts ? 10 : 9)
    if hasFacts {
      facts += NumberText.padded(summary.removed == 0 ? "" : "-" + NumberText.grouped(summary.removed), 9)
      facts += NumberText.padded(NumberText.fixed(summary.entropy, decimals: 2), 10)
    }
    let x = column + SamplerView.valueWidth
    grid.draw(facts, at: Point(x, line.y), style: Style(.dim, on: ground), maxWidth: max(0, line.maxX - x))
  }

  private func drawFooter(
    _ values: SamplerValues, _ stages: [SamplerStage: StageSummary], in line: Rect, on grid: inout CellGrid
  ) {
    guard let list = state.current.list, let answer = list.answer else { return }
    guard let kept = answer.kept, let size = answer.vocabularySize, let entropy = answer.entropy,
      let chainEntropy = answer.chainEntropy, answer.stages?.isEmpty == false
    else {
      if answer.stages == nil, !list.isLive {
        grid.draw("what the chain keeps is not known", in: line.inset(columns: 2, rows: 0), style: Style(.dim))
      }
      return
    }
    let gap = " \(grid.glyphs.separator) "
    let before = NumberText.fixed(entropy, decimals: 2)
    let after = NumberText.fixed(chainEntropy, decimals: 2)
    let room = line.inset(columns: 2, rows: 0)
    let keeps = "keeps \(NumberText.grouped(kept)) of \(NumberText.grouped(size))"
    let bits = "\(before) \(grid.glyphs.right) \(after) bits"
    let lines = [keeps + " tokens" + gap + bits, keeps + gap + bits, keeps + " tokens"]
    grid.draw(lines.first { $0.columnWidth <= room.width } ?? keeps, in: room, style: Style(.dim))
  }
}
