import EngineAPI
import Sessions
import TerminalUI

extension ChatState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    let isClose = arrangement.form == .close
    let most = isClose ? 3 : max(3, content.height / 2)
    // While zoomed, the prompt has another width, so it is not wrapped here.
    let lines =
      arrangement.zoomed == nil && !isClose ? prompt.editor.layout(width: content.width - 4).count : 1
    let parts = content.rows([.rest, .cells(min(max(lines + 2, 3), most))])
    let others = [Focus.candidates, .seen]
    if !sides.isEmpty {
      arrangeSides(&arrangement, in: parts[0])
      arrangement.add(.prompt, parts[1])
      return
    }
    let side = others.contains(focus) ? focus : Focus.candidates
    switch arrangement.form {
    case .wide where content.width >= PaneArrangement.columnsForFullHeight:
      let columns = parts[0].columns([.fraction(0.58), .rest])
      arrangement.add(.turns, columns[0])
      if showsSeen {
        let right = columns[1].rows([.fraction(0.4), .rest])
        arrangement.add(.seen, right[0])
        arrangement.add(.candidates, right[1])
      } else {
        arrangement.add(.candidates, columns[1])
      }
    case .wide where others.contains(focus):
      let columns = parts[0].columns([.fraction(0.5), .rest])
      arrangement.add(.turns, columns[0])
      arrangement.add(side, columns[1])
    case .tall where others.contains(focus):
      let rows = parts[0].rows([.rest, .fraction(0.5)])
      arrangement.add(.turns, rows[0])
      arrangement.add(side, rows[1])
    case .close where others.contains(focus): arrangement.add(side, parts[0])
    default: arrangement.add(.turns, parts[0])
    }
    arrangement.add(.prompt, parts[1])
  }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    if pane.focus.context == .answer { fitSide(pane, texts: texts, shell) }
    guard pane.focus == .turns else { return }
    let room = ChatPage.room(pane)
    updatePage(width: room.width, shell)
    guard texts, let index = chosen ?? (cursor == nil ? nil : chosenIndex) else { return }
    let top = page.top(scroll: scroll, height: room.height)
    scroll = page.top(showing: index, cursor: cursor, from: top, height: room.height)
  }

  /// Brings the page to the end of the dialogue.
  mutating func updatePage(width: Int, _ shell: Shell) {
    let running = run.flatMap { $0.isRunning ? $0.node : nil }
    page.limit = shell.information(model)?.contextLength
    page.update(
      shell.tree, place(shell), width: width, reading: reading,
      ends: (shell.information(model)?.endOfTextIDs ?? []) + (form?.endIDs ?? []), running: running,
      opensReasoning: opensReasoning)
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    switch pane.pane.focus {
    case .prompt:
      let note = edited.map { $0.role == ChatMessage.user ? "edits your message" : "edits the answer" } ?? ""
      drawPrompt(pane, title: edited == nil ? "You" : "Edit", note: note, on: &grid)
    case .candidates:
      let hasAnswer = page.blocks.contains { $0.turn.isAnswer }
      let line =
        modelLine(pane.shell)
        ?? (hasAnswer ? "choose an answer to see its candidates" : "the candidates come with the first answer")
      grid.draw(
        CandidatesView(list: candidates, context: pane, title: candidatesTitle, emptyLine: line), in: pane.pane.frame)
    case .seen: grid.draw(SeenView(tab: self, context: pane), in: pane.pane.frame)
    case let focus where focus.context == .answer:
      grid.draw(ChatSideView(tab: self, context: pane, index: focus.index), in: pane.pane.frame)
    default: grid.draw(ChatView(tab: self, context: pane), in: pane.pane.frame)
    }
  }

  func spoken(_ focus: Focus, _ shell: Shell) -> [String]? {
    guard focus == .turns, !page.blocks.isEmpty else { return nil }
    return page.blocks.map { "\($0.name): \($0.turn.text)" }
  }

  private var candidatesTitle: String {
    if showsSide { return sideTitle }
    guard let index = chosenIndex, let block = chosenBlock, let trace = block.trace else { return "Under the words" }
    let answer = page.blocks[...index].count { $0.turn.isAnswer }
    let token = cursor.map { "token \($0 + block.hidden + 1)" } ?? "its end"
    return trace.tokens.isEmpty ? "Under the words" : "Answer \(answer), \(token)"
  }

  /// What the model has read at the cursor: the text of the ids before it.
  func seenText(_ shell: Shell) -> String {
    guard let place = chosenBlock?.turn.end ?? place(shell) else { return "" }
    var tokens = shell.tree.path(to: place).map(\.token)
    if let view = chosenBlock?.view { tokens = Array(tokens.prefix(view.promptCount + (cursor ?? 1 << 30))) }
    return String(decoding: tokens.flatMap(\.bytes), as: UTF8.self)
  }

  func headerFacts(_ facts: [String], glyphs: Glyphs) -> [String] {
    // The number of tokens is the last fact to be left out.
    facts.isEmpty || page.used == 0 ? facts : [facts[0], usedWords] + facts.dropFirst()
  }

  /// The number of tokens of the dialogue, and of the context: `812/2,048`.
  var usedWords: String {
    NumberText.grouped(page.used) + (page.limit.map { "/" + NumberText.grouped($0) } ?? " tok")
  }

  func legend(_ shell: Shell, isColored: Bool) -> HeatLegend {
    if showsColors, isColored { return HeatScaleSteps.legend(shell.heat, isColored: true) }
    if showsColors {
      let words =
        switch shell.heat {
        case .probability: "less than 10 %"
        case .rank: "beyond rank 5"
        case .surprise: "3 bits or more"
        }
      return HeatLegend("bold: \(words)", steps: [], isColored: false)
    }
    let key = shell.keys.key(for: .answerColors, in: .turns, tab: Self.id)?.label() ?? ""
    return HeatLegend(key.isEmpty ? "" : "\(key) colors the answers", steps: [], isColored: false)
  }

  var viewWords: String { dropsOldest ? "oldest left out" : "" }

  var rateWords: String { run.flatMap { $0.isRunning ? $0.rate : nil }.map { NumberText.rate($0) } ?? "" }
}

/// The dialogue as calm prose: who speaks at the left, the facts of an answer below it.
struct ChatView: Widget {
  var tab: ChatState
  var context: PaneContext

  private var shell: Shell { context.shell }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    if context.pane.isFramed {
      let form = tab.form?.isTranscript == true ? ["transcript: no chat template", "transcript", ""] : [""]
      // Where the header has no room for the number of tokens, it stands here.
      let used = shell.size.width < 100 && tab.page.used > 0 ? tab.usedWords : ""
      let separator = " \(grid.glyphs.separator) "
      let notes = form.map { [$0, used].filter { !$0.isEmpty }.joined(separator: separator) }
      let note = notes.first { $0.columnWidth + 16 <= rect.width } ?? ""
      grid.box(rect, title: "Chat", right: note, focused: context.isFocused)
    }
    let room = ChatPage.room(context.pane)
    guard !room.isEmpty else { return }
    var page = tab
    page.updatePage(width: room.width, shell)
    let blocks = page.page.blocks
    guard !blocks.isEmpty || tab.waiting != nil else { return drawEmpty(in: room, on: &grid) }
    let top = page.page.top(scroll: tab.scroll, height: room.height)
    let chosen = context.isFocused || tab.focus == .candidates || tab.focus == .seen ? tab.chosenIndex : nil
    for (index, block) in blocks.enumerated() {
      let first = page.page.starts[index] - top
      guard first < room.height, first + block.rows > 0 else { continue }
      draw(block, index == chosen, indent: page.page.indent, first: first, in: room, on: &grid)
    }
    guard let waiting = tab.waiting, tab.scroll == nil else { return }
    let row = min(room.height - 1, max(0, page.page.rows - top))
    let words =
      shell.information(tab.model) == nil ? "is sent as soon as \(tab.model.shortName) is open" : "is being sent"
    let text = visible(waiting.text.prefix(40), glyphs: grid.glyphs, keepsSpaces: true)
    grid.draw("\(text) \(grid.glyphs.dash) \(words)", in: room, row: row, style: Style(.dim))
  }

  private func drawEmpty(in room: Rect, on grid: inout CellGrid) {
    let lines =
      tab.modelLine(shell).map { [$0] } ?? [
        "Write to \(tab.model.shortName) below; Enter sends.",
        "A line that begins with / is a command: " + ChatState.commands.map { "/" + $0.name }.joined(separator: " "),
      ]
    var row = 0
    for line in lines.flatMap({ ChatPage.lines($0, width: room.width) }) where row < room.height {
      grid.draw(line, in: room, row: row, style: Style(.dim))
      row += 1
    }
  }

  private func draw(
    _ block: ChatBlock, _ isChosen: Bool, indent: Int, first: Int, in room: Rect, on grid: inout CellGrid
  ) {
    let isShown = { (row: Int) in row >= 0 && row < room.height }
    if isShown(first) {
      let style = Style(block.turn.isAnswer ? .accent : .text, isChosen ? .bold : [])
      if isChosen { grid.draw(grid.glyphs.chosen, at: Point(room.x, room.y + first), style: Style(.accent)) }
      let width = (block.headRows > 0 ? room.width : indent - 1) - ChatPage.markColumns
      grid.draw(
        visible(block.name, glyphs: grid.glyphs).fitted(to: max(0, width), .tail, mark: grid.glyphs.ellipsis),
        at: Point(room.x + ChatPage.markColumns, room.y + first), style: style)
    }
    var row = first + block.textRow
    if block.hidden > 0, isShown(row - 1) {
      drawFold(block, in: Rect(room.x + indent, room.y + row - 1, max(0, room.width - indent), 1), on: &grid)
    }
    let column = Rect(room.x + indent, room.y, max(0, room.width - indent), room.height)
    if let trace = block.view {
      let count = max(1, block.text.flow.lineCount)
      let isRunning = tab.run?.isRunning == true && block.turn.nodes.last == tab.run?.node
      for line in 0..<count where isShown(row + line) {
        let view = TextFlowView(
          block.text.flow, top: line, selected: isChosen ? tab.cursor : nil, showsNewlines: false,
          showsCaret: isRunning, style: { style($0, trace, block) })
        grid.draw(view, in: Rect(column.x, room.y + row + line, column.width, 1))
      }
      row += count
    } else {
      for (line, text) in block.lines.enumerated() where isShown(row + line) {
        grid.draw(text, in: column, row: row + line, style: Style(block.turn.role == ChatMessage.system ? .dim : .text))
      }
      if block.turn.isAnswer, isShown(row), let fraction = tab.run?.prompt {
        grid.draw(ProgressBar("reading", fraction: fraction), in: Rect(column.x, room.y + row, column.width, 1))
      }
      row += max(1, block.lines.count)
    }
    guard block.hasFacts, isShown(row) else { return }
    grid.draw(facts(block, width: column.width, grid.glyphs), in: column, row: row, style: Style(.dim))
  }

  /// The line in place of folded reasoning: `reasoning · 31 tok · f shows it`.
  private func drawFold(_ block: ChatBlock, in line: Rect, on grid: inout CellGrid) {
    let separator = " \(grid.glyphs.separator) "
    let key = shell.keys.key(for: .reasoning, in: .turns, tab: ChatState.id).map { "\($0.label()) shows it" }
    let words = ["reasoning", "\(NumberText.grouped(block.hidden)) tok", key].compactMap(\.self)
    grid.draw(words.joined(separator: separator), in: line, style: Style(.dim))
  }

  private func style(_ index: Int, _ trace: Trace, _ block: ChatBlock) -> Style {
    guard trace.tokens.indices.contains(index) else { return Style(.text) }
    let byHand: Style.Attributes = trace.tokens.isByHand(at: index) ? .underline : []
    guard tab.showsColors, let fraction = HeatScaleSteps.fraction(trace.tokens[index], shell.heat) else {
      return Style(index + block.hidden < block.reasoning ? .dim : .text, byHand)
    }
    // Without colors, a surprising token is bold.
    let strong: Style.Attributes = context.colors == .none && fraction >= 0.5 ? .bold : []
    return Style(.heat(fraction: fraction), byHand.union(strong))
  }

  /// `‹ 2/3 ›  41 tok · 0.9 s · 46/s · perplexity 3.1`, or the first of these that fit.
  private func facts(_ block: ChatBlock, width: Int, _ glyphs: Glyphs) -> String {
    let arrows = glyphs.isASCII ? ("<", ">") : ("‹", "›")
    let number = block.count > 1 ? "\(arrows.0) \(block.number)/\(block.count) \(arrows.1)  " : ""
    guard let trace = block.trace else { return number }
    var facts = ["\(NumberText.grouped(trace.tokens.count)) tok"]
    let isRunning = tab.run?.isRunning == true && block.turn.nodes.last == tab.run?.node
    if isRunning {
      if let rate = tab.run?.rate { facts.append(NumberText.rate(rate)) }
    } else if let outcome = block.turn.nodes.last.flatMap({ shell.tree[$0]?.outcome }) {
      if let timing = outcome.timing, let rate = timing.tokensPerSecond {
        facts.append("\(NumberText.fixed(timing.generateSeconds, decimals: 1)) s")
        facts.append(NumberText.rate(rate))
      }
      switch outcome.reason {
      case .length: facts.append("cut")
      case .interrupted: facts.append("stopped")
      case .time: facts.append("time is up")
      case .failed: facts.append("failed")
      case .stop, .endOfText: break
      }
    }
    let known = trace.tokens.compactMap(\.logprob)
    if !isRunning, known.count == trace.tokens.count, !known.isEmpty {
      let mean = -known.reduce(0, +) / Double(known.count)
      let value = Probability.power(2, Probability.bits(logprob: -mean))
      facts.insert("perplexity \(NumberText.fixed(value, decimals: 1))", at: min(3, facts.count))
    }
    let separator = " \(glyphs.separator) "
    while facts.count > 1, (number + facts.joined(separator: separator)).columnWidth > width { facts.removeLast() }
    return number + facts.joined(separator: separator)
  }
}

/// What the model reads, as lines.
struct SeenLines {
  let lines: [String]

  init(_ text: String, width: Int) { lines = ChatPage.lines(text, width: width) }

  /// The first line shown while the end is followed.
  func top(height: Int) -> Int { max(0, lines.count - height) }
}

/// The text that the model reads before the cursor, as its template writes it.
struct SeenView: Widget {
  var tab: ChatState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let shell = context.shell
    let key = shell.keys.key(for: .seen, in: .turns, tab: ChatState.id).map { "\($0.label()) hides" } ?? ""
    grid.box(rect, title: "What the model reads", right: key, focused: context.isFocused)
    let room = rect.inset(columns: 2, rows: 1)
    guard !room.isEmpty else { return }
    let text = tab.seenText(shell)
    guard !text.isEmpty else {
      for (row, line) in ChatPage.lines("the text of the first message comes here", width: room.width).enumerated()
      where row < room.height {
        grid.draw(line, in: room, row: row, style: Style(.dim))
      }
      return
    }
    let view = SeenLines(text, width: room.width)
    let top = tab.seenScroll ?? view.top(height: room.height)
    for row in 0..<room.height where top + row < view.lines.count {
      grid.draw(view.lines[top + row], in: room, row: row, style: Style(.dim))
    }
  }
}
