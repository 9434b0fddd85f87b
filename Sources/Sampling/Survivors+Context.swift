/// The rules of ``ContextRules``, in the single precision of the reference.
extension Survivors {
  /// What acts before the chain.
  mutating func applyBefore(_ rules: ContextRules, _ history: TokenHistory) {
    guard rules.actsBefore else { return }
    let best = LogitOrder.best(logits)
    if !rules.sequenceBias.isEmpty { addBiases(rules.sequenceBias, history) }
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

  private mutating func addBiases(_ list: [ContextRules.SequenceBias], _ history: TokenHistory) {
    var biases: [[Int]: Double] = [:]
    for entry in list { biases[entry.ids] = entry.bias }
    // The biases of an id are summed before they are added: single ids first, then runs by the place of their length
    // in the list.
    var lengths: [Int] = [1]
    for entry in list where !lengths.contains(entry.ids.count) { lengths.append(entry.ids.count) }
    var sums: [Int: Float] = [:]
    for length in lengths {
      for entry in list where entry.ids.count == length && history.ids.hasSuffix(entry.ids.dropLast()) {
        guard let last = entry.ids.last, let bias = biases.removeValue(forKey: entry.ids) else { continue }
        sums[last, default: 0] += Float(bias)
      }
    }
    for (id, bias) in sums { update(id) { $0 + bias } }
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

extension [Int] {
  /// Whether the last ids are these.
  fileprivate func hasSuffix(_ other: ArraySlice<Int>) -> Bool {
    count >= other.count && suffix(other.count).elementsEqual(other)
  }
}
