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
