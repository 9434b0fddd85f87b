import EngineAPI

/// Tokens made after a prompt, and the ids they go on from: what a stream or a beam shows.
struct Trace: Sendable, Equatable {
  /// A run of the tokens that goes on from ids of its own: the translation of one line of several.
  struct Part: Sendable, Equatable {
    /// The index of its first token.
    var start: Int
    /// What it goes on from.
    var context: ModelContext
    /// The line ends before it.
    var breaks: Int
  }

  /// The model, the encoder's ids, and the ids of the prompt.
  var context: ModelContext
  /// What was made.
  var tokens: [ScoredToken] = []
  /// Indexes of tokens that a person chose.
  var chosen: Set<Int> = []
  /// The parts; empty where all tokens go on from `context`.
  var parts: [Part] = []

  /// Everything up to token `index` as a context, of a trace without parts.
  func context(upTo index: Int) -> ModelContext {
    var result = context
    result.ids += tokens.prefix(max(0, index)).map(\.token.id)
    return result
  }

  /// The whole part that a place belongs to as a context, and the place in it.
  func partContext(at place: Int) -> (context: ModelContext, position: Int) {
    let part = part(at: place)
    var result = part.context
    result.ids += tokens[part.start..<part.end].map(\.token.id)
    return (result, place - part.start)
  }

  /// Where the part of token `index` begins and ends, and what it goes on from.
  func part(at index: Int) -> (start: Int, end: Int, context: ModelContext) {
    guard let number = partNumber(at: index) else { return (0, tokens.count, context) }
    let end = number + 1 < parts.count ? parts[number + 1].start : tokens.count
    return (parts[number].start, end, parts[number].context)
  }

  /// The place behind the last token; the last token itself where it ends the text.
  func end(endOfText: [Int]) -> Int {
    guard let last = tokens.last, endOfText.contains(last.token.id) else { return tokens.count }
    return tokens.count - 1
  }

  /// The trace cut before token `index`, with another token in its place.
  func branched(at index: Int, taking token: ScoredToken) -> Trace {
    var result = self
    result.tokens = Array(tokens.prefix(index)) + [token]
    result.chosen = chosen.filter { $0 < index }.union([index])
    return result
  }

  /// Another trace behind this one, after so many line ends.
  mutating func append(_ other: Trace, breaks: Int) {
    parts.append(Part(start: tokens.count, context: other.context, breaks: breaks))
    chosen.formUnion(other.chosen.map { $0 + tokens.count })
    tokens += other.tokens
  }

  /// What each token adds to the text, line ends between parts included.
  func pieces(endOfText: [Int], isComplete: Bool = true) -> [String] {
    let values = tokens.map(\.token)
    guard !parts.isEmpty else { return TokenPieces.pieces(values, endOfText: endOfText, isComplete: isComplete) }
    return parts.flatMap { part in
      TokenPieces.pieces(Array(values[part.start..<self.part(at: part.start).end]), endOfText: endOfText)
    }
  }

  /// The line ends that stand before token `index`, or behind it: those between two parts stand behind the first.
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

  /// The line ends before the first token.
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

/// A text that can be gone back to.
protocol KeptBranch: Sendable, Equatable {
  /// How many tokens it holds, of all its texts: what its memory grows with.
  var tokenCount: Int { get }
}

/// The states before each branch, so that one can go back and forth. Values of the whole branch are kept (they share
/// storage): a tree of branches is made of the same moves.
struct BranchHistory<Branch: KeptBranch>: Sendable, Equatable {
  /// The oldest are dropped beyond this many.
  static var most: Int { 200 }
  /// The oldest are dropped beyond this many tokens together, the last one stays: some 350 bytes are kept of each.
  static var mostTokens: Int { 16_384 }
  private(set) var past: [Branch] = []
  private(set) var undone: [Branch] = []
  /// Whether there is nothing to go back or forth to.
  var isEmpty: Bool { past.isEmpty && undone.isEmpty }

  /// Remembers `branch` before it is left for another one.
  mutating func leave(_ branch: Branch) {
    past.append(branch)
    undone = []
    var tokens = 0
    let kept = past.suffix(Self.most).reversed().prefix { branch in
      tokens += branch.tokenCount
      return tokens <= Self.mostTokens
    }
    past.removeFirst(past.count - max(1, kept.count))
  }

  /// The branch before `current`.
  mutating func back(from current: Branch) -> Branch? {
    guard let last = past.popLast() else { return nil }
    undone.append(current)
    return last
  }

  /// The branch that was left by `back(from:)` last.
  mutating func forward(from current: Branch) -> Branch? {
    guard let next = undone.popLast() else { return nil }
    past.append(current)
    return next
  }
}
