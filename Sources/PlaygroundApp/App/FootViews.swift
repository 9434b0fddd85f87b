import EngineAPI
import TerminalUI

/// The last line: hints for the keys of the current context. Outside of lessons a notice takes its place.
struct HintsView: Widget {
  var state: PlaygroundState
  var isNarrow: Bool

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if state.shell.notice != nil, state.lesson == nil { return }
    let hints =
      LessonView.hints(state, isNarrow: isNarrow, glyphs: grid.glyphs) + hints(glyphs: grid.glyphs)
    guard isNarrow else {
      grid.draw(
        StatusLine(
          hints, right: [hint(.help, "help", grid.glyphs), hint(.quit, "quit", grid.glyphs)].compactMap(\.self)),
        in: rect)
      return
    }
    let words = state.current.rateWords
    let width = words.isEmpty ? 0 : words.columnWidth + 2
    grid.draw(
      StatusLine(hints, right: [hint(.help, "help", grid.glyphs)].compactMap(\.self)),
      in: Rect(rect.x, rect.y, rect.width - width, 1))
    grid.draw(words, at: Point(rect.maxX - width + 1, rect.y), style: Style(.dim))
  }

  private func hint(_ action: Action, _ words: String, _ glyphs: Glyphs) -> StatusLine.Hint? {
    state.shell.keys.key(for: action, in: state.keyContext, tab: state.tab).map {
      StatusLine.Hint($0.label(glyphs: glyphs), words)
    }
  }

  private func hints(glyphs: Glyphs) -> [StatusLine.Hint] {
    let stays = state.overlayStays
    return state.shell.keys.hints(in: state.keyContext, tab: state.tab)
      .filter {
        (!stays || $0.words != "scroll") && (state.shell.overlay != nil || !state.current.hidesHint(of: $0.action))
      }
      .map { hint in
        let words = state.shell.overlay == nil ? state.current.hint(of: hint.action) : nil
        return StatusLine.Hint(hint.keys.map { $0.label(glyphs: glyphs) }.joined(), words ?? hint.words)
      }
  }
}

extension PlaygroundState {
  /// Whether the whole text of an overlay fits on the screen, so that it cannot be scrolled.
  fileprivate var overlayStays: Bool {
    switch shell.overlay {
    case .help: HelpView.lastTop(self) == 0
    case .card(let card): CardView.lastTop(card, size: shell.overlayBounds.size) == 0
    default: false
    }
  }
}

/// A notice, shown until the next key press. Its last line replaces the hints; the other lines are above it. In a
/// lesson all of its lines are above the lesson, whose keys stay visible.
struct NoticeView: Widget {
  var notice: String

  func draw(in rect: Rect, on grid: inout CellGrid) {
    grid.fill(rect)
    let room = rect.inset(columns: 1, rows: 0)
    let lines = NoticeView.lines(notice, width: rect.width, glyphs: grid.glyphs)
    for (row, line) in lines.prefix(room.height).enumerated() {
      // Only a notice with more lines than the screen has room for is cut.
      let isCut = row == room.height - 1 && lines.count > room.height
      grid.draw(isCut ? line + grid.glyphs.ellipsis : line, in: room, row: row, style: Style(.warning))
    }
  }

  /// A notice as lines on a screen of `width` columns.
  static func lines(_ notice: String, width: Int, glyphs: Glyphs = .unicode) -> [String] {
    let text = visible(notice, glyphs: glyphs, keepsSpaces: true)
    return WrappedText(text, width: max(1, width - 2)).lines.map { WrappedText.visible($0.range, of: text) }
  }

  /// The rows that the notice of a state takes in addition to the row of the hints.
  static func extraRows(_ state: PlaygroundState) -> Int {
    guard let notice = state.shell.notice else { return 0 }
    return lines(notice, width: state.shell.size.width).count - (state.lesson == nil ? 1 : 0)
  }
}

/// The line above the hints: the legend of the colors, and the numbers of the token under the cursor.
struct LegendView: Widget {
  var shell: Shell
  var tab: any Tab
  var colors: ColorDepth

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let room = rect.inset(columns: 1, rows: 0)
    var legend = tab.legend(shell, isColored: colors != .none)
    legend.colorsWords = colors == .ansi16
    var words = tab.legendWords(glyphs: grid.glyphs)
    if let token = tokenAtCursor {
      (legend, words) = fitted(legend, token, to: room.width, grid.glyphs)
    } else if legend.width(glyphs: grid.glyphs) + 2 + words.columnWidth > room.width {
      words = ""
    }
    grid.draw(legend, in: room)
    if !words.isEmpty { grid.draw(words, in: room, alignment: .right, style: Style(.dim)) }
  }

  private var tokenAtCursor: ScoredToken? {
    guard let trace = tab.walkedText?.trace, let cursor = tab.walkedCursor, trace.tokens.indices.contains(cursor) else {
      return nil
    }
    return trace.tokens[cursor]
  }

  /// Legend and facts of a token that fit side by side. The legend is shortened before the facts are.
  private func fitted(
    _ legend: HeatLegend, _ token: ScoredToken, to width: Int, _ glyphs: Glyphs
  ) -> (HeatLegend, String) {
    var (unlabeled, brief) = (legend, legend)
    unlabeled.label = legend.steps.isEmpty ? legend.label : ""
    (brief.label, brief.isBrief) = (unlabeled.label, true)
    for facts in facts(token) {
      let words = facts.joined(separator: " \(glyphs.separator) ")
      for legend in [legend, unlabeled, brief]
      where !words.isEmpty && legend.width(glyphs: glyphs) + 2 + words.columnWidth <= width {
        return (legend, words)
      }
    }
    return (legend, "")
  }

  /// The facts of a token, from all of them to the most important ones.
  private func facts(_ token: ScoredToken) -> [[String]] {
    var (first, surprise, entropy): ([String], [String], [String]) = ([], [], [])
    if token.logprob == nil, let known = token.coverage.candidates {
      first.append("not among the \(NumberText.grouped(known)) known")
    }
    if let logprob = token.logprob {
      first.append(String(NumberText.percent(Probability.of(logprob: logprob)).drop { $0 == " " }))
      surprise = ["\(NumberText.fixed(Probability.bits(logprob: logprob), decimals: 2)) bits"]
    }
    if let rank = token.rank { first.append("rank \(NumberText.grouped(rank))") }
    if let bits = token.entropy { entropy = ["entropy \(NumberText.fixed(bits, decimals: 2))"] }
    let unknown = token.entropy == nil && token.coverage != .whole ? ["entropy not known"] : []
    return [
      first + surprise.map { "surprise \($0)" } + entropy.map { "\($0) bits" } + unknown,
      first + surprise + entropy + unknown, first + surprise, first,
    ]
  }
}
