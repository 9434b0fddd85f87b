/// Turns one piece of text into tokens.
protocol TokenModel: Sendable {
  /// The model's own vocabulary, without added tokens.
  var vocabulary: Vocabulary { get }

  /// Appends the tokens of a piece that is not empty.
  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken])
}

/// A token that a model made: its id and the bytes of the piece that it covers.
struct ModelToken: Equatable {
  var id: Int
  var start: Int
  var end: Int
}

/// Whole words; what is not in the vocabulary is unknown.
struct WordLevelModel: TokenModel {
  let vocabulary: Vocabulary
  /// Without it unknown words vanish.
  let unknownID: Int?

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    guard let id = vocabulary.id(of: piece) ?? unknownID else { return }
    tokens.append(ModelToken(id: id, start: 0, end: piece.count))
  }
}

/// WordPiece as BERT uses it (Devlin et al. 2018): the longest piece that fits, from left to right; a word that cannot
/// be covered is unknown as a whole.
struct WordPieceModel: TokenModel {
  let vocabulary: Vocabulary
  let unknownID: Int
  /// Stands before every piece but a word's first, in the vocabulary.
  let continuingPrefix: [UInt8]
  /// Words of more characters are unknown.
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

/// Remembers the tokens of pieces within one text: words repeat, and copying is quicker than merging.
struct PieceCache {
  private struct Entry {
    var hash: UInt64 = 0
    var piece = 0..<0
    var tokens = 0..<0
  }

  private var entries: [Entry]
  private var hash: UInt64 = 0

  /// Pieces longer than this are rare, and long to compare.
  private static let longestPiece = 64

  /// A cache for a text of so many pieces; none for few.
  init(pieces: Int) {
    entries = pieces < 64 ? [] : Array(repeating: Entry(), count: 1 << min(14, 63 - pieces.leadingZeroBitCount))
  }

  /// Appends the tokens of an equal piece that was noted; `false` when there was none.
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

  /// Notes the tokens of the piece that was asked for last.
  mutating func note(_ piece: Range<Int>, tokens: Range<Int>) {
    guard !entries.isEmpty, piece.count <= Self.longestPiece else { return }
    entries[Int(truncatingIfNeeded: hash) & (entries.count - 1)] = Entry(hash: hash, piece: piece, tokens: tokens)
  }
}
