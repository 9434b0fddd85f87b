import EngineAPI
import TerminalUI

extension FillMaskState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    let hasTogether = gaps.count > 1
    switch arrangement.form {
    case .wide:
      let share = { (part: Double) in Int((Double(content.height) * part).rounded()) }
      let together = hasTogether ? max(4, share(0.32)) : 0
      let parts = content.rows([.cells(max(3, share(0.27))), .rest, .cells(together)])
      arrangement.add(.prompt, parts[0])
      add(masksIn: parts[1], &arrangement)
      if hasTogether { arrangement.add(.together, parts[2]) }
    case .tall:
      let parts = content.rows([.fraction(0.25), .share(4), .share(hasTogether ? 3 : 0)])
      arrangement.add(.prompt, parts[0])
      add(masksIn: parts[1], &arrangement)
      if hasTogether { arrangement.add(.together, parts[2]) }
    case .close:
      let gap = Focus.mask(shownGap)
      let parts = arrangement.closeRows()
      arrangement.add(.prompt, parts[0])
      guard hasTogether else { return arrangement.add(gap, content.rows([.cells(3), .rest])[1]) }
      let isTogether = focus == .together
      arrangement.add(isTogether ? .together : gap, parts[1])
      arrangement.add(isTogether ? gap : .together, parts[2], framed: false)
    }
  }

  private func add(masksIn rect: Rect, _ arrangement: inout PaneArrangement) {
    guard !gaps.isEmpty else { return arrangement.add(.mask(0), rect) }
    let last = min(firstGap + FillMaskState.panes, gaps.count)
    arrangement.add(Array(firstGap..<max(last, firstGap + 1)), shown: shownGap, in: rect) { .mask($0) }
  }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    let index = pane.focus.index
    if pane.focus.context == .mask, lists.indices.contains(index) {
      lists[index].window.update(height: CandidateColumns.rows(height: pane.inside.height))
    }
    if pane.focus == .together { fillings.window.update(height: pane.inside.height) }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    let frame = pane.pane.frame
    switch pane.pane.focus.context {
    case .prompt:
      let note = gaps.isEmpty ? "" : gaps.count == 1 ? "1 mask" : "\(gaps.count) masks"
      drawPrompt(pane, note: note, loudToken: pane.shell.information(model)?.maskToken?.id, on: &grid)
    case .together: grid.draw(TogetherView(fillings: fillings, context: pane), in: frame)
    default:
      let index = pane.pane.focus.index
      grid.draw(
        CandidatesView(
          list: lists.indices.contains(index) ? lists[index] : nil, context: pane, title: maskTitle(index, pane.shell),
          emptyLine: modelLine(pane.shell) ?? emptyLine(pane.shell), marksActual: false, namesSource: false), in: frame)
    }
  }

  private func maskTitle(_ index: Int, _ shell: Shell) -> String {
    guard !gaps.isEmpty else { return "Masks" }
    let shown = shell.layout.panes.count { $0.focus.context == .mask }
    let isPart = gaps.count > FillMaskState.panes || shown < gaps.count
    return isPart ? "Mask \(index + 1) of \(gaps.count)" : "Mask \(index + 1)"
  }

  private func emptyLine(_ shell: Shell) -> String {
    guard gaps.isEmpty else { return "" }
    let mask = shell.information(model)?.maskToken?.text ?? "[MASK]"
    return "put \(mask) where a word is missing" + (shell.promptKey(.maskWord).map { ", or \($0) at a word" } ?? "")
  }
}
