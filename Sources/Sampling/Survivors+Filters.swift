/// The stages that scale or remove by probability. Where the reference has them in single precision over a full sort,
/// the sums here are in double and over the part of the order that decides.
extension Survivors {
  /// Applies one of these stages; leaves the others alone. Temperature 0 is the chain's business.
  mutating func filter(_ stage: SamplerStage, _ settings: SamplingSettings) {
    switch stage {
    case .temperature: divide(by: settings.temperature)
    case .topK: keepHighest(settings.topK)
    case .topP: keepNucleus(settings.topP)
    case .minP: keepAbove(share: settings.minP)
    case .typicalP: keepTypical(settings.typicalP)
    case .logitBias, .repetition, .presence, .frequency, .noRepeatNGram, .minTokens: return
    }
  }

  /// Keeps the id alone.
  mutating func keepOnly(_ id: Int) {
    guard let kept = index(of: id) else { return }
    retain { index, _ in index == kept }
  }

  private mutating func keepHighest(_ k: Int) {
    guard k < count else { return }
    let threshold = LogitOrder.threshold(k, of: logits)
    retain { _, logit in logit >= threshold }
  }

  /// From the least probable up, ids go while the mass of what has gone stays within 1 - p. Of equally probable ones
  /// the lower ids go first, as a stable sort has it.
  private mutating func keepNucleus(_ p: Double) {
    let (weights, total) = weighted()
    let limit = (1 - p) * total
    let highest = LogitRow.highest(of: logits)
    let distances = logits.map { highest - $0 }
    let first = Buckets.firstIndex(distances: distances, weights: weights, descending: true) { $0 > limit }
    let last = distances.lastIndex(of: 0) ?? 0
    let kept = first ?? last
    let threshold = logits[kept]
    retain { index, logit in logit > threshold || (logit == threshold && index >= kept) }
  }

  private mutating func keepAbove(share: Double) {
    let highest = Double(LogitRow.highest(of: logits))
    let threshold = Natural.log(share)
    retain { _, logit in Double(logit) - highest >= threshold }
  }

  private mutating func keepTypical(_ mass: Double) {
    let (weights, total) = weighted()
    let measure = LogitRow.measure(logits)
    let entropy = measure.entropy * Natural.ln2
    let distances = logits.map { Float(abs(-measure.logprob($0) - entropy)) }
    let limit = mass * total
    guard
      let last = Buckets.firstIndex(
        distances: distances, weights: weights, descending: false, isReached: { $0 >= limit })
    else { return }
    let threshold = distances[last]
    retain { index, _ in distances[index] <= threshold }
  }
}
