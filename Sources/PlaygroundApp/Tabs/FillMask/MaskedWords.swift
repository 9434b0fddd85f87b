import EngineAPI
import TerminalUI

extension Slot {
  /// The words of a text without masks.
  static let maskedWords = Slot(.fillMask, "words")
}

/// A text without masks word by word: the pseudo-log-likelihood of each word, the least likely ones, and what would be
/// likelier in their place.
struct MaskedWords: Sendable, Equatable {
  /// A word.
  struct Word: Sendable, Equatable {
    /// Its UTF-8 bytes in the text.
    var range: Range<Int>
    /// Its text.
    var text: String
    /// The number of its tokens.
    var pieces: Int
    /// The sum of the natural logarithms of its tokens' probabilities; `nil` if one is not known.
    var logprob: Double?
    /// Whether it is one of the least likely.
    var isLeast = false
    /// The most probable tokens that are likelier in its place; of a word of several pieces none.
    var likelier: [RankedToken] = []
  }

  /// The number of likelier tokens that are listed.
  static let listed = 5

  private var request: ScoreRequest?
  private var awaited: Int?
  /// The words, once they are known.
  private(set) var words: [Word] = []
  /// Why there are no words.
  private(set) var failure: EngineError?
  /// The words on the screen and the chosen one.
  var window = ListWindow()

  /// Whether an answer is awaited.
  var isAwaited: Bool { awaited != nil }

  /// Notes a request; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: ScoreRequest, _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, failure) = (wanted, shell.nextVersion(), nil)
    return awaited
  }

  /// Takes the scored tokens, if they are the awaited ones.
  mutating func receive(_ result: Result<[ScoredToken], EngineError>, _ ticket: Ticket, _ prompt: PromptState) {
    guard awaited == ticket.version else { return }
    awaited = nil
    switch result {
    case .success(let tokens): words = Self.words(tokens, prompt)
    case .failure(let error): (words, failure) = ([], error)
    }
    window.update(count: words.count)
    let least = words.indices.min { (words[$0].logprob ?? 0) < (words[$1].logprob ?? 0) }
    window.select(least ?? 0)
  }

  /// Forgets everything. Returns whether an answer was awaited.
  mutating func clear() -> Bool {
    let wasAwaited = isAwaited
    if request != nil || failure != nil || !words.isEmpty { self = Self() }
    return wasAwaited
  }

  mutating func stop() { awaited = nil }

  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }

  private static func words(_ tokens: [ScoredToken], _ prompt: PromptState) -> [Word] {
    let bytes = Array(prompt.tokenizedText.utf8)
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let spans = prompt.tokens.tokens.map { prompt.range(of: $0) }
    var words: [Word] = []
    var place = 0
    while place < bytes.count {
      guard !isSpace(bytes[place]) else {
        place += 1
        continue
      }
      let end = bytes[place...].firstIndex(where: isSpace) ?? bytes.count
      let own = spans.indices.filter { (spans[$0]?.overlaps(place..<end) ?? false) && tokens.indices.contains($0) }
      let logprobs = own.compactMap { tokens[$0].logprob }
      var word = Word(
        range: place..<end, text: String(decoding: bytes[place..<end], as: UTF8.self), pieces: own.count,
        logprob: logprobs.count == own.count && !own.isEmpty ? logprobs.reduce(0, +) : nil)
      // A word with punctuation has one piece with letters, which alone is replaced.
      let lettered = own.filter { index in
        spans[index].map { String(decoding: bytes[$0], as: UTF8.self).contains { $0.isLetter || $0.isNumber } } ?? false
      }
      if lettered.count == 1, let logprob = tokens[lettered[0]].logprob {
        word.likelier = tokens[lettered[0]].top.filter { ($0.logprob ?? -.infinity) > logprob }
      }
      words.append(word)
      place = end
    }
    for index in LeastLikely.indices(of: words.map(\.logprob)) { words[index].isLeast = true }
    return words
  }
}

extension FillMaskState {
  /// Whether the text has words and no masks, so that its words are shown.
  var showsWords: Bool { gaps.isEmpty && !prompt.editor.isEmpty }

  /// Requests the words of a text without masks.
  mutating func askWords(_ shell: inout Shell) -> [Effect] {
    guard showsWords, shell.information(model) != nil, tooLong(shell) == nil else {
      return words.clear() ? [.cancel(.maskedWords)] : []
    }
    guard answeredQuestion(shell) != nil, prompt.ownCount > 0 else { return [] }
    let request = ScoreRequest(context: ModelContext(model: model, ids: prompt.ids), topCount: MaskedWords.listed)
    return words.ask(request, &shell).map { [.score(Ticket(.maskedWords, version: $0), request)] } ?? []
  }

  /// Puts a mask in place of the chosen word, so that its candidates are shown.
  mutating func maskChosenWord(_ shell: inout Shell) {
    guard let mask = shell.information(model)?.maskToken?.text, words.words.indices.contains(words.window.selected)
    else { return }
    var range = words.words[words.window.selected].range
    guard prompt.editor.text == prompt.tokenizedText else { return }
    // Punctuation at the end of a word stays.
    let bytes = Array(prompt.editor.text.utf8)
    let isMark = { (byte: UInt8) in byte < 0x80 && Character(Unicode.Scalar(byte)).isPunctuation }
    while range.count > 1, isMark(bytes[range.upperBound - 1]) { range = range.lowerBound..<range.upperBound - 1 }
    prompt.editor.replace(range, with: mask)
  }
}

/// Draws the words of a text without masks.
struct MaskedWordsView: Widget {
  var tab: FillMaskState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    let words = tab.words.words
    if context.pane.isFramed {
      let sum = words.compactMap(\.logprob).reduce(0, +)
      let note = words.isEmpty ? "" : "together \(NumberText.fixed(sum, decimals: 2)) nats"
      let title = "Word by word"
      inside = grid.box(
        rect, title: title, right: title.columnWidth + note.columnWidth + 9 <= rect.width ? note : "",
        focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard !words.isEmpty else {
      return grid.draw(DimLines(tab.wordsLine(context.shell)), in: inside.inset(columns: 1, rows: 0))
    }
    var window = tab.words.window
    window.update(count: words.count, height: inside.height)
    let longest = window.visible.map { visible(words[$0].text).columnWidth }.max() ?? 0
    let column = min(max(longest, 6), max(6, inside.width / 3))
    for (row, index) in window.visible.enumerated() {
      draw(
        words[index], isChosen: index == window.selected && context.isFocused, column, in: inside.row(row), on: &grid)
    }
  }

  private func draw(
    _ word: MaskedWords.Word, isChosen: Bool, _ column: Int, in line: Rect, on grid: inout CellGrid
  ) {
    let ground: Role? = isChosen ? .selection : nil
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    let mean = Probability.of(logprob: (word.logprob ?? 0) / Double(max(1, word.pieces)))
    let fraction = HeatPlace.probability(mean)
    let isPlain = context.colors == .none
    grid.draw(
      visible(word.text, glyphs: grid.glyphs), at: Point(line.x + 1, line.y),
      style: Style(isPlain ? .text : .heat(fraction: fraction), on: ground, word.isLeast ? .bold : []),
      maxWidth: column, truncation: .tail)
    var x = line.x + 2 + column
    if isPlain { grid.draw(grid.glyphs.shade(fraction), at: Point(x, line.y), style: Style(.text, on: ground)) }
    x += 1
    let number = word.logprob.map { NumberText.logProbability($0) } ?? "not known"
    grid.draw(number, at: Point(x, line.y), style: Style(.dim, on: ground), maxWidth: max(0, line.maxX - x))
    x += NumberText.logProbabilityWidth + 2
    guard x < line.maxX else { return }
    let better = word.likelier.map { visible(bytes: $0.token.bytes, glyphs: grid.glyphs) }.joined(separator: " ")
    let spans = [
      Span(word.isLeast ? (better.isEmpty ? "least likely" : "least likely: ") : "", Style(.accent, on: ground)),
      Span(word.isLeast ? better : "", Style(.text, on: ground)),
    ]
    grid.draw(spans, at: Point(x, line.y), maxWidth: line.maxX - x - 1)
  }
}

extension FillMaskState {
  /// Why there are no words yet.
  func wordsLine(_ shell: Shell) -> String {
    if let line = modelLine(shell) { return line }
    if let failure = words.failure ?? prompt.failure ?? tooLong(shell) { return failure.what }
    return words.isAwaited ? "every token is masked once" : ""
  }
}
