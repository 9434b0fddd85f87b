import EngineAPI
import TerminalUI

extension FillMaskState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    let below = panesBelow
    switch arrangement.form {
    case .wide:
      let share = { (part: Double) in Int((Double(content.height) * part).rounded()) }
      // Targets alone take only the rows that they need: those of the list, the column names and the frame.
      let needed = below == [.targets] ? max(targets.texts.count, 2) + 3 : content.height
      let last = below.isEmpty ? 0 : max(4, min(share(0.32), needed))
      let least = min(6, max(3, share(0.27)))
      let most = max(least, below.isEmpty ? content.height / 2 : content.height / 3)
      let prompt = max(least, arrangement.promptHeight(prompt, width: content.width, most: most))
      let parts = content.rows([.cells(prompt), .rest, .cells(last)])
      arrangement.add(.prompt, parts[0])
      add(masksIn: parts[1], &arrangement)
      for (pane, frame) in zip(below, parts[2].equalColumns(max(1, below.count))) { arrangement.add(pane, frame) }
    case .tall:
      let parts = content.rows([.fraction(0.25), .share(4)] + below.map { _ in Length.share(3) })
      arrangement.add(.prompt, parts[0])
      add(masksIn: parts[1], &arrangement)
      for (pane, frame) in zip(below, parts.dropFirst(2)) { arrangement.add(pane, frame) }
    case .close:
      let gap = showsWords ? Focus.maskedWords : .mask(shownGap)
      let parts = arrangement.closeRows()
      arrangement.add(.prompt, parts[0])
      guard let preview = below.first else { return arrangement.add(gap, content.rows([.cells(3), .rest])[1]) }
      let isBelow = below.contains(focus)
      arrangement.add(isBelow ? focus : gap, parts[1])
      arrangement.add(isBelow ? gap : preview, parts[2], framed: false)
    }
  }

  /// The panes below those of the masks.
  private var panesBelow: [Focus] {
    (gaps.count > 1 ? [.together] : []) + (targets.isShown ? [.targets] : [])
  }

  private func add(masksIn rect: Rect, _ arrangement: inout PaneArrangement) {
    guard !gaps.isEmpty else { return arrangement.add(showsWords ? .maskedWords : .mask(0), rect) }
    let last = min(firstGap + FillMaskState.panes, gaps.count)
    arrangement.add(Array(firstGap..<max(last, firstGap + 1)), shown: shownGap, in: rect) { .mask($0) }
  }

  /// The bars' colors always show probabilities. Without colors the legend says what the bars' lengths are.
  func legend(_ shell: Shell, isColored: Bool) -> HeatLegend {
    if isColored { return HeatScaleSteps.legend(.probability, isColored: true) }
    let words = shell.hasRelativeBars ? "relative to the first candidate" : "probability, from 0 to 100 %"
    return HeatLegend("bars: \(words)", steps: [])
  }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    let index = pane.focus.index
    if pane.focus.context == .mask, lists.indices.contains(index) {
      lists[index].window.update(height: lists[index].candidateRows(height: pane.inside.height))
    }
    if pane.focus == .maskedWords { words.window.update(height: pane.inside.height) }
    if pane.focus == .together { fillings.window.update(height: pane.inside.height) }
    if pane.focus == .targets {
      let heading = TargetsView.headingRows(height: pane.inside.height)
      targets.window.update(height: pane.inside.height - heading)
    }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    let frame = pane.pane.frame
    switch pane.pane.focus.context {
    case .prompt:
      let note = gaps.isEmpty ? "" : NumberText.counted(gaps.count, "mask")
      drawPrompt(pane, note: note, loudToken: pane.shell.information(model)?.maskToken?.id, on: &grid)
    case .maskedWords: grid.draw(MaskedWordsView(tab: self, context: pane), in: frame)
    case .targets: grid.draw(TargetsView(tab: self, context: pane), in: frame)
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
    return "type \(mask) where a word is missing"
      + (shell.promptKey(.maskWord).map { ", or press \($0) on a word" } ?? "")
  }
}

/// The joint fillings of a text with two or more masks, each with the sum of its log-probabilities.
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
      grid.draw(DimLines(failure.what), in: inside.inset(columns: 1, rows: 0))
      return
    }
    let joint = fillings.result?.joint ?? []
    guard !joint.isEmpty else {
      let line = fillings.awaited == nil ? "no whole filling was found" : "the masks are being filled together"
      grid.draw(DimLines(line), in: inside.inset(columns: 1, rows: 0))
      return
    }
    var window = fillings.window
    window.update(count: joint.count, height: inside.height)
    let best = joint[0].logprob
    let bar = barWidth(inside.width)
    // All rows have the same form: the whole texts if all fit, otherwise only the filled-in words.
    let hasTexts = joint.allSatisfy {
      visible($0.sequence, glyphs: grid.glyphs, keepsSpaces: true).columnWidth <= textWidth(inside.width, bar: bar)
    }
    for (row, index) in window.visible.enumerated() {
      let isChosen = index == window.selected && isFocused
      draw(joint[index], hasTexts, best: best, bar: bar, isChosen: isChosen, in: inside.row(row), on: &grid)
    }
  }

  private func barWidth(_ columns: Int) -> Int { columns >= 50 ? TogetherView.barWidth : columns >= 36 ? 5 : 0 }

  /// The width of a row's text in a pane of `columns`.
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
    // The bar shows the probability relative to the best filling.
    let share = Probability.of(logprob: filling.logprob - best)
    // Color by the geometric mean per mask, so that many masks do not make a filling look surprising.
    let mean = Probability.of(logprob: filling.logprob / Double(max(1, filling.tokens.count)))
    let heat = HeatScaleSteps.bar(probability: mean)
    grid.draw(
      bar: Bar.text(share, width: bar, glyphs: grid.glyphs),
      in: Rect(x + NumberText.logProbabilityWidth + 1, line.y, bar, 1), style: Style(heat, on: ground))
  }
}
