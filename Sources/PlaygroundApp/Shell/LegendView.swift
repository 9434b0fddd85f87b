import EngineAPI
import TerminalUI

/// The line above the hints: what the colours mean, and the numbers of the token that the cursor is on.
struct LegendView: Widget {
  var shell: Shell
  var tab: any Tab
  var colors: ColorDepth

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let room = rect.inset(columns: 1, rows: 0)
    let right = words(glyphs: grid.glyphs)
    let width = right.columnWidth
    var legend = HeatScaleSteps.legend(shell.heat, isColored: colors != .none)
    legend.colorsWords = colors == .ansi16
    grid.draw(legend, in: room)
    let used = legend.width(glyphs: grid.glyphs)
    guard width > 0, used + 2 + width <= room.width else { return }
    grid.draw(right, in: room, alignment: .right, style: Style(.dim))
  }

  private func words(glyphs: Glyphs) -> String {
    if let trace = tab.walkedText?.trace, let cursor = tab.walkedCursor, trace.tokens.indices.contains(cursor) {
      return facts(trace.tokens[cursor]).joined(separator: " \(glyphs.separator) ")
    }
    return tab.legendWords(glyphs: glyphs)
  }

  private func facts(_ token: ScoredToken) -> [String] {
    var facts: [String] = []
    if let logprob = token.logprob {
      let percent = NumberText.percent(Probability.of(logprob: logprob))
      facts.append(String(percent.drop { $0 == " " }))
    }
    if let rank = token.rank { facts.append("rank \(NumberText.grouped(rank))") }
    if let logprob = token.logprob {
      facts.append("surprise \(NumberText.fixed(Probability.bits(logprob: logprob), decimals: 2)) bits")
    }
    if let entropy = token.entropy { facts.append("entropy \(NumberText.fixed(entropy, decimals: 2)) bits") }
    return facts
  }
}
