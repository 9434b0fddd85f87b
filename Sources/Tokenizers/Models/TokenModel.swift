/// Turns one piece of text into tokens.
protocol TokenModel: Sendable {
  /// The model's own vocabulary, without added tokens.
  var vocabulary: Vocabulary { get }

  /// Appends the tokens of a piece that is not empty.
  func tokenize(_ piece: TextBuffer, into tokens: inout [ModelToken])
}
