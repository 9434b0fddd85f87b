import EngineAPI
import Sessions
import TerminalUI

extension Slot {
  /// The cross-attention of the shown translation.
  static let alignment = Slot(.translate, "alignment")
  /// The tokens of a text that the translation shall begin with.
  static let beginning = Slot(.translate, "beginning")
}

/// Which words of the source each word of the shown translation attends to.
struct AlignmentState: Sendable, Equatable {
  /// Whether the pane is shown, in place of the beams.
  var isShown = false
  private var request: InspectionRequest?
  private var awaited: Int?
  private var target: [TokenValue] = []
  /// The answer to the latest request.
  private(set) var alignment: WordAlignment?
  /// The words of the translation, with the indices of their tokens.
  private(set) var words: [WordAlignment.Word] = []
  /// Why there is none.
  private(set) var failure: EngineError?
  /// The rows on the screen and the chosen one.
  var window = ListWindow()

  /// Whether an answer is awaited.
  var isAwaited: Bool { awaited != nil }

  /// Notes a request for the translation of these tokens; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: InspectionRequest, _ tokens: [TokenValue], _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, failure, target) = (wanted, shell.nextVersion(), nil, tokens)
    return awaited
  }

  /// Takes the attention, if it is awaited.
  /// - Parameters:
  ///   - ends: the ids of special tokens, which belong to no word.
  ///   - prefix: what was put before the source.
  mutating func receive(
    _ result: Result<InspectionAnswer, EngineError>, _ ticket: Ticket, ends: [Int], prefix: String
  ) {
    guard awaited == ticket.version else { return }
    awaited = nil
    switch result {
    case .success(let answer):
      let source = Self.text(answer.source ?? [], ends: ends)
      let lead = source.bytes.first == UInt8(ascii: " ") && !prefix.hasPrefix(" ") ? 1 : 0
      // A row of the weights is that of the step which predicts a token of the translation.
      let written = Self.text(target, ends: ends)
      words = WordAlignment.Word.all(in: written.bytes, written.ranges)
      alignment = WordAlignment(
        answer.attention.filter { $0.kind == .cross },
        source: WordAlignment.Word.all(
          in: source.bytes, source.ranges, from: prefix.isEmpty ? 0 : prefix.utf8.count + lead),
        target: words)
    case .failure(let error): (alignment, words, failure) = (nil, [], error)
    }
    window.update(count: alignment.map { AlignmentView.rows($0, width: AlignmentView.leastWide) } ?? 0)
  }

  /// The text of tokens and the place of each in it; that of a special token is empty.
  private static func text(_ tokens: [TokenValue], ends: [Int]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    let ranges = tokens.map { token -> Range<Int> in
      let start = bytes.count
      if !ends.contains(token.id) { bytes += token.bytes }
      return start..<bytes.count
    }
    return (bytes, ranges)
  }

  mutating func clear() -> Bool {
    let wasAwaited = isAwaited
    (request, awaited, alignment, words, failure) = (nil, nil, nil, [], nil)
    return wasAwaited
  }

  mutating func stop() { awaited = nil }

  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }
}

extension TranslateState {
  /// The translation of the line at the cursor; `nil` without one whose source is known.
  var shownLine: Trace? {
    guard shownHypothesis != nil, beams.hypotheses.indices.contains(beams.chosen) else { return nil }
    let trace = beams.hypotheses[beams.chosen].trace
    return trace.hasSource ? trace : nil
  }

  /// Requests the attention of the shown translation while the pane is shown.
  mutating func askAlignment(_ shell: inout Shell) -> [Effect] {
    guard alignment.isShown, !beams.isBusy, let trace = shownLine else {
      return alignment.clear() ? [.cancel(.alignment)] : []
    }
    let context = shell.tree.context(of: trace)
    guard context.encoderIDs?.isEmpty == false, !context.ids.isEmpty else { return [] }
    let request = InspectionRequest(context: context, parts: [.attention], topCount: 1)
    return alignment.ask(request, trace.tokens.map(\.token), &shell).map {
      [.inspect(Ticket(.alignment, version: $0), request)]
    } ?? []
  }

  /// Begins a translation of the text with what was typed, as soon as its tokens are known.
  mutating func beginWaitingTranslation(_ shell: inout Shell) -> [Effect] {
    guard var beginning else { return [] }
    let effects = beginning.ask(.beginning, model, &shell)
    self.beginning = beginning
    if let failure = beginning.failure {
      self.beginning = nil
      shell.notice = failure.what
    }
    guard let tokens = beginning.tokens, answeredQuestion(shell) != nil else { return effects }
    self.beginning = nil
    // The tokenizer may add special tokens around the text.
    let own = tokens.tokens.indices.filter { !tokens.tokens[$0].isSpecial }.map { tokens.values[$0] }
    return effects + begin(with: own, &shell)
  }
}

/// The words of a translation and of its source, each with the word that it belongs to most.
///
/// A wide pane has both directions beside each other. A narrow one has the words of the translation, an empty row, and
/// the words of the source.
struct AlignmentView: Widget {
  /// The least width with both directions beside each other.
  static let leastWide = 44

  var tab: TranslateState
  var context: PaneContext

  /// The number of rows in a pane of this width inside.
  static func rows(_ alignment: WordAlignment, width: Int) -> Int {
    let (own, other) = (alignment.target.count, alignment.source.count)
    return width >= leastWide ? max(own, other) : own == 0 || other == 0 ? own + other : own + 1 + other
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var inside = rect
    if context.pane.isFramed {
      let note = rect.width >= 50 ? "cross-attention, mean of all heads" : ""
      inside = grid.box(rect, title: "Alignment", right: note, focused: context.isFocused, padded: false)
    }
    guard !inside.isEmpty else { return }
    guard let alignment = tab.alignment.alignment else {
      return grid.draw(DimLines(emptyLine), in: inside.inset(columns: 1, rows: 0))
    }
    var window = tab.alignment.window
    let isWide = inside.width >= Self.leastWide
    window.update(count: Self.rows(alignment, width: inside.width), height: inside.height)
    let half = isWide ? inside.width / 2 : inside.width
    for (row, index) in window.visible.enumerated() {
      let line = inside.row(row)
      drawTarget(index, alignment, in: Rect(line.x, line.y, half, 1), on: &grid)
      let source = isWide ? index : index - alignment.target.count - 1
      let start = isWide ? half : 0
      drawSource(source, alignment, in: Rect(line.x + start, line.y, inside.width - start, 1), on: &grid)
    }
  }

  /// A word of the translation with the word of the source that it attends to most.
  private func drawTarget(_ index: Int, _ alignment: WordAlignment, in line: Rect, on grid: inout CellGrid) {
    guard alignment.target.indices.contains(index) else { return }
    let weights = alignment.weights[index]
    let best = weights.indices.max { weights[$0] < weights[$1] }
    draw(
      alignment.target[index], best.map { alignment.source[$0] }, best.map { weights[$0] }, isHere: isHere(index),
      in: line, on: &grid)
  }

  /// A word of the source with the word of the translation that attends to it most.
  private func drawSource(_ index: Int, _ alignment: WordAlignment, in line: Rect, on grid: inout CellGrid) {
    guard alignment.source.indices.contains(index) else { return }
    let best = alignment.target.indices.max { alignment.weights[$0][index] < alignment.weights[$1][index] }
    draw(
      alignment.source[index], best.map { alignment.target[$0] }, best.map { alignment.weights[$0][index] },
      isHere: false, in: line, on: &grid)
  }

  /// Whether the cursor of the translation is in a word.
  private func isHere(_ word: Int) -> Bool {
    guard let cursor = tab.beams.cursor, tab.alignment.words.indices.contains(word) else { return false }
    let start = tab.beams.range(ofLine: tab.beams.current).lowerBound
    return tab.alignment.words[word].tokens.contains(cursor - start)
  }

  private func draw(
    _ word: String, _ other: String?, _ weight: Double?, isHere: Bool, in line: Rect, on grid: inout CellGrid
  ) {
    let names = max(4, (line.width - NumberText.percentWidth - 5) / 2)
    let role: Role = isHere ? .accent : .text
    grid.draw(
      visible(word, glyphs: grid.glyphs), at: Point(line.x + 1, line.y), style: Style(role, isHere ? .bold : []),
      maxWidth: names, truncation: .tail)
    guard let other, let weight else { return }
    grid.draw(
      visible(other, glyphs: grid.glyphs), at: Point(line.x + 2 + names, line.y), style: Style(.dim),
      maxWidth: names, truncation: .tail)
    let x = line.x + 3 + 2 * names
    guard x + NumberText.percentWidth <= line.maxX else { return }
    grid.draw(
      NumberText.percent(weight), at: Point(x, line.y), style: Style(HeatScaleSteps.role(probability: weight)))
  }

  private var emptyLine: String {
    if let failure = tab.alignment.failure { return failure.what }
    if tab.alignment.isAwaited { return "the model reads both texts" }
    return tab.beams.hypothesis == nil ? "nothing is translated yet" : ""
  }
}
