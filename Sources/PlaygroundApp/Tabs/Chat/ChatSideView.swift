import EngineAPI
import TerminalUI

extension ChatState {
  /// Arranges the dialogue above the answers. Where there is little room, the dialogue or one answer stands alone.
  func arrangeSides(_ arrangement: inout PaneArrangement, in area: Rect) {
    let others = [Focus.candidates, .seen]
    guard arrangement.form != .close else {
      arrangement.add(others.contains(focus) || focus == .turns ? focus : .answer(lead), area)
      return
    }
    let rows = area.rows([.fraction(0.4), .rest])
    switch arrangement.form {
    case .wide where area.width >= PaneArrangement.columnsForFullHeight:
      let columns = rows[0].columns([.fraction(0.58), .rest])
      arrangement.add(.turns, columns[0])
      arrangement.add(focus == .seen ? .seen : .candidates, columns[1])
    case .wide where others.contains(focus):
      let columns = rows[0].columns([.fraction(0.5), .rest])
      arrangement.add(.turns, columns[0])
      arrangement.add(focus, columns[1])
    default: arrangement.add(others.contains(focus) ? focus : .turns, rows[0])
    }
    arrangement.add(Array(sides.indices), shown: lead, in: rows[1]) { .answer($0) }
  }

  /// Wraps the answer of a side to the width of its pane, and keeps its cursor in view.
  mutating func fitSide(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    let index = pane.focus.index
    guard sides.indices.contains(index), let trace = sides[index].trace else { return }
    let room = TokenText.room(pane)
    sides[index].text.update(
      trace, width: room.width, endOfText: ends(side: index, shell),
      isComplete: sides[index].run?.isRunning != true)
    guard texts, let cursor = sides[index].cursor else { return }
    sides[index].scroll = sides[index].text.top(showing: cursor, from: sides[index].scroll, height: room.height)
  }

  /// The ids that end the answers of a side.
  func ends(side index: Int, _ shell: Shell) -> [Int] {
    (shell.information(sides[index].model)?.endOfTextIDs ?? []) + (sides[index].form?.endIDs ?? [])
  }
}

/// One of several answers side by side.
struct ChatSideView: Widget {
  var tab: ChatState
  var context: PaneContext
  var index: Int

  private var shell: Shell { context.shell }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard tab.sides.indices.contains(index) else { return }
    let side = tab.sides[index]
    drawFrame(side, rect, on: &grid)
    let room = TokenText.room(context.pane)
    guard !room.isEmpty else { return }
    guard let trace = side.trace, let run = side.run, !trace.tokens.isEmpty else {
      return drawEmpty(side, in: room, on: &grid)
    }
    var text = side.text
    let ends = tab.ends(side: index, shell)
    text.update(trace, width: room.width, endOfText: ends, isComplete: !run.isRunning)
    let top = text.shownTop(scroll: side.scroll, cursor: side.cursor, height: room.height)
    let (heat, colors, showsColors) = (shell.heat, context.colors, tab.showsColors)
    let view = TextFlowView(
      text.flow, top: top,
      selected: context.isFocused || tab.focus == .candidates && tab.lead == index ? side.cursor : nil,
      showsNewlines: false, showsCaret: run.isRunning
    ) { token in
      guard trace.tokens.indices.contains(token) else { return Style(.text) }
      if ends.contains(trace.tokens[token].token.id) { return Style(.dim) }
      let byHand: Style.Attributes = trace.tokens.isByHand(at: token) ? .underline : []
      guard showsColors, let fraction = HeatScaleSteps.fraction(trace.tokens[token], heat) else {
        return Style(.text, byHand)
      }
      return Style(.heat(fraction: fraction), byHand.union(colors == .none && fraction >= 0.5 ? .bold : []))
    }
    grid.draw(view, in: room)
  }

  /// The frame: the letter, the model and its settings, and how far the answer is.
  private func drawFrame(_ side: ChatSide, _ rect: Rect, on grid: inout CellGrid) {
    let separator = " \(grid.glyphs.separator) "
    // Where the other answers have no room, their number stands beside the letter of this one.
    let shown = shell.layout.panes.count { $0.focus.context == .answer }
    let others = shown < tab.sides.count ? " of \(tab.sides.count)" : ""
    let title = StreamTitle(
      tab.sides.map { side in
        StreamTitle.Facts(
          name: shell.label(side.model, among: tab.models), settings: side.settings.summary,
          seed: side.run.flatMap { shell.tree.generationRequest(of: $0.node) }.map { "seed \($0.seed)" })
      }, index: index, notes: progress(side, separator), columns: rect.width - 12 - others.count,
      separator: separator, ellipsis: grid.glyphs.ellipsis)
    let letter = ChatState.letter(index)
    grid.box(rect, title: "\(letter)\(others)  " + title.text, right: title.note, focused: context.isFocused)
    if rect.width > 8 { grid.draw(letter, at: Point(rect.x + 3, rect.y), style: Style(.stream(index), .bold)) }
  }

  /// `38 tok · perplexity 3.1`, and shorter forms.
  private func progress(_ side: ChatSide, _ separator: String) -> [String] {
    guard let run = side.run, let trace = side.trace, !trace.tokens.isEmpty else { return [""] }
    let count = "\(NumberText.grouped(trace.tokens.count)) tok"
    if run.isRunning { return (run.rate.map { ["\(count)\(separator)\(NumberText.rate($0))"] } ?? []) + [count, ""] }
    let known = trace.tokens.compactMap(\.logprob)
    guard known.count == trace.tokens.count else { return [count, ""] }
    let bits = Probability.bits(logprob: known.reduce(0, +) / Double(known.count))
    return ["\(count)\(separator)perplexity \(NumberText.fixed(Probability.power(2, bits), decimals: 1))", count, ""]
  }

  private func drawEmpty(_ side: ChatSide, in room: Rect, on grid: inout CellGrid) {
    if let fraction = side.run?.prompt, side.run?.isRunning == true {
      return grid.draw(ProgressBar("reading", fraction: fraction), in: room.row(0))
    }
    let line: String
    switch shell.opened[side.model] {
    case .failed(let error): line = error.what
    case nil, .loading: line = "\(side.model.shortName) is being opened"
    case .ready where side.isStopped || side.run != nil: line = "no answer"
    case .ready: line = tab.round == nil ? "answers the next message" : "begins"
    }
    grid.draw(DimLines(line), in: room)
  }
}
