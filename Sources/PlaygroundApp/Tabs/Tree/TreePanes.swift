import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension TreeState {
  func arrange(_ arrangement: inout PaneArrangement) {
    let content = arrangement.content
    let beside: [Focus] = comparison == nil ? [.branch, .candidates] : [.compared(0), .compared(1)]
    switch arrangement.form {
    case .wide:
      // The rows take what they need, up to two thirds.
      let most = max(6, content.height * 2 / 3)
      let height = min(max(outline.rows.count + 3, content.height / 2), most)
      let parts = content.rows([.cells(height), .rest])
      arrangement.add(treeFocus, parts[0])
      let columns = parts[1].columns([.fraction(0.5), .rest])
      arrangement.add(beside[0], columns[0], notes: 1)
      arrangement.add(beside[1], columns[1], notes: beside[1].context == .branch ? 1 : 0)
    case .tall:
      let parts = content.rows([.fraction(0.5), .share(1), .share(1)])
      arrangement.add(treeFocus, parts[0])
      arrangement.add(beside[0], parts[1], notes: 1)
      arrangement.add(beside[1], parts[2], notes: beside[1].context == .branch ? 1 : 0)
    case .close:
      guard comparison == nil else {
        let parts = content.rows([.fraction(0.4), .rest])
        arrangement.add(treeFocus, parts[0])
        let columns = parts[1].columns([.fraction(0.5), .rest])
        arrangement.add(.compared(0), columns[0])
        return arrangement.add(.compared(1), columns[1])
      }
      let preview = min(3, max(0, content.height - 4))
      let parts = content.rows([.rest, .cells(preview)])
      let shown = focus == .branchName ? Focus.tree : focus
      arrangement.add(shown == .tree ? treeFocus : shown, parts[0], notes: shown == .branch ? 1 : 0)
      arrangement.add(shown == .branch ? .candidates : .branch, parts[1], framed: false)
    }
  }

  /// The focus of the rows' pane, which also has the field for a name.
  private var treeFocus: Focus { naming == nil ? .tree : .branchName }

  mutating func fit(_ pane: Layout.Pane, texts: Bool, _ shell: Shell) {
    switch pane.focus {
    case .tree, .branchName:
      window.update(count: outline.rows.count, height: TreeView.rows(pane, naming: naming != nil))
    case .compared(0), .compared(1):
      let index = pane.focus.index - 1
      guard var side = comparison?[index] else { return }
      side.text.update(
        side.trace, width: TokenText.room(pane).width, endOfText: shell.endOfText(side.trace), isComplete: true)
      comparison?[index] = side
    case .branch:
      guard let trace else { return }
      let room = TokenText.room(pane)
      text.update(
        trace, width: room.width, endOfText: shell.endOfText(trace), isComplete: !isGrowing(trace.place.node))
      if texts, let cursor { scroll = text.top(showing: cursor, from: scroll, height: room.height) }
    default: break
    }
  }

  func draw(_ pane: PaneContext, on grid: inout CellGrid) {
    switch pane.pane.focus {
    case .tree, .branchName: grid.draw(TreeView(tab: self, context: pane), in: pane.pane.frame)
    case .candidates:
      grid.draw(
        CandidatesView(list: lists[0], context: pane, title: candidatesTitle, emptyLine: candidatesLine(pane.shell)),
        in: pane.pane.frame)
    case .compared(0), .compared(1): drawCompared(pane, index: pane.pane.focus.index - 1, on: &grid)
    default: drawBranch(pane, on: &grid)
    }
  }

  private var candidatesTitle: String {
    guard let cursor = shownCursor, let trace, cursor < trace.tokens.count else { return "Next token here" }
    return "Candidates for token \(cursor + 1)"
  }

  private func candidatesLine(_ shell: Shell) -> String {
    guard let trace else { return "" }
    if isGrowing(trace.place.node) { return "the branch is growing" }
    switch shell.opened[trace.model] {
    case .ready(let information):
      return information.family == .causal ? "" : "\(trace.model.shortName) does not continue texts"
    case .failed(let error): return error.what
    case .loading: return "\(trace.model.shortName) is being opened"
    case nil: return "\(trace.model.shortName) is opened once this pane has the focus"
    }
  }

  private func drawBranch(_ context: PaneContext, on grid: inout CellGrid) {
    let pane = context.pane
    let separator = " \(grid.glyphs.separator) "
    if pane.isFramed {
      let note = trace.map { trace in
        let logprob = context.shell.tree.logprob(of: trace.place)
        // Of a prompt alone, nothing is predicted.
        let sum = logprob == 0 ? [] : ["log p " + NumberText.fixed(logprob, decimals: 1)]
        return ([NumberText.counted(trace.tokens.count, "token")] + sum).joined(separator: separator)
      }
      grid.box(pane.frame, title: "This path", right: note ?? "", focused: context.isFocused, padded: false)
    }
    guard let trace else { return }
    let room = TokenText.room(pane)
    drawMaker(of: trace.place, above: room, context, on: &grid)
    grid.draw(
      TokenTextView(
        trace: trace, text: text, endOfText: context.shell.endOfText(trace), heat: context.shell.heat,
        colors: context.colors, cursor: shownCursor, scroll: scroll,
        isRunning: isGrowing(trace.place.node), isFocused: context.isFocused || focus == .candidates), in: room)
  }

  private func drawCompared(_ context: PaneContext, index: Int, on grid: inout CellGrid) {
    guard let comparison else { return }
    let side = comparison[index]
    let pane = context.pane
    let separator = " \(grid.glyphs.separator) "
    let tree = context.shell.tree
    let own = side.trace.tokens.count - comparison.shared
    let facts = [
      "\(NumberText.grouped(own)) of its own",
      "log p " + NumberText.fixed(tree.logprob(of: side.place), decimals: 1),
    ]
    let title = index == 0 ? "First" : "Second"
    grid.box(
      pane.frame, title: title, right: facts.joined(separator: separator), focused: false, padded: false)
    let room = TokenText.room(pane)
    guard !room.isEmpty else { return }
    drawMaker(of: side.place, above: room, context, on: &grid)
    // The cursor stands on the first token that differs.
    grid.draw(
      TokenTextView(
        trace: side.trace, text: side.text, endOfText: context.shell.endOfText(side.trace), heat: context.shell.heat,
        colors: context.colors, cursor: own > 0 ? comparison.shared : nil, scroll: nil, isRunning: false,
        isFocused: own > 0), in: room)
  }

  /// The row above a text that says who made it, if the pane has one.
  private func drawMaker(of place: Place, above room: Rect, _ context: PaneContext, on grid: inout CellGrid) {
    guard context.pane.notes > 0 else { return }
    var words = maker(of: place, context.shell).map { visible($0, glyphs: grid.glyphs, keepsSpaces: true) }
    let separator = " \(grid.glyphs.separator) "
    // The last words matter least.
    while words.count > 1, words.joined(separator: separator).columnWidth > room.width { words.removeLast() }
    let shown = words.joined(separator: separator).fitted(to: room.width, .tail, mark: grid.glyphs.ellipsis)
    grid.draw(shown, at: Point(room.x, room.y - 1), style: Style(.dim))
  }

  /// Who made a text: the model, the seed, and the settings that are not neutral.
  func maker(of place: Place, _ shell: Shell) -> [String] {
    guard let origin = shell.tree.origin(of: place.node) else { return [] }
    var words = [origin.model.shortName, origin.words]
    switch origin {
    case .sampled(let request): words += request.settings.summary.filter { $0 != "greedy" }
    case .beam(let request): words += request.settings.summary
    default: break
    }
    let outcome = place == shell.tree.end(of: place.node) ? shell.tree[place.node]?.outcome : nil
    if let score = outcome?.score, score.isFinite { words.append("score " + NumberText.fixed(score, decimals: 2)) }
    return words.filter { !$0.isEmpty }
  }

  func legendWords(glyphs: Glyphs) -> String {
    let count = outline.rows.count
    return count == 0 ? "" : NumberText.counted(count, "row")
  }
}
