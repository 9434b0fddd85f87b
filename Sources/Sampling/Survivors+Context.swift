/// The rules of ``ContextRules``, in the single precision of the reference.
extension Survivors {
  /// What acts before the chain.
  mutating func applyBefore(_ rules: ContextRules, _ history: TokenHistory) {
    guard rules.actsBefore else { return }
    let best = LogitOrder.best(logits)
    if !biases.isEmpty {
      for (id, bias) in biases.sums(behind: history.ids) { update(id) { $0 + bias } }
    }
    if rules.encoderRepetitionPenalty != 1 {
      // The reference takes the inverse as the penalty: what the source holds is favoured.
      let penalty = Float(1 / rules.encoderRepetitionPenalty)
      for id in Set(history.source) { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
    }
    if rules.encoderNoRepeatNGramSize > 0 {
      for id in history.sourceIDsCompletingNGrams(of: rules.encoderNoRepeatNGramSize) { update(id) { _ in -.infinity } }
    }
    clean(fallback: best)
  }

  /// The decay of length: adds |logit| · (factor^n - 1) to the logits of the ends of text.
  mutating func apply(_ decay: ContextRules.LengthDecay?, _ history: TokenHistory) {
    guard let decay, history.outputCount > decay.start else { return }
    let best = LogitOrder.best(logits)
    let power = Natural.integerPower(decay.factor, history.outputCount - decay.start) - 1
    for id in Set(history.endOfTextIDs) { update(id) { Self.bounded($0 + abs($0) * Float(power)) } }
    clean(fallback: best)
  }

  /// Makes the logits natural logarithms of probabilities.
  mutating func renormalize() {
    let measure = LogitRow.measure(logits)
    for index in 0..<count {
      let id = id(at: index)
      update(id) { Float(measure.logprob($0)) }
    }
  }
}
