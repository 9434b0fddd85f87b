import EngineAPI
import Testing

@testable import PlaygroundApp

@Suite struct HeatTests {
  private func token(probability: Double, rank: Int) -> ScoredToken {
    ScoredToken(
      token: TokenValue(id: 0, bytes: []), logprob: Probability.logarithm(probability), rank: rank, entropy: 1)
  }

  private func quarter(_ measure: HeatMeasure, probability: Double = 0.5, rank: Int = 1) -> Int? {
    HeatScaleSteps.fraction(token(probability: probability, rank: rank), measure).map { min(3, Int($0 * 4)) }
  }

  @Test(arguments: [(0.0, 0), (0.0099, 0), (0.0101, 1), (0.099, 1), (0.101, 2), (0.49, 2), (0.51, 3), (1, 3)])
  func probabilityFallsIntoTheLegendsSteps(probability: Double, step: Int) {
    #expect(quarter(.probability, probability: probability) == step)
  }

  @Test(arguments: [(1, 3), (2, 2), (5, 2), (6, 1), (50, 1), (51, 0), (50_000, 0)])
  func rankFallsIntoTheLegendsSteps(rank: Int, step: Int) {
    #expect(quarter(.rank, rank: rank) == step)
  }

  @Test(arguments: [(0.51, 0), (0.49, 1), (0.126, 1), (0.124, 2), (0.0079, 2), (0.0077, 3), (0, 3)])
  func surpriseFallsIntoTheLegendsSteps(probability: Double, step: Int) {
    #expect(quarter(.surprise, probability: probability) == step)
  }

  @Test func aTokenWithoutNumbersHasNoColour() {
    let token = ScoredToken(token: TokenValue(id: 0, bytes: []), logprob: nil, rank: nil, entropy: nil)
    for measure in HeatMeasure.allCases { #expect(HeatScaleSteps.fraction(token, measure) == nil) }
  }

  @Test func theScaleNeverFalls() {
    var last = -1.0
    for step in 0...1000 {
      let place = HeatScaleSteps.probability(Double(step) / 1000)
      #expect(place >= last && place <= 1)
      last = place
    }
  }

  @Test func theMeasuresGoInACircle() {
    #expect(HeatMeasure.probability.next == .rank)
    #expect(HeatMeasure.surprise.next == .probability)
  }
}
