import EngineAPI
import TerminalUI

/// From a token's numbers to its place on the heat scale, with steps that a legend can name.
enum HeatScaleSteps {
  /// The place of a token on the scale, 0 (expected) to 1 (surprising); `nil` where the token has no numbers.
  static func fraction(_ token: ScoredToken, _ measure: HeatMeasure) -> Double? {
    switch measure {
    case .probability: token.logprob.map { HeatPlace.probability(Probability.of(logprob: $0)) }
    case .rank: token.rank.map(HeatPlace.rank)
    case .surprise: token.logprob.map { HeatPlace.surprise(Probability.bits(logprob: $0)) }
    }
  }

  /// The colour of something that is this probable.
  static func role(probability: Double) -> Role { .heat(fraction: HeatPlace.probability(probability)) }

  /// The legend of a measure: the steps of the scale. Of ranks only the first lies in its step.
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
    return HeatLegend("\(isColored ? "colour" : "marks"): \(measure.rawValue)", steps: steps, isColored: isColored)
  }
}
