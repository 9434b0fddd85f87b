/// Post-processors one after the other.
struct PostProcessorSequence: PostProcessor {
  let parts: [any PostProcessor]

  func process(_ tokens: inout [EncodedToken], addSpecialTokens: Bool, _ context: PostProcessingContext) {
    for part in parts { part.process(&tokens, addSpecialTokens: addSpecialTokens, context) }
  }
}
