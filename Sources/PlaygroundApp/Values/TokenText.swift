import EngineAPI
import TerminalUI

/// The text of a trace, wrapped to the width of its pane. It is updated incrementally: adding a token only lays out the
/// last line again, so the cost does not depend on the length of the text.
struct TokenText: Sendable, Equatable {
  /// The wrapped text. Its tokens have no styles: they depend on the heat scale and are found where a line is drawn.
  private(set) var flow = TextFlow(width: 1)
  /// The total number of tokens laid out, for tests of the cost.
  private(set) var laidOutTokens = 0
  /// The columns of the pane; 0 before the text had one.
  private var width = 0
  private var endOfText: [Int] = []
  private var isComplete = false
  private var reader = TokenPieces()

  /// Always true: the text is derived from the trace and the pane, which are compared separately.
  static func == (left: TokenText, right: TokenText) -> Bool { true }

  /// Updates the text for a trace and a width. Lays out only new tokens; a new width rewraps the whole text. Starts
  /// over if the trace has several lines or fewer tokens than before.
  ///
  /// - Parameter isComplete: whether no token will follow, so that bytes of an incomplete character are shown.
  mutating func update(_ trace: Trace, width: Int, endOfText: [Int], isComplete: Bool) {
    let width = max(1, width)
    let new = trace.tokens.count - flow.tokens.count
    // When the text is complete, held-back bytes are shown as well, so the last token's text changes.
    let isOther =
      self.width == 0 || endOfText != self.endOfText || new < 0 || isComplete && new == 0 && reader.isHolding
    if isOther || new > 0 && (self.isComplete || !trace.parts.isEmpty) {
      (flow, reader) = (TextFlow(width: width), TokenPieces())
      if trace.parts.isEmpty { append(trace, endOfText, isComplete: isComplete) } else { join(trace, endOfText, width) }
    } else {
      if width != self.width { flow.rewrap(width: width) }
      append(trace, endOfText, isComplete: isComplete)
    }
    (self.width, self.endOfText, self.isComplete) = (width, endOfText, isComplete)
  }

  /// Adds new tokens at the current width. Does nothing before the first `update`.
  mutating func grow(_ trace: Trace, endOfText: [Int], isComplete: Bool) {
    if width > 0 { update(trace, width: width, endOfText: endOfText, isComplete: isComplete) }
  }

  private mutating func append(_ trace: Trace, _ endOfText: [Int], isComplete: Bool) {
    let first = flow.tokens.count
    for index in first..<trace.tokens.count {
      let isLast = isComplete && index == trace.tokens.count - 1
      flow.append(token(trace.tokens[index].token, endOfText, isLast: isLast))
    }
    laidOutTokens += trace.tokens.count - first
  }

  /// Lays out a trace of several lines. Each part is a separate text; the line breaks between two parts belong to the
  /// last token of the first.
  private mutating func join(_ trace: Trace, _ endOfText: [Int], _ width: Int) {
    var tokens: [TextFlow.Token] = []
    for part in trace.parts {
      let breaks = String(repeating: "\n", count: part.breaks)
      let end = trace.part(at: part.start).end
      if let last = tokens.indices.last { tokens[last].text += breaks }
      reader = TokenPieces()
      for index in part.start..<end {
        var piece = token(trace.tokens[index].token, endOfText, isLast: index == end - 1)
        if index == 0 { piece.text = breaks + piece.text }
        tokens.append(piece)
      }
    }
    flow = TextFlow(tokens, width: width)
    laidOutTokens += tokens.count
  }

  /// An end-of-text token is shown by its own name, so that the cursor can be on it.
  private mutating func token(_ token: TokenValue, _ endOfText: [Int], isLast: Bool) -> TextFlow.Token {
    let piece = reader.next(token, endOfText: endOfText, isLast: isLast)
    return TextFlow.Token(endOfText.contains(token.id) ? " " + visible(bytes: token.bytes) : piece)
  }
}

extension TokenText {
  /// The room for text inside a pane.
  static func room(_ pane: Layout.Pane) -> Rect {
    let room = pane.isFramed ? pane.frame.inset(columns: 2, rows: 1) : pane.frame.inset(columns: 1, rows: 0)
    let above = pane.notes + pane.plot
    return Rect(room.x, room.y + above, room.width, room.height - above)
  }

  /// The first line to show so that a token is seen, as near to `top` as possible.
  func top(showing cursor: Int, from top: Int?, height: Int) -> Int {
    flow.top(showing: flow.line(of: cursor), from: top ?? max(0, flow.lineCount - height), height: height)
  }

  /// The first visible line: the scroll position, adjusted so that the cursor is visible; without a cursor, such that
  /// the end of the text is visible.
  func shownTop(scroll: Int?, cursor: Int?, height: Int) -> Int {
    let end = max(0, flow.lineCount - height)
    guard let cursor else { return scroll.map { min(max($0, 0), end) } ?? end }
    return top(showing: cursor, from: scroll, height: height)
  }

  /// The token `lines` lines below (or above) in the same column; the number of tokens stands for the end of the text.
  func token(lines: Int, from cursor: Int?) -> Int? {
    guard let last = flow.tokens.indices.last else { return nil }
    let here = flow.places(of: cursor ?? last).first?.origin ?? Point(0, flow.line(of: cursor ?? last))
    let line = here.y + lines
    guard line < flow.lineCount else { return flow.tokens.count }
    return line < 0 ? 0 : token(nearest: Point(here.x, line))
  }

  /// The token at a cell of a pane; `nil` after the end of the text.
  func token(at point: Point, scroll: Int?, cursor: Int?, in pane: Layout.Pane) -> Int? {
    let room = TokenText.room(pane)
    let top = shownTop(scroll: scroll, cursor: cursor, height: room.height)
    let place = Point(point.x - room.x, point.y - room.y + top)
    return place.y < flow.lineCount ? token(nearest: place) : nil
  }

  private func token(nearest point: Point) -> Int? {
    for x in stride(from: min(point.x, flow.wrapped.width - 1), through: 0, by: -1) {
      if let token = flow.token(at: Point(x, point.y)) { return token }
    }
    return nil
  }
}

/// The text that a tab's cursor moves through.
struct WalkedText {
  /// Its tokens.
  var trace: Trace
  /// The same as wrapped text.
  var text: TokenText
  /// The first line shown.
  var scroll: Int?
}

/// Decodes a text token by token to the characters that each token adds.
///
/// Bytes of an incomplete character are held back and added by the token that completes it; invalid bytes become
/// U+FFFD. End-of-text tokens add nothing. The space that many vocabularies put before the first word is omitted.
struct TokenPieces: Sendable {
  private var held: [UInt8] = []
  private var isFirst = true

  /// Whether bytes of an incomplete character are held back.
  var isHolding: Bool { !held.isEmpty }

  /// What the next token adds.
  ///
  /// - Parameter isLast: whether no token will follow, so that held-back bytes are shown as U+FFFD.
  mutating func next(_ token: TokenValue, endOfText: [Int], isLast: Bool) -> String {
    defer { isFirst = false }
    guard !endOfText.contains(token.id) else { return "" }
    held += isFirst && token.bytes.first == UInt8(ascii: " ") ? token.bytes.dropFirst() : token.bytes[...]
    let keep = isLast ? 0 : TokenPieces.incompleteTail(held)
    defer { held.removeFirst(held.count - keep) }
    return String(decoding: held.prefix(held.count - keep), as: UTF8.self)
  }

  /// The pieces of tokens, one each.
  ///
  /// - Parameter isComplete: whether no token will follow.
  static func pieces(_ tokens: [TokenValue], endOfText: [Int], isComplete: Bool = true) -> [String] {
    var reader = TokenPieces()
    return tokens.indices.map { index in
      reader.next(tokens[index], endOfText: endOfText, isLast: isComplete && index == tokens.count - 1)
    }
  }

  /// How many bytes at the end begin a character that is not complete yet: 0 to 3.
  private static func incompleteTail(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte < 0x80 { return 0 }
      guard byte >= 0xC0 else { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
      guard byte < 0xF5, length > back else { return 0 }
      return back
    }
    return 0
  }
}
