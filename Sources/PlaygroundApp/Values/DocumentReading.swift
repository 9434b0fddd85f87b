import EngineAPI
import TerminalUI

/// A text in tokens, words and lines.
struct DocumentText: Sendable, Equatable {
  /// The ids, special ones included.
  let ids: [Int]
  /// The piece of the text that each token stands for; together they are the text. A token that ends inside a character
  /// has an empty piece, and the token that completes the character has all of it.
  let pieces: [String]
  /// The bytes of the text that each token stands for.
  let bytes: [Int32]
  /// The first token of each word, in order.
  let words: [Int32]
  /// The first token of each line, in order.
  let lines: [Int32]

  /// Splits a text. O(length).
  init(_ text: String, _ tokens: TokenizedText) {
    var text = text
    text.makeContiguousUTF8()
    var (ids, pieces, bytes): ([Int], [String], [Int32]) = ([], [], [])
    var (words, lines): ([Int32], [Int32]) = ([], [])
    var end = text.utf8.startIndex
    var offset = 0
    // A word begins with a space, or after one.
    var (isAfterSpace, isAfterLine) = (true, true)
    let all = tokens.tokens
    for (index, token) in all.enumerated() {
      ids.append(token.id)
      bytes.append(Int32(clamping: token.range.count))
      var piece = ""
      if token.range.upperBound > offset, let next = Self.boundary(token.range.upperBound, after: (end, offset), text) {
        piece = String(text[end..<next])
        (end, offset) = (next, token.range.upperBound)
      }
      pieces.append(piece)
      let isSpaced = piece.utf8.first.map { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 } ?? false
      if isAfterSpace || isSpaced { words.append(Int32(clamping: index)) }
      if isAfterLine { lines.append(Int32(clamping: index)) }
      guard let last = piece.utf8.last else {
        (isAfterSpace, isAfterLine) = (isAfterSpace && index == 0, isAfterLine && index == 0)
        continue
      }
      isAfterSpace = last == 0x20 || last == 0x0A || last == 0x09
      isAfterLine = piece.utf8.contains(0x0A)
    }
    // What the tokenizer dropped at the end belongs to the last token.
    if let last = pieces.indices.last, end < text.endIndex { pieces[last] += text[end...] }
    (self.ids, self.pieces, self.bytes) = (ids, pieces, bytes)
    (self.words, self.lines) = (words, lines)
  }

  /// The index of a byte, if a character ends before it.
  private static func boundary(
    _ offset: Int, after known: (index: String.Index, offset: Int), _ text: String
  ) -> String.Index? {
    guard let index = text.utf8.index(known.index, offsetBy: offset - known.offset, limitedBy: text.utf8.endIndex)
    else { return nil }
    return index.samePosition(in: text.unicodeScalars)
  }

  /// The tokens of the unit that a token belongs to. O(log units).
  func range(of token: Int, _ unit: ReadingUnit) -> Range<Int> {
    let starts: [Int32]
    switch unit {
    case .token: return token..<token + 1
    case .word: starts = words
    case .line: starts = lines
    }
    let number = number(of: token, starts)
    let first = number < 0 ? 0 : Int(starts[number])
    return first..<(number + 1 < starts.count ? Int(starts[number + 1]) : max(ids.count, first))
  }

  /// The number of the line of a token, from 0.
  func line(of token: Int) -> Int { max(0, number(of: token, lines)) }

  /// The index of the last start at or before a token; -1 if there is none.
  private func number(of token: Int, _ starts: [Int32]) -> Int {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(starts[middle]) <= token { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  /// The units of the text, in order.
  func ranges(_ unit: ReadingUnit) -> [Range<Int>] {
    let starts = unit == .word ? words : lines
    guard unit != .token else { return ids.indices.map { $0..<$0 + 1 } }
    return starts.indices.map { index in
      Int(starts[index])..<(index + 1 < starts.count ? Int(starts[index + 1]) : ids.count)
    }
  }
}

/// A document as a model reads it: the whole text of a prompt with the numbers of its tokens, which come while they are
/// computed.
public struct DocumentReading: Sendable, Equatable {
  /// The longest text, in bytes.
  static let mostBytes = 1 << 20

  /// The tab whose prompt is read.
  let tab: TabID
  /// The model that reads.
  let model: ModelReference
  /// The text; `nil` until its tokens are known.
  var text: DocumentText?
  /// The version of the request; `nil` before it.
  var version: Int?
  /// Whether more numbers may come.
  var isRunning = true
  /// The numbers that have come.
  var numbers = ReadingNumbers()
  /// Why there are no numbers, or no more.
  var failure: EngineError?
  /// What the colors show.
  var measure: ReadingMeasure
  /// What one color stands for.
  var unit = ReadingUnit.token
  /// The token under the cursor.
  var cursor = 0
  /// The first line shown, and the number of lines on the screen.
  var (top, rows) = (0, 1)
  /// The wrapped text.
  private(set) var flow = TextFlow(width: 1)
  private var isWrapped = false

  /// A reading that waits for the tokens of the text.
  init(tab: TabID, model: ModelReference, measure: ReadingMeasure) {
    (self.tab, self.model, self.measure) = (tab, model, measure)
  }

  /// Whether all but the wrapped text is equal.
  public static func == (left: DocumentReading, right: DocumentReading) -> Bool {
    // The wrapped text follows from the text and the size of the screen.
    left.tab == right.tab && left.model == right.model && left.text == right.text && left.version == right.version
      && left.isRunning == right.isRunning && left.numbers == right.numbers && left.failure == right.failure
      && left.measure == right.measure && left.unit == right.unit && left.cursor == right.cursor
      && left.top == right.top && left.rows == right.rows
  }

  /// Begins to read a text.
  mutating func begin(_ text: DocumentText, version: Int) {
    (self.text, self.version, isWrapped) = (text, version, false)
    cursor = text.pieces.firstIndex { !$0.isEmpty } ?? 0
  }

  /// Takes tokens with their numbers, if they are the awaited ones.
  mutating func receive(_ part: ScoredPart, version: Int) {
    guard self.version == version, let text, part.first == numbers.count else { return }
    for token in part.tokens where numbers.count < text.ids.count {
      numbers.append(token, bytes: Int(text.bytes[numbers.count]))
    }
  }

  /// Takes the end of the work.
  mutating func finish(_ failure: EngineError?, version: Int) {
    guard self.version == version else { return }
    (isRunning, self.failure) = (false, failure)
  }

  /// Wraps the text for a width and scrolls to the cursor.
  mutating func fit(_ size: Size) {
    guard let text else { return }
    if isWrapped {
      flow.rewrap(width: max(1, size.width))
    } else {
      flow = TextFlow(text.pieces.map { TextFlow.Token($0) }, width: max(1, size.width))
      isWrapped = true
    }
    rows = max(1, size.height)
    top = flow.top(showing: flow.line(of: cursor), from: top, height: rows)
  }

  // MARK: Figures

  /// The figures of all tokens whose numbers have come.
  var total: ReadingFigures? { numbers.figures(0..<numbers.count) }

  /// The figures of the unit that a token belongs to.
  func figures(_ token: Int, _ unit: ReadingUnit) -> ReadingFigures? {
    text.flatMap { numbers.figures($0.range(of: token, unit)) }
  }

  /// The position on the heat scale of a token's unit; `nil` while it is not known.
  func fraction(_ token: Int) -> Double? {
    // Nothing predicts the first token of a text. It has no color, even if the rest of its word has one.
    guard numbers.logprob(token) != nil, let figures = figures(token, unit) else { return nil }
    return measure.fraction(figures, by: unit)
  }

  // MARK: The cursor

  /// Moves the cursor by tokens that have a text.
  mutating func walk(by step: Int) {
    guard let text, !text.ids.isEmpty else { return }
    var target = cursor + step
    while text.pieces.indices.contains(target), text.pieces[target].isEmpty { target += step }
    if text.pieces.indices.contains(target) { cursor = target }
  }

  /// Moves the cursor to the first or last token.
  mutating func walk(toEnd: Bool) {
    guard let text else { return }
    let hit = toEnd ? text.pieces.lastIndex { !$0.isEmpty } : text.pieces.firstIndex { !$0.isEmpty }
    cursor = hit ?? 0
  }

  /// Moves the cursor by lines of the wrapped text, in the same column if possible.
  mutating func walk(lines: Int) {
    guard text != nil, flow.lineCount > 0 else { return }
    let here = flow.places(of: cursor).first?.origin ?? Point(0, flow.line(of: cursor))
    var line = min(max(here.y + lines, 0), flow.lineCount - 1)
    // A line without tokens, such as an empty one, is skipped.
    while (0..<flow.lineCount).contains(line) {
      for x in stride(from: min(here.x, flow.wrapped.width - 1), through: 0, by: -1) {
        if let token = flow.token(at: Point(x, line)) {
          cursor = token
          return
        }
      }
      line += lines < 0 ? -1 : 1
    }
  }

  /// Moves the cursor to the next or previous surprising unit. Returns whether there is one.
  mutating func walkToPeak(forward: Bool) -> Bool {
    guard let text else { return false }
    let ranges = text.ranges(unit)
    let isMean = unit == .line
    let peaks = SurprisePeaks.of(
      bits: ranges.map { range in
        guard range.lowerBound < numbers.count else { return nil }
        return numbers.figures(range).map { isMean ? $0.bitsPerToken : $0.bits }
      })
    let here = text.range(of: cursor, unit)
    let hit =
      forward
      ? peaks.first { ranges[$0].lowerBound >= here.upperBound }
      : peaks.last { ranges[$0].upperBound <= here.lowerBound }
    guard let hit else { return false }
    cursor = ranges[hit].first { !text.pieces[$0].isEmpty } ?? ranges[hit].lowerBound
    return true
  }
}
