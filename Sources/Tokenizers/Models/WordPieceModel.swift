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
