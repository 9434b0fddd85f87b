import EngineAPI
import TerminalUI

extension CompareState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    switch arrangement.form {
    case .wide:
      // The other two rows of panes have at least three lines each.
      let wanted = min(max(CompareState.partingRows(sides.count) + 3, content.height / 3), content.height / 2)
      let height = max(3, min(wanted, content.height - 6))
      let rows = content.rows([.cells(height), .share(1), .share(1)])
      arrangement.addPair(.prompt, .parting, in: rows[0])
      arrangement.add(.joint, rows[1])
      add(sidesIn: rows[2], &arrangement)
    case .tall:
      let parting = max(3, min(CompareState.partingRows(sides.count) + 2, content.height - 10))
      let rows = content.rows([.cells(4), .cells(parting), .share(1), .share(1)])
      for (pane, frame) in zip([Focus.prompt, .parting, .joint], rows) { arrangement.add(pane, frame) }
      add(sidesIn: rows[3], &arrangement)
    case .close:
      let parts = arrangement.closeRows()
      arrangement.add(.prompt, parts[0])
      let main = focus == .prompt ? Focus.parting : focus
      arrangement.add(main, parts[1])
      arrangement.add(main == .joint ? .parting : .joint, parts[2], framed: false)
    }
  }

  /// The rows of the pane with the partings: a line of the text, a row for each side, the marks, and a line of figures.
  static func partingRows(_ sides: Int) -> Int { sides + 3 }

  private func add(sidesIn rect: Rect, _ arrangement: inout PaneArrangement) {
    arrangement.add(Array(sides.indices), shown: lead, in: rect) { .side($0) }
  }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    switch pane.focus.context {
    case .parting: reading.wrap(width: pane.inside.width - 2)
    case .joint: window.update(height: max(1, pane.inside.height - (pane.inside.height > 3 ? 1 : 0)))
    case .side:
      let index = pane.focus.index
      guard sides.indices.contains(index), let writing = sides[index].writing else { return }
      sides[index].writing?.text.update(
        writing.trace, width: TokenText.room(pane).width, endOfText: shell.endOfText(writing.trace),
        isComplete: !writing.isRunning)
    default: break
    }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    switch pane.pane.focus.context {
    case .parting: grid.draw(PartingView(tab: self, context: pane), in: pane.pane.frame)
    case .joint where comparesTranslations(pane.shell):
      grid.draw(SideTranslationsView(tab: self, context: pane), in: pane.pane.frame)
    case .joint: grid.draw(JointView(tab: self, context: pane), in: pane.pane.frame)
    case .side: grid.draw(SideView(tab: self, context: pane, index: pane.pane.focus.index), in: pane.pane.frame)
    default: drawPrompt(pane, title: "Text", on: &grid)
    }
  }

  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] {
    // The panes below name the sides.
    ["\(StreamCount.word(sides.count)) sides", "seed \(seed)"]
  }

  /// The sides whose model is changed or that read another text: `B changed`.
  var viewWords: String {
    let letters = sides.indices.filter { !sides[$0].model.changes.isEmpty || sides[$0].prompt != nil }
    return letters.isEmpty ? "" : letters.map(ComparedModel.letter).joined(separator: ", ") + " changed"
  }

  var rateWords: String { reading.awaited == nil ? "" : NumberText.wholePercent(reading.fraction) }

  /// A dim line for a pane without content.
  func emptyLine(_ shell: Shell, glyphs: Glyphs) -> String {
    if let failure = reading.failure { return failure.hint.map { "\(failure.what): \($0)" } ?? failure.what }
    for side in sides {
      if let error = shell.failure(side.model) {
        return [error.what, error.expected.map { "expected \($0)" }, error.found.map { "found \($0)" }]
          .compactMap(\.self).joined(separator: "; ")
      }
      if shell.information(side.model) == nil { return "begins as soon as \(side.model.shortName) is open" }
    }
    if comparesTranslations(shell), !prompt.editor.isEmpty {
      let key = shell.promptKey(.send, glyphs: glyphs)
      return "translation models are compared by their beams" + (key.map { ": \($0) translates with every side" } ?? "")
    }
    if prompt.editor.isEmpty { return "write a text, or press the right arrow for an example" }
    return reading.awaited == nil ? "" : "the sides read the text"
  }
}

/// Numbers in words.
private enum StreamCount {
  static func word(_ count: Int) -> String {
    let words = ["no", "one", "two", "three", "four"]
    return words.indices.contains(count) ? words[count] : String(count)
  }
}

/// The columns of the plots of a text: one for each position, with the cursor in view.
struct PartingColumns: Equatable {
  /// The columns before the first position, for the side's letter.
  static let label = 2

  /// The first column.
  let x: Int
  /// The positions on the screen.
  let visible: Range<Int>

  /// Places `count` positions inside a pane.
  init(_ inside: Rect, count: Int, cursor: Int) {
    x = inside.x + 1 + Self.label
    let columns = max(1, inside.width - 2 - Self.label)
    let first = min(max(0, cursor - columns / 2), max(0, count - columns))
    visible = first..<min(count, first + columns)
  }

  /// The position at a column of the screen.
  func index(at column: Int) -> Int? {
    let index = visible.lowerBound + column - x
    return visible.contains(index) ? index : nil
  }
}

/// The text and, token by token, how surprised each side was and where the first choices differ.
struct PartingView: Widget {
  var tab: CompareState
  var context: PaneContext

  private var reading: TextReading { tab.reading }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      inside = grid.box(
        rect, title: "Where they part", right: note(width: rect.width - 26, glyphs: grid.glyphs),
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let cursor = tab.cursor, let position = tab.position else {
      return grid.draw(
        DimLines(tab.emptyLine(context.shell, glyphs: grid.glyphs)), in: inside.inset(columns: 1, rows: 0))
    }
    let rows = tab.sides.count + 2
    let textRows = max(1, inside.height - rows)
    drawText(position, in: Rect(inside.x + 1, inside.y, max(0, inside.width - 2), textRows), on: &grid)
    let columns = PartingColumns(inside, count: reading.positions.count, cursor: cursor)
    for (row, index) in tab.sides.indices.enumerated() where textRows + row < inside.height {
      drawPlot(index, columns, cursor, y: inside.y + textRows + row, on: &grid)
    }
    let marksRow = textRows + tab.sides.count
    if marksRow < inside.height { drawMarks(columns, cursor, y: inside.y + marksRow, on: &grid) }
    if marksRow + 1 < inside.height {
      let line = Rect(inside.x + 1, inside.y + marksRow + 1, max(0, inside.width - 2), 1)
      grid.draw(figures(position, width: line.width, glyphs: grid.glyphs), at: line.origin, maxWidth: line.width)
    }
  }

  /// How far the sides are apart over the whole text.
  private func note(width: Int, glyphs: Glyphs) -> String {
    if reading.awaited != nil { return NumberText.wholePercent(reading.fraction) + " read" }
    let count = reading.count
    guard count > 0 else { return "" }
    let mean = reading.gapSum / Double(count)
    let unit = reading.isAtMasks ? "masks" : "tokens"
    let places = "\(NumberText.grouped(reading.parted)) of \(NumberText.grouped(count)) \(unit)"
    let full = places + " \(glyphs.separator) JS \(NumberText.fixed(mean, decimals: 2)) mean"
    return full.columnWidth <= width ? full : places.columnWidth <= width ? places : ""
  }

  /// The lines of the text around the cursor. A token has the color of the side that is surer of it.
  private func drawText(_ position: ComparedPosition, in room: Rect, on grid: inout CellGrid) {
    var reading = reading
    reading.wrap(width: room.width)
    let flow = reading.flow
    let isNext = reading.isNext(position.index)
    let place = isNext ? max(0, flow.tokens.count - 1) : position.index
    let top = flow.top(showing: flow.line(of: place), from: flow.line(of: place) - room.height / 2, height: room.height)
    let shown = reading
    let view = TextFlowView(
      flow, top: top, selected: isNext ? nil : position.index, showsCaret: isNext && context.shell.overlay == nil,
      style: { PartingView.style(of: $0, shown) })
    grid.draw(view, in: room)
  }

  /// The color of the side that is surer of a token, by at least one bit; bold from three bits on.
  private static func style(of token: Int, _ reading: TextReading) -> Style {
    guard let offset = reading.offset(of: token) else { return Style(.text) }
    // What stands at a mask is the mask itself.
    if reading.isAtMasks { return Style(.accent, .bold) }
    let bits = reading.positions[offset].readings.map { $0.logprob.map { Probability.bits(logprob: $0) } ?? 0 }
    guard let surest = bits.indices.min(by: { bits[$0] < bits[$1] }), let most = bits.max() else { return Style(.text) }
    let lead = most - bits[surest]
    return lead >= 1 ? Style(.stream(surest), lead >= 3 ? .bold : []) : Style(.text)
  }

  /// One bar for each token, one bit of surprise an eighth of the height.
  private func drawPlot(_ side: Int, _ columns: PartingColumns, _ cursor: Int, y: Int, on grid: inout CellGrid) {
    grid.draw(
      ComparedModel.letter(side), at: Point(columns.x - PartingColumns.label, y), style: Style(.stream(side), .bold))
    for index in columns.visible {
      let point = Point(columns.x + index - columns.visible.lowerBound, y)
      let ground: Role? = index == cursor ? .selection : nil
      let position = reading.positions[index]
      // Nothing says yet how surprising the next token is.
      guard !reading.isNext(position.index), !reading.isAtMasks, let logprob = position.readings[side].logprob else {
        grid.draw(" ", at: point, style: Style(.text, on: ground, ground == nil ? [] : .plotCursor))
        continue
      }
      let bits = Probability.bits(logprob: logprob)
      let height = min(max(0, Int(min(bits, 64) / 2)), grid.glyphs.sparks.count - 1)
      grid.draw(
        grid.glyphs.sparks[height], at: point, style: Style(.stream(side), on: ground, ground == nil ? [] : .plotCursor)
      )
    }
  }

  /// A mark under each token at which the first choices differ.
  private func drawMarks(_ columns: PartingColumns, _ cursor: Int, y: Int, on grid: inout CellGrid) {
    for index in columns.visible {
      let parts = reading.positions[index].pairs.contains { !$0.topAgrees }
      let ground: Role? = index == cursor ? .selection : nil
      grid.draw(
        parts ? (grid.glyphs.isASCII ? "*" : "◆") : grid.glyphs.rule,
        at: Point(columns.x + index - columns.visible.lowerBound, y),
        style: Style(parts ? .accent : .border, on: ground, ground == nil || parts ? [] : .plotCursor))
    }
  }

  /// The figures at the cursor.
  private func figures(_ position: ComparedPosition, width: Int, glyphs: Glyphs) -> [Span] {
    let number = { (value: Double) in NumberText.finite(value, decimals: 2) }
    var facts: [String]
    // Total variation has no unit.
    var variation = ""
    if position.pairs.count == 1 {
      let own = position.pairs[0].divergence
      let isWide = !glyphs.isASCII
      facts = [
        "KL(A\(isWide ? "‖" : "|")B) \(number(own.forward))", "back \(number(own.backward))",
        "JS \(number(own.jensenShannon))",
      ]
      if let chain = position.pairs[0].afterChain { facts.append("JS after chain \(number(chain.jensenShannon))") }
      variation = "  TV \(number(own.totalVariation))"
    } else {
      facts = zip(SidePair.all(tab.sides.count), position.pairs).map { pair, reading in
        "\(ComparedModel.letter(pair.a))\(ComparedModel.letter(pair.b)) \(number(reading.divergence.jensenShannon))"
      }
      facts[0] = "JS " + facts[0]
    }
    let gap = "  "
    while facts.count > 1, facts.joined(separator: gap).columnWidth + 5 > width { facts.removeLast() }
    let text = facts.joined(separator: gap)
    let hasRoom = text.columnWidth + 5 + variation.columnWidth <= width
    return [Span(text, Style(.text)), Span(" bits", Style(.dim)), Span(hasRoom ? variation : "", Style(.text))]
  }
}

/// What a side writes after the common text. Words that the other sides have not written are marked.
struct SideView: Widget {
  var tab: CompareState
  var context: PaneContext
  var index: Int

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard tab.sides.indices.contains(index) else { return }
    let side = tab.sides[index]
    if context.pane.isFramed { drawFrame(side, rect, on: &grid) }
    let room = TokenText.room(context.pane)
    guard !room.isEmpty else { return }
    guard let writing = side.writing else { return grid.draw(DimLines(emptyLine(grid.glyphs)), in: room) }
    var text = writing.text
    let endOfText = context.shell.endOfText(writing.trace)
    text.update(writing.trace, width: room.width, endOfText: endOfText, isComplete: !writing.isRunning)
    let (own, hasDifference) = (writing.ownWords, tab.sides.contains { $0.writing?.ownWords.isEmpty == false })
    let (color, isPlain) = (Role.stream(index), context.colors == .none)
    let view = TextFlowView(
      text.flow, top: text.shownTop(scroll: writing.scroll, cursor: nil, height: room.height),
      showsCaret: writing.isRunning,
      style: { token in own.contains(token) ? Style(color, isPlain ? .bold : []) : Style(hasDifference ? .dim : .text) }
    )
    grid.draw(view, in: room)
  }

  private func emptyLine(_ glyphs: Glyphs) -> String {
    let side = tab.sides[index]
    if let error = context.shell.failure(side.model) { return error.what }
    guard context.shell.information(side.model) != nil else {
      return "begins as soon as \(side.model.shortName) is open"
    }
    if tab.comparesTranslations(context.shell) {
      let best = tab.translations?.translations.first { $0.side == index }
      return best.map { visible($0.completion.text, glyphs: glyphs, keepsSpaces: true) } ?? ""
    }
    if context.shell.information(side.model)?.family == .masked {
      return "a masked model fills masks and writes nothing"
    }
    return context.shell.promptKey(.send, glyphs: glyphs).map { "\($0) lets every side go on" } ?? "nothing yet"
  }

  private func drawFrame(_ side: ComparedModel, _ rect: Rect, on grid: inout CellGrid) {
    let separator = " \(grid.glyphs.separator) "
    let letter = ComparedModel.letter(index)
    let name = context.shell.label(side.model, among: tab.models)
    var notes = [""]
    if let writing = side.writing {
      let count = "\(NumberText.grouped(writing.trace.tokens.count)) tok"
      notes = (writing.rate.map { [count + separator + NumberText.rate($0)] } ?? []) + [count]
    }
    let note = notes.first { $0.columnWidth + name.columnWidth + 14 <= rect.width } ?? ""
    let own =
      side.model.changes.map { String($0.option.drop { $0 == "-" }) } + (side.prompt == nil ? [] : ["own prompt"])
    var words = own + side.settings.summary
    let room = rect.width - 12 - name.columnWidth - note.columnWidth
    while !words.isEmpty, words.joined(separator: separator).columnWidth + 3 > room { words.removeLast() }
    grid.box(
      rect, title: "\(letter)  " + ([name] + words).joined(separator: separator), right: note,
      focused: context.isFocused)
    guard rect.width > 8 else { return }
    let isLead = tab.lead == index
    grid.draw(letter, at: Point(rect.x + 3, rect.y), style: Style(.stream(index), isLead ? .bold : []))
  }
}
