import Sampling

extension Distribution {
  /// Refuses logits from which no distribution follows.
  /// - Parameter position: the place of the token that they predict, for the message.
  /// - Throws: ``GenerationError/flawedLogits(_:position:)``.
  public func check(at position: Int) throws(GenerationError) {
    if let flaw { throw .flawedLogits(flaw, position: position) }
  }
}

extension SamplerChain {
  /// Refuses what was drawn last from logits that are no distribution, or against every mask and penalty.
  /// - Parameter position: the place of the token, for the message.
  /// - Throws: ``GenerationError/flawedLogits(_:position:)``, ``GenerationError/nothingLeft(position:)``.
  func check(at position: Int) throws(GenerationError) {
    if let flaw { throw .flawedLogits(flaw, position: position) }
    if hasNothingLeft { throw .nothingLeft(position: position) }
  }
}
