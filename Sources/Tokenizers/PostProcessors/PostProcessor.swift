/// Completes an encoding: trims ranges and sets special tokens around.
protocol PostProcessor: Sendable {
  /// - Parameters:
  ///   - tokens: the encoding.
  ///   - addSpecialTokens: whether special tokens are wanted.
  ///   - context: the text and the pieces of the tokens.
  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext)
}
