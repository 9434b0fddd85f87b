import EngineAPI
import TerminalUI

extension ClassifyState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    switch arrangement.form {
    case .wide where content.width >= PaneArrangement.columnsForFullHeight:
      let columns = content.columns([.fraction(0.5), .rest])
      let height = arrangement.promptHeight(prompt, width: columns[0].width, most: (content.height + 1) / 2)
      let left = columns[0].rows([.cells(height), .rest])
      arrangement.add(.prompt, left[0])
      if isTagger {
        arrangement.add(.words, columns[1])
      } else {
        let rows = min(max(labels.answer?.labels.count ?? 0, 4) + 3, content.height / 2)
        let right = columns[1].rows([.cells(max(height, rows)), .rest])
        arrangement.add(.labels, right[0])
        arrangement.add(.words, right[1])
      }
      arrangement.add(.marked, left[1])
    case .wide:
      let halves = content.rows([.cells((content.height + 1) / 2), .rest])
      arrangement.addPair(.prompt, isTagger ? .words : .labels, in: halves[0])
      if isTagger { arrangement.add(.marked, halves[1]) } else { arrangement.addPair(.marked, .words, in: halves[1]) }
    case .tall:
      let parts = content.rows([.fraction(0.25)] + focusOrder.dropFirst().map { _ in .share(1) })
      for (pane, part) in zip(focusOrder, parts) { arrangement.add(pane, part) }
    case .close:
      let parts = arrangement.closeRows()
      let first: Focus = isTagger ? .words : .labels
      let framed = focus == .prompt ? first : focus
      arrangement.add(.prompt, parts[0])
      arrangement.add(framed, parts[1])
      arrangement.add(framed == .marked ? first : .marked, parts[2], framed: false)
    }
  }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    let height = max(1, pane.inside.height - (pane.isFramed ? LabelColumns.headingRows : 0))
    if pane.focus == .labels { labelWindow.update(height: height) }
    if pane.focus == .words { wordWindow.update(height: height) }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    switch pane.pane.focus {
    case .prompt: drawPrompt(pane, title: "Text", on: &grid)
    case .labels: grid.draw(LabelsView(tab: self, context: pane), in: pane.pane.frame)
    case .marked: grid.draw(MarkedTextView(tab: self, context: pane), in: pane.pane.frame)
    default: grid.draw(MarkedWordsView(tab: self, context: pane), in: pane.pane.frame)
    }
  }

  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] {
    let words = isTagger ? "labels tokens" : ""
    return words.isEmpty ? facts : Array(facts.prefix(1)) + [words] + facts.dropFirst()
  }

  /// The line in place of answers: how to open a model, the model's progress, what is wrong, or what to do.
  func emptyLine(_ shell: Shell, glyphs: Glyphs) -> String {
    if model == .none { return openingLine(shell, glyphs: glyphs) }
    if let line = modelLine(shell) { return line }
    if let failure = labels.failure ?? entities.failure {
      return failure.hint.map { "\(failure.what): \($0)" } ?? failure.what
    }
    if prompt.editor.text.allSatisfy(\.isWhitespace) {
      return "write a text: its \(isTagger ? "entities" : "labels") come as you type"
    }
    return isTagger && entities.isCurrent ? "no entity in this text" : ""
  }

  /// How to open a classifier.
  private func openingLine(_ shell: Shell, glyphs: Glyphs) -> String {
    let key = shell.promptKey(.model, glyphs: glyphs) ?? Action.model.rawValue
    let found = shell.models.count { model in
      model.reason == nil && model.family.map { ClassifyState.families.contains($0) } == true
    }
    return switch found {
    case 0: "no classifier is open: press \(key) and type the path of one, or hf:org/name"
    case 1: "no classifier is open: \(key) chooses the one that was found"
    default: "no classifier is open: \(key) chooses one of \(NumberText.grouped(found)) that were found"
    }
  }
}
