import EngineAPI
import Sessions

/// The tokens that a stream or beam shows, read from the tree: those after the prompt on one path, or those of several
/// lines with one path each.
struct Trace: Sendable, Equatable {
  /// The translation of one line of several.
  struct Part: Sendable, Equatable {
    /// The index of its first token.
    var start: Int
    /// Where it ends in the tree.
    var place: Place
    /// The number of line breaks before it.
    var breaks: Int
  }

  /// The model whose vocabulary the tokens belong to.
  var model: ModelReference
  /// Where the text ends in the tree; of several lines, where the first one does.
  var place: Place
  /// The number of prompt tokens on the path before the first token.
  var promptCount = 0
  /// Whether the ids of the translation's source are known; `false` for a stream.
  var hasSource = false
  /// The tokens.
  var tokens = TokenPath()
  /// The lines; empty if all tokens lie on one path.
  var parts: [Part] = []

  /// The token range of the line that contains token `index`, and the line's end in the tree.
  func part(at index: Int) -> (start: Int, end: Int, place: Place) {
    guard let number = partNumber(at: index) else { return (0, tokens.count, place) }
    let end = number + 1 < parts.count ? parts[number + 1].start : tokens.count
    return (parts[number].start, end, parts[number].place)
  }

  /// The index of the end of the text: that of a final end-of-text token, otherwise the number of tokens.
  func end(endOfText: [Int]) -> Int {
    guard let last = tokens.last, endOfText.contains(last.token.id) else { return tokens.count }
    return tokens.count - 1
  }

  /// Appends another trace after the given number of line breaks.
  mutating func append(_ other: Trace, breaks: Int) {
    parts.append(Part(start: tokens.count, place: other.place, breaks: breaks))
    tokens.append(other.tokens)
  }

  /// The same without tokens and lines.
  var emptied: Trace { Trace(model: model, place: place, promptCount: promptCount, hasSource: hasSource) }

  /// What each token adds to the text, line ends between parts included.
  func pieces(endOfText: [Int], isComplete: Bool = true) -> [String] {
    let values = tokens.map(\.token)
    guard !parts.isEmpty else { return TokenPieces.pieces(values, endOfText: endOfText, isComplete: isComplete) }
    return parts.indices.flatMap { number in
      let end = number + 1 < parts.count ? parts[number + 1].start : values.count
      return TokenPieces.pieces(Array(values[parts[number].start..<end]), endOfText: endOfText)
    }
  }

  /// The number of line breaks after token `index`. Breaks between two parts belong to the last token of the first
  /// part.
  func breaks(behind index: Int) -> Int {
    guard index >= 0, let number = partNumber(at: index + 1), parts[number].start == index + 1 else { return 0 }
    return parts[number].breaks
  }

  /// The last part that begins at a token or before it. O(log parts).
  private func partNumber(at index: Int) -> Int? {
    var range = 0..<parts.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = parts[middle].start <= index ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound > 0 ? range.lowerBound - 1 : nil
  }

  /// The number of line breaks before the first token.
  var leadingBreaks: Int { parts.first?.breaks ?? 0 }
}

extension Trace {
  /// The text of the tokens, line ends between parts included.
  func text(endOfText: [Int]) -> String {
    let breaks = { (count: Int) in String(repeating: "\n", count: count) }
    return breaks(leadingBreaks)
      + pieces(endOfText: endOfText).enumerated().map { $1 + breaks(self.breaks(behind: $0)) }.joined()
  }
}

extension SessionTree {
  /// The tokens of a path after its prompt. O(nodes after the prompt).
  func trace(to place: Place, promptCount: Int = 0) -> Trace {
    let source = self[root(of: place)]?.source
    return Trace(
      model: origin(of: place.node)?.model ?? ModelReference(""), place: place, promptCount: promptCount,
      hasSource: source.map { length(of: $0) > 0 } ?? false, tokens: path(to: place, from: promptCount))
  }

  /// Cuts a trace before token `index` and adds a branch with the token that the user chose instead.
  mutating func branch(_ trace: Trace, at index: Int, taking token: ScoredToken) -> Trace {
    guard let here = self.place(trace.promptCount + index, on: trace.place) else { return trace }
    let place = branch(at: here, [token], by: add(.chosen(model: trace.model)))
    return self.trace(to: place, promptCount: trace.promptCount)
  }

  /// Everything up to the end of a trace as a context.
  func context(of trace: Trace) -> ModelContext {
    context(at: trace.place, model: trace.model) ?? ModelContext(model: trace.model, ids: [])
  }
}
