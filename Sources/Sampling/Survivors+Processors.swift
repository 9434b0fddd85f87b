/// The stages that change logits by what the text so far holds.
extension Survivors {
  /// Applies one of these stages; leaves the others alone.
  mutating func process(_ stage: SamplerStage, _ settings: SamplingSettings, _ history: TokenHistory) {
    let best = LogitOrder.best(logits)
    switch stage {
    case .logitBias:
      for (id, bias) in settings.logitBias { update(id) { $0 + Float(bias) } }
    case .repetition:
      let penalty = Float(settings.repetitionPenalty)
      for id in history.distinctIDs { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
    case .presence:
      let penalty = Float(settings.presencePenalty)
      for id in history.outputCounts.keys { update(id) { Self.bounded($0 - penalty) } }
    case .frequency:
      let penalty = Float(settings.frequencyPenalty)
      for (id, count) in history.outputCounts { update(id) { Self.bounded($0 - penalty * Float(count)) } }
    case .noRepeatNGram:
      for id in history.idsCompletingNGrams(of: settings.noRepeatNGramSize) { update(id) { _ in -.infinity } }
    case .minTokens:
      guard history.outputCount < settings.minTokens else { return }
      for id in history.endOfTextIDs { update(id) { _ in -.infinity } }
    case .temperature, .topK, .topP, .minP, .typicalP:
      return
    }
    clean(fallback: best)
  }

  /// A penalty makes a token unlikely, never impossible: what overflows stays at the ends of the numbers.
  static func bounded(_ logit: Float) -> Float {
    max(-.greatestFiniteMagnitude, min(logit, .greatestFiniteMagnitude))
  }
}
