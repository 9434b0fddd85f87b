/// The stages that scale logits or remove ids by probability. transformers sorts the whole row and adds in single
/// precision; here sums are in double precision and only the deciding part is sorted.
///
/// `least` is the minimum number of ids that a stage keeps (`min_tokens_to_keep` in transformers).
extension Survivors {
  /// Keeps only this id.
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

  /// Removes ids from the least probable up, as long as the removed probability mass is at most 1 - p. Of equally
  /// probable ids the lower ones are removed first, as after a stable sort.
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

  /// The index of the `count`-th highest logit. Of equal logits, the one with the higher index counts as higher.
  private func lowestOfHighest(_ count: Int) -> Int {
    let threshold = LogitOrder.threshold(count, of: logits)
    var missing = count - logits.reduce(0) { $1 > threshold ? $0 + 1 : $0 }
    for index in logits.indices.reversed() where logits[index] == threshold {
      missing -= 1
      if missing <= 0 { return index }
    }
    return logits.firstIndex(of: threshold) ?? 0
  }

  /// Keeps the ids that are at least `share` times as probable as the most probable one.
  mutating func keepAbove(share: Double, least: Int) {
    let highest = Double(LogitRow.highest(of: logits))
    let threshold = Natural.log(share)
    let always = least > 1 ? Set(LogitOrder.highest(least, of: logits)) : []
    retain { index, logit in Double(logit) - highest >= threshold || always.contains(index) }
  }

  /// Keeps the ids whose surprise is closest to the entropy, up to a probability mass.
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

/// Stages that filter by an absolute probability, by entropy or by the standard deviation of logits, and stages that
/// act on the most probable ids.
extension Survivors {
  /// Divides by a temperature that grows with the entropy (llama.cpp's dynamic temperature): at entropy 0 it is
  /// `temperature - range`, but not below 0; at the maximum entropy, the logarithm of the number of ids, it is
  /// `temperature + range`. Between them it is interpolated by (entropy / maximum) to the power `exponent`.
  mutating func divide(byDynamic temperature: Double, range: Double, exponent: Double) {
    guard count > 1 else { return }
    let entropy = LogitRow.measure(logits).entropy * Natural.ln2
    let share = min(entropy / Natural.log(Double(count)), 1)
    let power = share > 0 ? Natural.power(share, exponent) : (exponent == 0 ? 1 : 0)
    let low = max(0, temperature - range)
    let chosen = low + (temperature + range - low) * power
    if chosen > 0 { divide(by: chosen) } else { keepOnly(id(at: LogitOrder.best(logits))) }
  }

  /// Keeps the ids whose logit is within `multiple` standard deviations of the highest one (Tang et al. 2024). The
  /// standard deviation is the population one, over all remaining ids.
  mutating func keepWithinDeviations(_ multiple: Double, least: Int) {
    guard count > 1 else { return }
    let mean = logits.reduce(0.0) { $0 + Double($1) } / Double(count)
    let variance = logits.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
    let lowest = Double(LogitRow.highest(of: logits)) - multiple * variance.squareRoot()
    let always = LogitOrder.threshold(least, of: logits)
    retain { _, logit in Double(logit) >= lowest || logit >= always }
  }

  /// Keeps the ids with at least this probability (Hewitt et al. 2022).
  mutating func keepAbove(probability: Double, least: Int) {
    let measure = LogitRow.measure(logits)
    let lowest = Natural.log(probability)
    let always = LogitOrder.threshold(least, of: logits)
    retain { _, logit in measure.logprob(logit) >= lowest || logit >= always }
  }

  /// Keeps the ids with at least the probability min(`epsilon`, `√epsilon · e^-entropy`) (Hewitt et al. 2022).
  mutating func keepAbove(entropyScaled epsilon: Double, least: Int) {
    let entropy = LogitRow.measure(logits).entropy * Natural.ln2
    keepAbove(probability: min(epsilon, epsilon.squareRoot() * Natural.exp(-entropy)), least: least)
  }

  /// Keeps the most probable ids as long as their sum of entropy terms is at most `share` of the entropy (top-H
  /// decoding, arXiv 2509.02510). Only the 100 most probable ids are considered, as in transformers.
  mutating func keepEntropy(_ share: Double) {
    let best = LogitOrder.highest(100, of: logits)
    let measure = LogitRow.measure(best.map { logits[$0] })
    let parts = best.map { index in
      let logprob = measure.logprob(logits[index])
      return -Natural.exp(logprob) * logprob
    }
    let limit = parts.reduce(0, +) * share
    var sum = 0.0
    let kept = Set(
      zip(best, parts).prefix { _, part in
        sum += part.isNaN ? 0 : part
        return sum <= limit
      }.map(\.0))
    retain { index, _ in index == best[0] || kept.contains(index) }
  }

  /// Removes all ids with at least the probability `threshold` except the least probable of them (llama.cpp's XTC). Of
  /// equally probable ids the highest id is kept.
  mutating func removeTopChoices(threshold: Double, least: Int) {
    guard count > 1, threshold <= 0.5 else { return }
    let measure = LogitRow.measure(logits)
    let lowest = Natural.log(threshold)
    var last = 0
    var choices = 0
    for index in logits.indices where measure.logprob(logits[index]) >= lowest {
      if choices == 0 || logits[index] <= logits[last] { last = index }
      choices += 1
    }
    guard choices > 1, count - choices + 1 >= least else { return }
    retain { index, logit in index == last || measure.logprob(logit) < lowest }
  }

  /// Keeps the ids whose surprise, in bits, is at most `surprise` (mirostat 2; Basu et al. 2021).
  mutating func keepBelow(surprise: Double) {
    let measure = LogitRow.measure(logits)
    retain { _, logit in -measure.logprob(logit) / Natural.ln2 <= surprise }
  }
}
