import EngineAPI

/// The places of a text at which its model was surprised, measured by the text itself.
///
/// The surprise of a token is −log₂ of the probability that the model gave it, in bits. A peak is a token whose surprise
/// is at least one standard deviation above the text's mean, at least one bit (the model held it for less probable than
/// not), higher than its left neighbour's and not lower than its right one's. So a text that is uncertain everywhere has
/// few peaks, and one that is certain everywhere has none. A token of probability 0 is a peak and counts for neither mean
/// nor deviation.
enum SurprisePeaks {
  /// The least surprise of a peak, in bits.
  static let least = 1.0

  /// The indexes of the peaks, in order. Tokens without numbers are none, and are no neighbours.
  static func of(_ tokens: [ScoredToken]) -> [Int] {
    let scored = tokens.enumerated().compactMap { index, token in
      token.logprob.map { (index: index, bits: Probability.bits(logprob: $0)) }
    }.filter { !$0.bits.isNaN }
    let finite = scored.lazy.map(\.bits).filter(\.isFinite)
    let count = Double(max(finite.count, 1))
    let mean = finite.reduce(0, +) / count
    let variance = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let bound = max(mean + variance.squareRoot(), least)
    return scored.indices.filter { place in
      let bits = scored[place].bits
      let left = place > 0 ? scored[place - 1].bits : -1
      let right = place + 1 < scored.count ? scored[place + 1].bits : -1
      return bits == .infinity || bits >= bound && bits > mean && bits > left && bits >= right
    }.map { scored[$0].index }
  }
}
