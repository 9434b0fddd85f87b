import EngineAPI
import TerminalUI

/// From a token's numbers to its place on the heat scale, with steps that a legend can name.
enum HeatScaleSteps {
  /// The logarithm of the probability below which a token counts as uncertain: 10 %, a step of the legend.
  static let uncertainLogprob = -2.302_585_092_994_046

  /// The place of a token on the scale, 0…1; `nil` where the token has no numbers.
  static func fraction(_ token: ScoredToken, _ measure: HeatMeasure) -> Double? {
    switch measure {
    case .probability: token.logprob.map { probability(Probability.of(logprob: $0)) }
    case .rank: token.rank.map(rank)
    case .surprise: token.logprob.map { surprise(Probability.bits(logprob: $0)) }
    }
  }

  /// 1 %, 10 % and 50 % are the quarters of the scale; within each it grows evenly.
  static func probability(_ value: Double) -> Double { place(value, among: [0, 0.01, 0.1, 0.5, 1]) }

  /// The first is hot; rank 5 and rank 50 end the next two quarters.
  private static func rank(_ rank: Int) -> Double {
    rank <= 1 ? 1 : 1 - place(Double(rank - 1), among: [0, 0.99, 4.99, 49.99, 1000])
  }

  /// Bits: 1, 3 and 7 are the quarters.
  private static func surprise(_ bits: Double) -> Double { place(bits, among: [0, 1, 3, 7, 14]) }

  private static func place(_ value: Double, among bounds: [Double]) -> Double {
    for quarter in 0..<4 where value < bounds[quarter + 1] {
      let share = (value - bounds[quarter]) / (bounds[quarter + 1] - bounds[quarter])
      return (Double(quarter) + min(max(share, 0), 1)) / 4
    }
    return 1
  }

  /// The legend of a measure. The fractions are the middles of the quarters.
  static func legend(_ measure: HeatMeasure) -> HeatLegend {
    let words =
      switch measure {
      case .probability: ["<1 %", "<10 %", "<50 %", "more"]
      case .rank: ["beyond 50", "to 50", "to 5", "first"]
      case .surprise: ["<1 bit", "<3", "<7", "more"]
      }
    let steps = words.enumerated().map { HeatLegend.Step((Double($0) + 0.5) / 4, $1) }
    return HeatLegend("colour: \(measure.rawValue)", steps: steps)
  }
}
