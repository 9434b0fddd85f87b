import HeapModule

/// SentencePiece's byte-pair encoding (Kudo and Richardson 2018): starts from characters and repeatedly merges the two
/// neighbors whose merged text has the highest score in the vocabulary, the leftmost among equals, until no merged text
/// is in the vocabulary. A character outside the vocabulary becomes its bytes.
struct ScoredPairModel: TokenModel {
  let vocabulary: Vocabulary
  /// The score of each id; NaN for pieces that merging never produces.
  private let scores: [Double]
  /// The id for characters without a token whose bytes have no tokens either; `nil` to drop them.
  private let unknownID: Int?
  /// The ids of bytes; `nil` if characters outside the vocabulary are unknown.
  private let byteIDs: [Int32]?
  /// Whether a run of unknown characters becomes one token.
  private let fusesUnknown: Bool
  /// Whether a piece of text that is in the vocabulary becomes one token without merging.
  private let takesWhole: Bool

  init(
    vocabulary: Vocabulary, scores: [Double], unknownID: Int?, byteFallback: Bool = true, fusesUnknown: Bool = false,
    takesWhole: Bool = false
  ) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknownID = unknownID
    byteIDs = byteFallback ? byteTokenIDs(vocabulary) : nil
    self.fusesUnknown = fusesUnknown
    self.takesWhole = takesWhole
  }

  /// A merged part of the text.
  private struct Symbol {
    var start: Int32
    /// In bytes; 0 after the symbol was merged into its predecessor.
    var length: Int32
    var previous: Int32
    var next: Int32
  }

  /// Two neighbors whose merged text is in the vocabulary.
  private struct Candidate: Comparable {
    var score: Double
    var left: Int32
    /// The length of both in bytes; used to detect that the pair has changed.
    var length: Int32

    static func < (a: Candidate, b: Candidate) -> Bool { a.score != b.score ? a.score > b.score : a.left < b.left }
    static func == (a: Candidate, b: Candidate) -> Bool { a.score == b.score && a.left == b.left }
  }

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    if takesWhole, let id = vocabulary.id(of: piece) {
      tokens.append(ModelToken(id: id, start: 0, end: piece.count))
      return
    }
    var symbols: [Symbol] = []
    symbols.reserveCapacity(piece.count)
    var index = 0
    while index < piece.count {
      let length = piece.scalar(at: index).length
      let number = Int32(symbols.count)
      symbols.append(Symbol(start: Int32(index), length: Int32(length), previous: number - 1, next: number + 1))
      index += length
    }
    if !symbols.isEmpty { symbols[symbols.count - 1].next = -1 }
    merge(&symbols, piece)
    for symbol in symbols where symbol.length > 0 { append(symbol, piece, &tokens) }
  }

  private func merge(_ symbols: inout [Symbol], _ piece: TextBuffer) {
    var heap = Heap<Candidate>()
    for left in symbols.indices.dropLast() { note(left, symbols, piece, &heap) }
    while let best = heap.popMin() {
      let left = Int(best.left)
      let symbol = symbols[left]
      guard symbol.length > 0, symbol.next >= 0 else { continue }
      let next = symbols[Int(symbol.next)]
      guard symbol.length + next.length == best.length else { continue }
      symbols[left].length = best.length
      symbols[left].next = next.next
      symbols[Int(symbol.next)].length = 0
      if next.next >= 0 { symbols[Int(next.next)].previous = best.left }
      note(left, symbols, piece, &heap)
      if symbol.previous >= 0 { note(Int(symbol.previous), symbols, piece, &heap) }
    }
  }

  /// Adds a symbol and its successor as a candidate if their merged text is in the vocabulary.
  private func note(_ left: Int, _ symbols: [Symbol], _ piece: TextBuffer, _ heap: inout Heap<Candidate>) {
    let symbol = symbols[left]
    guard symbol.next >= 0 else { return }
    let length = symbol.length + symbols[Int(symbol.next)].length
    guard Int(length) <= vocabulary.longestPiece else { return }
    let range = Int(symbol.start)..<Int(symbol.start + length)
    guard let id = vocabulary.id(of: TextBuffer(rebasing: piece[range])), id < scores.count, !scores[id].isNaN
    else { return }
    heap.insert(Candidate(score: scores[id], left: Int32(left), length: length))
  }

  private func append(_ symbol: Symbol, _ piece: TextBuffer, _ tokens: inout [ModelToken]) {
    let range = Int(symbol.start)..<Int(symbol.start + symbol.length)
    if let id = vocabulary.id(of: TextBuffer(rebasing: piece[range])) {
      tokens.append(ModelToken(id: id, start: range.lowerBound, end: range.upperBound))
    } else if let byteIDs, range.allSatisfy({ byteIDs[Int(piece[$0])] >= 0 }) {
      for index in range {
        tokens.append(ModelToken(id: Int(byteIDs[Int(piece[index])]), start: index, end: index + 1))
      }
    } else if fusesUnknown, let last = tokens.last, last.id == unknownID, last.end == range.lowerBound {
      tokens[tokens.count - 1].end = range.upperBound
    } else if let unknownID {
      tokens.append(ModelToken(id: unknownID, start: range.lowerBound, end: range.upperBound))
    }
  }
}
