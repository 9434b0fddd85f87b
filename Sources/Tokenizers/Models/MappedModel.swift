/// A SentencePiece model whose pieces have the ids of another vocabulary, as in Marian and M2M-100. A piece that this
/// vocabulary lacks is unknown; a run of characters that the model does not know is looked up as a whole.
struct MappedModel: TokenModel {
  let vocabulary: Vocabulary
  private let model: any TokenModel
  /// The id of each piece of the model.
  private let ids: [Int]
  private let modelUnknownID: Int
  private let unknownID: Int

  /// - Parameters:
  ///   - model: splits a text into pieces.
  ///   - modelUnknownID: the model's id for unknown text.
  ///   - vocabulary: the ids of the pieces.
  ///   - unknownID: the vocabulary's id for unknown text.
  init(_ model: any TokenModel, modelUnknownID: Int, vocabulary: Vocabulary, unknownID: Int) {
    self.model = model
    self.modelUnknownID = modelUnknownID
    self.vocabulary = vocabulary
    self.unknownID = unknownID
    ids = (0..<model.vocabulary.idLimit).map { id in
      model.vocabulary.piece(of: id).flatMap { vocabulary.id(of: $0) } ?? unknownID
    }
  }

  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken]) {
    var pieces: [ModelToken] = []
    model.tokenize(piece, into: &pieces)
    var index = 0
    while index < pieces.count {
      var token = pieces[index]
      index += 1
      guard token.id == modelUnknownID else {
        token.id = ids[token.id]
        tokens.append(token)
        continue
      }
      while index < pieces.count, pieces[index].id == modelUnknownID {
        token.end = pieces[index].end
        index += 1
      }
      token.id = vocabulary.id(of: TextBuffer(rebasing: piece[token.start..<token.end])) ?? unknownID
      tokens.append(token)
    }
  }
}
