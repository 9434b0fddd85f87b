import EngineAPI
import Sessions
import TerminalUI

/// A turn as it is shown.
struct ChatBlock: Sendable, Equatable {
  /// The turn.
  var turn: ChatTurn
  /// Who speaks, in a word: `you`, the model's name.
  var name = ""
  /// The tokens of an answer, without what ended it; `nil` for other turns.
  var trace: Trace?
  /// The tokens that are shown: those of `trace` without the hidden ones.
  var view: Trace?
  /// The number of tokens at the beginning that are folded: the reasoning.
  var hidden = 0
  /// The tokens that are shown as wrapped text; grows with them.
  var text = TokenText()
  /// The lines of a turn that is no answer.
  var lines: [String] = []
  /// The number of tokens at the beginning that are reasoning.
  var reasoning = 0
  /// The number of this answer among those to the same message, from 1, and how many there are.
  var number = 1
  var count = 1
  /// The rows above the text: one with the name where names have no column of their own.
  var headRows = 0

  /// The rows above the text, that of folded reasoning included.
  var textRow: Int { headRows + (hidden > 0 ? 1 : 0) }
  /// Whether a line with facts stands below the text.
  var hasFacts: Bool { turn.isAnswer || count > 1 }
  /// The rows that it takes, with a blank one at its end.
  var rows: Int { textRow + max(1, trace == nil ? lines.count : text.flow.lineCount) + (hasFacts ? 1 : 0) + 1 }
}

/// The turns of a dialogue, wrapped to the width of their pane. While an answer grows, only its last line is laid out
/// again.
struct ChatPage: Sendable, Equatable {
  /// The turns, without an empty system message.
  private(set) var blocks: [ChatBlock] = []
  /// The first row of each turn.
  private(set) var starts: [Int] = []
  /// The number of tokens of the dialogue, and of the context; `nil` if that has no limit.
  private(set) var used = 0
  var limit: Int?
  /// The columns of the names at the left.
  private(set) var indent = 0
  /// How often the turns were read from the tree, for tests of the cost. Pages that differ only in it are equal.
  var builds: Int { buildCount.value }
  private var buildCount = BuildCount()
  /// The total number of rows.
  var rows: Int { (starts.last ?? 0) + (blocks.last.map(\.rows) ?? 0) }

  private struct BuildCount: Sendable, Equatable {
    var value = 0
    static func == (left: BuildCount, right: BuildCount) -> Bool { true }
  }

  /// What the page shows.
  private struct Key: Sendable, Equatable {
    var node: NodeID
    var width: Int
    var nodes: Int
    var isRunning: Bool
    var reading: AnswerReading
    var ends: [Int]
    var opensReasoning: Bool
  }
  private var key: Key?
  private var opensReasoning = false

  /// The columns of the mark of the chosen turn, before its name.
  static let markColumns = 2
  /// The longest name that has a column of its own, and the least width of a pane with such a column.
  private static let (longestName, leastWidth) = (12, 56)

  /// The room for text inside a pane.
  static func room(_ pane: Layout.Pane) -> Rect {
    pane.isFramed ? pane.frame.inset(columns: 2, rows: 1) : pane.frame.inset(columns: 1, rows: 0)
  }

  /// Releases the tokens of a growing answer, so that the tree can append without a copy.
  mutating func release(_ node: NodeID) {
    guard let last = blocks.indices.last, blocks[last].turn.nodes.last == node else { return }
    blocks[last].trace?.tokens = TokenPath()
    blocks[last].view?.tokens = TokenPath()
  }

  /// Updates the page for the end of the dialogue.
  ///
  /// - Parameters:
  ///   - running: the node that grows; `nil` if none does.
  ///   - ends: the ids that end an answer.
  ///   - opensReasoning: whether reasoning is shown, or folded.
  mutating func update(
    _ tree: SessionTree, _ place: Place?, width: Int, reading: AnswerReading, ends: [Int], running: NodeID?,
    opensReasoning: Bool
  ) {
    guard let place else {
      self = ChatPage()
      return
    }
    let isRunning = running == place.node
    let new = Key(
      node: place.node, width: width, nodes: tree.nodeCount - tree.editCount, isRunning: isRunning, reading: reading,
      ends: ends, opensReasoning: opensReasoning)
    self.opensReasoning = opensReasoning
    if new == key, isRunning, let last = blocks.indices.last, blocks[last].turn.nodes.last == place.node {
      blocks[last].turn.end = place
      fill(last, tree, width, ends, reading, isRunning: true)
    } else if new != key {
      build(tree, place, width, reading, ends, isRunning: isRunning)
    }
    key = new
    used = tree.length(of: place)
    starts = []
    var row = 0
    for block in blocks {
      starts.append(row)
      row += block.rows
    }
  }

  private mutating func build(
    _ tree: SessionTree, _ place: Place, _ width: Int, _ reading: AnswerReading, _ ends: [Int], isRunning: Bool
  ) {
    let isWide = width >= Self.leastWidth
    let turns = tree.turns(to: place, reading: reading).filter { $0.role != ChatMessage.system || !$0.text.isEmpty }
    let old = blocks
    let alternatives = tree.alternatives(to: turns)
    buildCount.value += 1
    blocks = turns.enumerated().map { index, turn in
      var block = ChatBlock(turn: turn)
      // The wrapped text of an unchanged answer is used again.
      if old.indices.contains(index), old[index].turn == turn {
        (block.text, block.hidden) = (old[index].text, old[index].hidden)
      }
      block.headRows = isWide ? 0 : 1
      block.name = Self.name(turn, tree)
      block.count = alternatives[index].count
      block.number = (alternatives[index].firstIndex { $0.node == turn.nodes[0] } ?? 0) + 1
      return block
    }
    let longest = blocks.map(\.name.columnWidth).max() ?? 0
    indent = Self.markColumns + (isWide ? min(longest, Self.longestName) + 1 : 0)
    for index in blocks.indices {
      fill(index, tree, width, ends, reading, isRunning: isRunning && index == blocks.count - 1)
    }
  }

  /// Who speaks, in a word.
  private static func name(_ turn: ChatTurn, _ tree: SessionTree) -> String {
    switch turn.role {
    case ChatMessage.user: "you"
    case ChatMessage.assistant: turn.nodes.last.flatMap { tree.origin(of: $0)?.model.shortName } ?? turn.role
    case let role: role
    }
  }

  /// Lays out one turn.
  private mutating func fill(
    _ index: Int, _ tree: SessionTree, _ width: Int, _ ends: [Int], _ reading: AnswerReading, isRunning: Bool
  ) {
    let columns = max(1, width - indent)
    let turn = blocks[index].turn
    guard turn.isAnswer, let previous = turn.previous, tree.length(of: turn.end) > tree.length(of: previous) else {
      if !turn.isAnswer { (blocks[index].trace, blocks[index].view) = (nil, nil) }
      blocks[index].lines = Self.lines(turn.text, width: columns)
      return
    }
    let start = tree.length(of: previous)
    var trace = tree.trace(to: turn.end, promptCount: start)
    if !isRunning { trace = shown(trace, turn, tree, ends) }
    let reasoning = reasoningCount(trace, reading)
    let hidden = opensReasoning ? 0 : reasoning
    if blocks[index].hidden != hidden { blocks[index].text = TokenText() }
    (blocks[index].reasoning, blocks[index].hidden) = (reasoning, hidden)
    var view = trace
    if hidden > 0 {
      view = tree.trace(to: trace.place, promptCount: start + hidden)
      view.model = trace.model
    }
    (blocks[index].trace, blocks[index].view) = (trace, view)
    blocks[index].text.update(view, width: columns, endOfText: ends, isComplete: !isRunning)
  }

  /// A text as lines of a width.
  static func lines(_ text: String, width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      let shown = visible(line, keepsSpaces: true)
      return WrappedText(shown, width: max(1, width)).lines.map { WrappedText.visible($0.range, of: shown) }
    }
  }

  /// The trace without the token that ended the answer and without what follows a stop string.
  private func shown(_ trace: Trace, _ turn: ChatTurn, _ tree: SessionTree, _ ends: [Int]) -> Trace {
    var count = trace.tokens.count
    if let last = trace.tokens.last, ends.contains(last.token.id) { count -= 1 }
    if let node = turn.nodes.last, tree[node]?.outcome?.reason == .stop {
      let most = turn.text.utf8.count + 1
      var bytes = 0
      var kept = 0
      while kept < count, bytes + trace.tokens[kept].token.bytes.count <= most {
        bytes += trace.tokens[kept].token.bytes.count
        kept += 1
      }
      count = kept
    }
    guard count < trace.tokens.count, let place = tree.place(trace.promptCount + count, on: trace.place) else {
      return trace
    }
    var cut = tree.trace(to: place, promptCount: trace.promptCount)
    cut.model = trace.model
    return cut
  }

  /// The number of tokens of the reasoning before the answer, with its marks.
  private func reasoningCount(_ trace: Trace, _ reading: AnswerReading) -> Int {
    let bytes = trace.tokens.prefix(8).flatMap(\.token.bytes).drop { $0 == 0x20 || $0 == 0x0A }
    let begins = ReasoningMarks.known.contains { bytes.starts(with: $0.open.utf8) }
    guard begins || reading.opened != nil else { return 0 }
    let whole = String(decoding: trace.tokens.flatMap(\.token.bytes), as: UTF8.self)
    let offset = ReasonedText(whole, opened: reading.opened).offset
    var (end, count) = (0, 0)
    while count < trace.tokens.count, end < offset {
      end += trace.tokens[count].token.bytes.count
      count += 1
    }
    return count
  }

  // MARK: Scrolling

  /// The first row shown.
  func top(scroll: Int?, height: Int) -> Int {
    // The blank row at the end is not needed.
    let end = max(0, rows - 1 - height)
    return min(max(scroll ?? end, 0), end)
  }

  /// The turn at a row.
  func block(atRow row: Int) -> Int? {
    guard row >= 0, row < rows else { return nil }
    return starts.lastIndex { $0 <= row }
  }

  /// The first row to show so that a turn, and the cursor's line in it, are seen.
  func top(showing index: Int, cursor: Int?, from top: Int, height: Int) -> Int {
    guard blocks.indices.contains(index) else { return top }
    let block = blocks[index]
    let first = starts[index]
    let last = first + block.rows - 2
    if let cursor, block.trace != nil {
      let row = first + block.textRow + block.text.flow.line(of: cursor)
      return row < top ? row : row >= top + height ? row - height + 1 : top
    }
    if last >= top + height { return min(first, last - height + 1) }
    return first < top ? first : top
  }
}
