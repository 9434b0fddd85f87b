/// Tokenizes one piece of text.
protocol TokenModel: Sendable {
  /// The model's own vocabulary, without added tokens.
  var vocabulary: Vocabulary { get }

  /// Appends the tokens of a non-empty piece.
  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken])
}

/// A token of a piece: its id and the byte range it covers in the piece.
struct ModelToken: Equatable {
  var id: Int
  var start: Int
  var end: Int
}

/// One token per word; words outside the vocabulary are unknown.
struct WordLevelModel: TokenModel {
  let vocabulary: Vocabulary
  /// If `nil`, unknown words are dropped.
  let unknownID: Int?

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    guard let id = vocabulary.id(of: piece) ?? unknownID else { return }
    tokens.append(ModelToken(id: id, start: 0, end: piece.count))
  }
}

/// WordPiece as in BERT (Devlin et al. 2018): greedy longest match from left to right. A word that cannot be covered
/// completely becomes one unknown token.
struct WordPieceModel: TokenModel {
  let vocabulary: Vocabulary
  let unknownID: Int
  /// The prefix, in the vocabulary, of every piece except a word's first.
  let continuingPrefix: [UInt8]
  /// Words of more characters become the unknown token.
  let mostCharacters: Int

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    let first = tokens.count
    var key: [UInt8] = []
    var start = 0
    let covered = piece.scalarCount(0..<piece.count) <= mostCharacters
    while covered, start < piece.count {
      key = start > 0 ? continuingPrefix : []
      let prefix = key.count
      var end = min(piece.count, start + max(vocabulary.longestPiece - prefix, 0))
      while end > start, end < piece.count, piece[end] & 0xC0 == 0x80 { end -= 1 }
      key.append(contentsOf: piece[start..<end])
      var found: Int?
      while end > start {
        found = vocabulary.id(of: key)
        if found != nil { break }
        let length = piece.scalar(before: end).length
        end -= length
        key.removeLast(length)
      }
      guard let found else { break }
      tokens.append(ModelToken(id: found, start: start, end: end))
      start = end
    }
    if start < piece.count {
      tokens.removeLast(tokens.count - first)
      tokens.append(ModelToken(id: unknownID, start: 0, end: piece.count))
    }
  }
}

/// A direct-mapped cache of the pieces of one text and their tokens. Words repeat, and copying tokens is faster than
/// merging again.
struct PieceCache {
  private struct Entry {
    var hash: UInt64 = 0
    var piece = 0..<0
    var tokens = 0..<0
  }

  private var entries: [Entry]
  private var hash: UInt64 = 0

  /// Longer pieces are not cached: they rarely repeat and are slow to compare.
  private static let longestPiece = 64

  /// A cache for a text of `pieces` pieces. Texts of few pieces get none.
  init(pieces: Int) {
    entries = pieces < 64 ? [] : Array(repeating: Entry(), count: 1 << min(14, 63 - pieces.leadingZeroBitCount))
  }

  /// If an equal piece is cached, appends its tokens and returns `true`.
  mutating func repeatTokens(of piece: Range<Int>, _ text: TextBuffer, _ tokens: inout [ModelToken]) -> Bool {
    guard !entries.isEmpty, piece.count <= Self.longestPiece else { return false }
    let bytes = TextBuffer(rebasing: text[piece])
    hash = hashBytes(bytes, seed: 0x9E37_79B9_7F4A_7C15)
    let entry = entries[Int(truncatingIfNeeded: hash) & (entries.count - 1)]
    guard entry.hash == hash, entry.piece.count == piece.count else { return false }
    for index in 0..<bytes.count where text[entry.piece.lowerBound + index] != bytes[index] { return false }
    for index in entry.tokens { tokens.append(tokens[index]) }
    return true
  }

  /// Stores the tokens of the piece of the last lookup.
  mutating func note(_ piece: Range<Int>, tokens: Range<Int>) {
    guard !entries.isEmpty, piece.count <= Self.longestPiece else { return }
    entries[Int(truncatingIfNeeded: hash) & (entries.count - 1)] = Entry(hash: hash, piece: piece, tokens: tokens)
  }
}
