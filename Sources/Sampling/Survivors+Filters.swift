/// The stages that scale or remove by probability. Where the reference has them in single precision over a full sort,
/// the sums here are in double and over the part of the order that decides.
///
/// `least` is how many ids a stage leaves at least, where there are as many (`min_tokens_to_keep` of the reference).
extension Survivors {
  /// Keeps the id alone.
  mutating func keepOnly(_ id: Int) {
    guard let kept = index(of: id) else { return }
    retain { index, _ in index == kept }
  }

  /// Keeps the `k` highest logits, ties included.
  mutating func keepHighest(_ k: Int) {
    guard k < count else { return }
    let threshold = LogitOrder.threshold(k, of: logits)
    retain { _, logit in logit >= threshold }
  }

  /// From the least probable up, ids go while the mass of what has gone stays within 1 - p. Of equally probable ones
  /// the lower ids go first, as a stable sort has it.
  mutating func keepNucleus(_ p: Double, least: Int) {
    let (weights, total) = weighted()
    let limit = (1 - p) * total
    let highest = LogitRow.highest(of: logits)
    let distances = logits.map { highest - $0 }
    let first = Buckets.firstIndex(distances: distances, weights: weights, descending: true) { $0 > limit }
    let last = distances.lastIndex(of: 0) ?? 0
    var kept = first ?? last
    if least > 1 {
      let other = lowestOfHighest(least)
      if logits[other] < logits[kept] || (logits[other] == logits[kept] && other < kept) { kept = other }
    }
    let threshold = logits[kept]
    retain { index, logit in logit > threshold || (logit == threshold && index >= kept) }
  }

  /// The index of the `count`-th highest logit; of equal ones the higher index counts as the higher.
  private func lowestOfHighest(_ count: Int) -> Int {
    let threshold = LogitOrder.threshold(count, of: logits)
    var missing = count - logits.reduce(0) { $1 > threshold ? $0 + 1 : $0 }
    for index in logits.indices.reversed() where logits[index] == threshold {
      missing -= 1
      if missing <= 0 { return index }
    }
    return logits.firstIndex(of: threshold) ?? 0
  }

  /// Keeps the ids that are at least `share` times as probable as the best.
  mutating func keepAbove(share: Double, least: Int) {
    let highest = Double(LogitRow.highest(of: logits))
    let threshold = Natural.log(share)
    let always = least > 1 ? Set(LogitOrder.highest(least, of: logits)) : []
    retain { index, logit in Double(logit) - highest >= threshold || always.contains(index) }
  }

  /// Keeps the ids whose surprise is nearest to the entropy, up to a mass.
  mutating func keepTypical(_ mass: Double, least: Int) {
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
    let always = least > 1 ? Set(LogitOrder.highest(least, of: distances.map { -$0 })) : []
    retain { index, _ in distances[index] <= threshold || always.contains(index) }
  }
}
