import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension Slot {
  /// The text that follows: of the model as it is (0) and of the changed one (1).
  static func insideText(_ index: Int) -> Slot { Slot(.inside, "text", index) }
}

/// The text that follows the cursor, as the model is and with its changes: always the most probable token, so that only
/// the changes make a difference.
extension InsideState {
  /// The longest text.
  static let writtenTokens = 60

  /// Writes on from the cursor.
  mutating func writeOn(_ shell: inout Shell) -> [Effect] {
    guard let answer = look.answer, let position, let information = shell.information(model) else {
      shell.notice = "the text is not read yet"
      return []
    }
    guard information.family == .causal else {
      shell.notice = "only a causal model writes on"
      return []
    }
    let tokens = Array(answer.tokens[...position])
    if let error = shell.overflow(tokens.count, of: model, among: models) ?? changed.failure {
      shell.notice = error.what
      return []
    }
    _ = stopWriting(&shell)
    let text = String(decoding: tokens.flatMap(\.bytes), as: UTF8.self)
    var changedModel = model
    changedModel.changes += changes
    writtenChanges = changes
    written = []
    return (changes.isEmpty ? [model] : [model, changedModel]).enumerated().map { index, model in
      let request = GenerationRequest(
        context: ModelContext(model: model, ids: tokens.map(\.id)), settings: .greedy, maxTokens: Self.writtenTokens,
        topCount: SessionTree.keptTops)
      let writing = WrittenText(request, after: text, tokens, &shell)
      written.append(writing)
      return .generate(Ticket(.insideText(index), version: writing.version), request)
    }
  }

  mutating func receive(_ event: TokenEvent, _ ticket: Ticket, _ shell: inout Shell) {
    guard let index = written.indices.first(where: { ticket.slot == .insideText($0) }),
      written[index]?.receive(event, ticket, &shell) == true, written[index]?.isRunning == false
    else { return }
    WrittenText.markOwnWords(&written, shell)
  }

  /// Ends the texts where they are. Returns the effects that stop the work.
  mutating func stopWriting(_ shell: inout Shell) -> [Effect] {
    written.indices.filter { written[$0]?.interrupt(&shell) == true }.map { .cancel(.insideText($0)) }
  }

  /// Scrolls both texts.
  mutating func scrollWritten(by lines: Int) {
    for index in written.indices {
      guard let text = written[index] else { continue }
      let last = max(0, text.text.flow.lineCount - 1)
      let top = (text.scroll ?? 0) + lines
      written[index]?.scroll = min(max(0, top), last)
    }
  }

  /// Both texts, one a line.
  func writtenText(_ shell: Shell) -> String {
    written.compactMap(\.self).map { $0.trace.text(endOfText: shell.endOfText($0.trace)) }.joined(separator: "\n")
  }
}

/// Draws the text that follows, without the changes and with them. Words that only one of the two has are marked.
struct FollowingView: Widget {
  var tab: InsideState
  var context: PaneContext

  /// Whether each text has a heading; in a low pane the texts only follow one another.
  static func hasHeadings(_ inside: Rect, count: Int) -> Bool { inside.height >= 2 * count }

  /// The rooms of the texts in a pane, each below its heading.
  static func rooms(_ inside: Rect, count: Int) -> [Rect] {
    let inner = inside.inset(columns: 1, rows: 0)
    return inner.rows(Array(repeating: .share(1), count: max(1, count))).map {
      let heading = hasHeadings(inside, count: count) ? 1 : 0
      return Rect($0.x, $0.y + heading, $0.width, max(0, $0.height - heading))
    }
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let isOld = tab.writtenChanges != tab.changes
      let key = context.shell.keys.key(for: .writeOn, in: .following, tab: InsideState.id)?.label(glyphs: grid.glyphs)
      let note = isOld ? "of older changes" + (key.map { ": \($0) again" } ?? "") : ""
      let title = "What follows"
      inside = grid.box(
        rect, title: title, right: title.columnWidth + note.columnWidth + 9 <= rect.width ? note : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    let hasDifference = tab.written.contains { $0?.ownWords.isEmpty == false }
    for (index, room) in Self.rooms(inside, count: tab.written.count).enumerated() {
      guard tab.written.indices.contains(index), let writing = tab.written[index] else { continue }
      let color = Role.stream(index)
      var heading = index == 0 ? "as it is" : "changed"
      if let reason = writing.reason, case .failed = reason { heading += ", failed" }
      if Self.hasHeadings(inside, count: tab.written.count) {
        grid.draw(heading, at: Point(room.x, room.y - 1), style: Style(color), maxWidth: room.width)
      }
      var text = writing.text
      text.update(
        writing.trace, width: room.width, endOfText: context.shell.endOfText(writing.trace),
        isComplete: !writing.isRunning)
      let (own, isPlain) = (writing.ownWords, context.colors == .none)
      grid.draw(
        TextFlowView(
          text.flow, top: min(writing.scroll ?? 0, max(0, text.flow.lineCount - 1)), showsCaret: writing.isRunning,
          style: { own.contains($0) ? Style(color, isPlain ? .bold : []) : Style(hasDifference ? .dim : .text) }),
        in: room)
    }
  }
}
