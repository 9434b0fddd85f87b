import EngineAPI
import TerminalUI

extension InsideState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    switch arrangement.form {
    case .wide:
      let most = max(3, min(6, content.height / 5))
      let prompt = arrangement.promptHeight(prompt, width: content.width, most: most)
      let rows = content.rows([.cells(prompt), .share(1), .share(1)])
      arrangement.add(.prompt, rows[0])
      let (upper, lower) = (
        rows[1].columns([.fraction(0.6), .rest]), rows[2].columns([.fraction(0.6), .rest])
      )
      arrangement.add(.lens, upper[0])
      arrangement.add(.cell, upper[1])
      add(headsIn: lower[0], &arrangement)
      add(sumsIn: lower[1], &arrangement)
    case .tall:
      let side = [Focus.prompt, .lens].contains(focus) ? Focus.cell : focus
      let rows = content.rows([.cells(4), .share(1), .share(1)])
      for (pane, frame) in zip([.prompt, .lens, side], rows) { arrangement.add(pane, frame) }
    case .close:
      let parts = arrangement.closeRows()
      arrangement.add(.prompt, parts[0])
      let main = focus == .prompt ? Focus.lens : focus
      arrangement.add(main, parts[1])
      // While the model is changed, what the change does is always visible.
      let below = changes.isEmpty || main == .change ? (main == .lens ? Focus.cell : .lens) : .change
      arrangement.add(below, parts[2], framed: false)
    }
  }

  /// Adds the heads and, once something was written, the text that follows: below them, or in their place where there
  /// is no room for both.
  private func add(headsIn rect: Rect, _ arrangement: inout PaneArrangement) {
    guard !written.isEmpty else { return arrangement.add(.heads, rect) }
    guard rect.height >= 14 else { return arrangement.add(focus == .heads ? .heads : .following, rect) }
    let rows = rect.rows([.share(1), .share(1)])
    arrangement.add(.heads, rows[0])
    arrangement.add(.following, rows[1])
  }

  /// Adds the sums and, while the model is changed, what the model then predicts: above them, or in their place where
  /// there is no room for both.
  private func add(sumsIn rect: Rect, _ arrangement: inout PaneArrangement) {
    if otherFormat != nil, focus == .formats || changes.isEmpty, rect.height < 12 || focus == .formats {
      return arrangement.add(focus == .sums ? .sums : .formats, rect)
    }
    guard !changes.isEmpty else {
      guard otherFormat != nil else { return arrangement.add(.sums, rect) }
      let rows = rect.rows([.share(1), .share(1)])
      arrangement.add(.formats, rows[0])
      return arrangement.add(.sums, rows[1])
    }
    guard rect.height >= 12 else { return arrangement.add(focus == .sums ? .sums : .change, rect) }
    let rows = rect.rows([.share(1), .share(1)])
    arrangement.add(.change, rows[0])
    arrangement.add(.sums, rows[1])
  }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    switch pane.focus {
    case .lens: columns = LensColumns(pane.inside).count
    case .cell:
      candidateRows.update(
        height: CellView.rows(height: pane.inside.height, watched: look.answer?.watched.count ?? 0))
    case .sums: partRows.update(height: SumsView.rows(height: pane.inside.height))
    case .formats:
      formatRows.update(height: max(1, pane.inside.height - FormatsView.footRows(height: pane.inside.height)))
    case .following:
      for (index, room) in FollowingView.rooms(pane.inside, count: written.count).enumerated() {
        guard written.indices.contains(index), let text = written[index] else { continue }
        written[index]?.text.update(
          text.trace, width: room.width, endOfText: shell.endOfText(text.trace), isComplete: !text.isRunning)
      }
    default: break
    }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    let frame = pane.pane.frame
    switch pane.pane.focus {
    case .lens: grid.draw(LensView(tab: self, context: pane), in: frame)
    case .cell: grid.draw(CellView(tab: self, context: pane), in: frame)
    case .heads: grid.draw(HeadsView(tab: self, context: pane), in: frame)
    case .sums: grid.draw(SumsView(tab: self, context: pane), in: frame)
    case .change: grid.draw(ChangeView(tab: self, context: pane), in: frame)
    case .formats: grid.draw(FormatsView(tab: self, context: pane), in: frame)
    case .following: grid.draw(FollowingView(tab: self, context: pane), in: frame)
    default:
      let isPair = pane.shell.information(model)?.family == .seq2seq
      drawPrompt(pane, title: isPair ? "Source, then target" : "Text", on: &grid)
    }
  }

  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] {
    guard let layers, let name = facts.first else { return facts }
    let count = look.answer?.attention.filter { $0.kind == .own }.count ?? 0
    let heads = count > 0 ? "\(layers) \(glyphs.isASCII ? "x" : "×") \(count) heads" : "\(layers) layers"
    return [name, heads] + facts.dropFirst()
  }

  /// The colors of the lens are probabilities, those of the sweep shares.
  func legend(_ shell: Shell, isColored: Bool) -> HeatLegend {
    cells == .restored
      ? RestoredShare.legend(isColored: isColored) : HeatScaleSteps.legend(.probability, isColored: isColored)
  }

  /// A dim line for a pane without content.
  func emptyLine(_ shell: Shell) -> String {
    if let failure = look.failure { return Self.words(failure) }
    if let line = modelLine(shell) { return line }
    if prompt.editor.isEmpty { return "write a text, or press the right arrow for an example" }
    return look.awaited == nil ? "" : "the model reads the text"
  }

  /// Words for a number of computed layers.
  static func name(layer: Int) -> String { layer == 0 ? "embedding" : "layer \(layer)" }

  /// Where the prediction belongs: after a token, or at the token that a masked model predicts.
  func placeWords(_ answer: InspectionAnswer, _ shell: Shell, glyphs: Glyphs) -> String {
    let isMasked = shell.information(model)?.family == .masked
    let token = visible(bytes: answer.tokens[answer.position].bytes, glyphs: glyphs)
    return "\(isMasked ? "at" : "after") \(token)"
  }
}

extension ModelPart {
  /// The part in words, with layers and heads counted from 1.
  var words: String {
    let stack = word.map { $0 == .cross ? "cross-attention, " : "\($0.rawValue), " } ?? ""
    switch piece {
    case .head(let head): return "\(stack)layer \(layer + 1) head \(head + 1)"
    case .feedForward: return "\(stack)layer \(layer + 1) feed-forward"
    case .whole: return "\(stack)layer \(layer + 1)"
    }
  }
}

/// Small plots of one value a layer.
enum LayerPlot {
  /// Bars of the values relative to the largest one, at most `width` of them: of more layers some are left out.
  static func text(_ values: [Double], width: Int, glyphs: Glyphs) -> String {
    guard !values.isEmpty, width > 0 else { return "" }
    let count = min(width, values.count)
    let shown = (0..<count).map { values[count == 1 ? values.count - 1 : $0 * (values.count - 1) / (count - 1)] }
    let highest = shown.filter(\.isFinite).max() ?? 0
    return shown.map { value in
      let share = highest > 0 && value.isFinite ? max(0, value / highest) : 0
      return glyphs.sparks[min(glyphs.sparks.count - 1, Int(share * Double(glyphs.sparks.count - 1) + 0.5))]
    }.joined()
  }
}

extension NumberText {
  /// A number with two decimals and its sign: `+0.42`.
  static func signed(_ value: Double) -> String {
    let text = fixed(value, decimals: 2)
    return text.hasPrefix("-") || !value.isFinite ? text : "+" + text
  }
}
