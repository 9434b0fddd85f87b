import EngineAPI
import TerminalUI

/// The distribution of one prompt at the chosen step, with that before the first step.
struct TrainCandidates: Sendable, Equatable {
  /// A token or a label.
  struct Row: Sendable, Equatable {
    /// Its text.
    var text: String
    /// Its probability at the chosen step; `nil` if it is below those that were recorded.
    var now: Double?
    /// Its probability at the first step; `nil` if it is below those that were recorded.
    var before: Double?
  }

  /// The prompt.
  let prompt: String
  /// The candidates, the most probable first, then those that have left the list.
  let rows: [Row]
  /// The probability of all others.
  let elsewhere: Double

  /// The distribution of the chosen prompt; `nil` if there is none.
  init?(_ tab: TrainState) {
    guard let now = tab.samplesNow, let first = tab.samplesBefore,
      now.samples.indices.contains(tab.promptWindow.selected)
    else { return nil }
    let sample = now.samples[tab.promptWindow.selected]
    let before = first.samples.first { $0.prompt == sample.prompt }?.candidates ?? []
    prompt = sample.prompt
    let shown = sample.candidates.map { candidate in
      Row(
        text: candidate.text, now: candidate.probability,
        before: before.first { $0.text == candidate.text }?.probability)
    }
    let gone = before.filter { old in !sample.candidates.contains { $0.text == old.text } }
      .map { Row(text: $0.text, now: nil, before: $0.probability) }
    rows = shown + gone
    elsewhere = max(0, 1 - sample.candidates.reduce(0) { $0 + $1.probability })
  }
}

/// The distribution of the chosen prompt: tokens or labels, bars, percent, and the change since the first step.
struct TrainCandidatesView: Widget {
  var tab: TrainState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard let candidates = TrainCandidates(tab), let now = tab.samplesNow, let before = tab.samplesBefore else {
      return
    }
    var inside = rect
    let glyphs = grid.glyphs
    if context.pane.isFramed {
      let title = "\"" + visible(candidates.prompt, glyphs: glyphs, keepsSpaces: true) + "\""
      let note = "step \(NumberText.grouped(now.step))"
      inside = grid.box(
        rect, title: title.fitted(to: max(8, rect.width - 12 - note.columnWidth), .tail, mark: glyphs.ellipsis),
        right: note, focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    let hasChange = now.step != before.step && inside.width >= 34
    let numbers = 8 + (hasChange ? 8 : 0)
    let longest = candidates.rows.map { visible($0.text, glyphs: glyphs).columnWidth }.max() ?? 0
    let name = min(longest, max(6, inside.width - numbers - 8))
    let barColumn = 1 + name + 1
    let bar = max(0, inside.width - barColumn - numbers - 1)
    if hasChange {
      let words = "since \(NumberText.grouped(before.step))"
      grid.draw(words, in: inside.row(0).inset(columns: 1, rows: 0), alignment: .right, style: Style(.dim))
    }
    let heading = hasChange ? 1 : 0
    var window = tab.candidateWindow
    let rows = inside.height - heading
    let hasRest = candidates.elsewhere >= 0.0005 && rows > candidates.rows.count
    window.update(count: candidates.rows.count, height: max(1, rows))
    for (row, index) in window.visible.enumerated() where row < rows {
      let line = inside.row(row + heading)
      let candidate = candidates.rows[index]
      let style = Style(candidate.now == nil ? .dim : .text)
      grid.draw(
        visible(candidate.text, glyphs: glyphs), at: Point(line.x + 1, line.y), style: style, maxWidth: name,
        truncation: .tail)
      let percent = candidate.now.map(NumberText.percent) ?? NumberText.padded("-", NumberText.percentWidth)
      grid.draw(percent, at: Point(line.x + barColumn + bar, line.y), style: style)
      if let now = candidate.now {
        let text = Bar.text(now, width: max(0, bar - 1), glyphs: glyphs)
        grid.draw(text, at: Point(line.x + barColumn, line.y), style: Style(.streamA))
      }
      guard hasChange, let now = candidate.now, let before = candidate.before else { continue }
      let points = NumberText.fixed((now - before) * 100, decimals: 1)
      let text = points.hasPrefix("-") || points == "0.0" ? points : "+" + points
      grid.draw(
        text, at: Point(line.maxX - 1 - text.columnWidth, line.y),
        style: Style(points == "0.0" ? .dim : now > before ? .success : .warning))
    }
    guard hasRest else { return }
    let line = inside.row(heading + candidates.rows.count)
    grid.draw("elsewhere", at: Point(line.x + 1, line.y), style: Style(.dim), maxWidth: max(0, barColumn + bar - 1))
    grid.draw(
      NumberText.percent(candidates.elsewhere), at: Point(line.x + barColumn + bar, line.y), style: Style(.dim))
  }
}
