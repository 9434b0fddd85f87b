import EngineAPI
import Platform
import TerminalUI

/// Maps a token's probability, rank or surprise to the heat scale, and builds the legend of the scale.
enum HeatScaleSteps {
  /// The position of a token on the scale, from 0 (expected) to 1 (surprising); `nil` if the token has no numbers.
  static func fraction(_ token: ScoredToken, _ measure: HeatMeasure) -> Double? {
    switch measure {
    case .probability: token.logprob.map { HeatPlace.probability(Probability.of(logprob: $0)) }
    case .rank: token.rank.map(HeatPlace.rank)
    case .surprise: token.logprob.map { HeatPlace.surprise(Probability.bits(logprob: $0)) }
    }
  }

  /// The color of something that is this probable.
  static func role(probability: Double) -> Role { .heat(fraction: HeatPlace.probability(probability)) }

  /// The color of a bar for something that is this probable.
  static func bar(probability: Double) -> Role { .bar(fraction: HeatPlace.probability(probability)) }

  /// The color of the bar of a candidate.
  ///
  /// - Parameter probability: the one that its bar shows: of the model, or after the chain.
  static func bar(_ ranked: RankedToken, probability: Double, _ measure: HeatMeasure) -> Role {
    switch measure {
    case .probability: bar(probability: probability)
    case .rank: ranked.rank.map { Role.bar(fraction: HeatPlace.rank($0)) } ?? bar(probability: probability)
    case .surprise: .bar(fraction: HeatPlace.surprise(-Probability.logarithm(probability) / Probability.logarithm(2)))
    }
  }

  /// The legend of a measure: the steps of the scale. For ranks, the first step contains only rank 1.
  static func legend(_ measure: HeatMeasure, isColored: Bool) -> HeatLegend {
    let words =
      switch measure {
      case .probability: [">50 %", ">10 %", ">1 %", "less"]
      case .rank: ["first", "to 5", "to 50", "beyond"]
      case .surprise: ["<1 bit", "<3", "<7", "more"]
      }
    let steps = words.enumerated().map { index, words in
      let isPoint = measure == .rank && index == 0
      return HeatLegend.Step(isPoint ? [0, 0] : [0.25, 0.75].map { HeatPlace.place(in: index, $0) }, words)
    }
    return HeatLegend("\(isColored ? "color" : "marks"): \(measure.rawValue)", steps: steps, isColored: isColored)
  }
}

/// Conversions between logarithms and probabilities.
enum Probability {
  /// The probability of a natural logarithm; 0 for NaN.
  static func of(logprob: Double) -> Double {
    guard !logprob.isNaN else { return 0 }
    return min(exp(logprob), 1)
  }

  /// The natural logarithm of a probability.
  static func logarithm(_ probability: Double) -> Double { log(probability) }

  /// `base` to the power of `exponent`.
  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  /// −log₂ of the probability of a natural logarithm: the surprise in bits.
  static func bits(logprob: Double) -> Double { max(0, -logprob / log(2)) }
}

/// Finds the tokens of a text that were surprising relative to the rest of the text.
///
/// The surprise of a token is −log₂ of the probability that the model gave it, in bits. A peak is a token whose
/// surprise is at least one standard deviation above the text's mean, at least one bit (the model held it for less
/// probable than not), higher than its left neighbor's and not lower than its right one's. So a text that is uncertain
/// everywhere has few peaks, and one that is certain everywhere has none. A token of probability 0 is a peak and counts
/// for neither mean nor deviation.
enum SurprisePeaks {
  /// The least surprise of a peak, in bits.
  static let least = 1.0

  /// The indexes of the peaks, in order. Tokens without probabilities are not peaks and do not count as neighbors.
  static func of(_ tokens: some Collection<ScoredToken>) -> [Int] {
    of(bits: tokens.map { $0.logprob.map { Probability.bits(logprob: $0) } })
  }

  /// The indexes of the peaks among surprises in bits; `nil` for what has none.
  static func of(bits: [Double?]) -> [Int] {
    let scored = bits.enumerated().compactMap { index, bits in bits.map { (index: index, bits: $0) } }
      .filter { !$0.bits.isNaN }
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
