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
    return state.shell.keys.hints(in: state.keyContext, tab: state.tab).filter { !stays || $0.words != "scroll" }.map {
      hint in
      StatusLine.Hint(hint.keys.map { $0.label(glyphs: glyphs) }.joined(), hint.words)
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

/// A notice, shown until the next key press. Its last line takes the place of the hints. More lines stand above, as many
/// as it needs. In a lesson all of its lines stand above the lesson, whose keys stay visible.
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
    if token.logprob == nil, let known = token.coverage.candidates {
      facts.append("not among the \(NumberText.grouped(known)) known")
    }
    if let logprob = token.logprob {
      let percent = NumberText.percent(Probability.of(logprob: logprob))
      facts.append(String(percent.drop { $0 == " " }))
    }
    if let rank = token.rank { facts.append("rank \(NumberText.grouped(rank))") }
    if let logprob = token.logprob {
      facts.append("surprise \(NumberText.fixed(Probability.bits(logprob: logprob), decimals: 2)) bits")
    }
    if let entropy = token.entropy { facts.append("entropy \(NumberText.fixed(entropy, decimals: 2)) bits") }
    if token.entropy == nil, token.coverage != .whole { facts.append("entropy not known") }
    return facts
  }
}
