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
