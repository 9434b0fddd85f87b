import EngineAPI
import TestSupport
import Testing

@testable import PlaygroundApp

@Suite struct SurprisePeakTests {
  private func peaks(bits: [Double?]) -> [Int] {
    SurprisePeaks.of(
      bits.map { bits in
        ScoredToken(
          token: TokenValue(id: 2, bytes: []), logprob: bits.map { -$0 * Probability.logarithm(2) }, rank: nil,
          entropy: nil)
      })
  }

  @Test func surprisesOfASureTextAreFound() {
    #expect(peaks(bits: [0.1, 0.2, 6, 0.1, 0.1, 0.3, 5, 0.1]) == [2, 6])
  }

  @Test func aSureTextHasNone() {
    #expect(peaks(bits: [0.1, 0.5, 0.1, 0.9, 0.2]) == [])
    #expect(peaks(bits: []) == [] && peaks(bits: [nil, nil]) == [])
  }

  @Test func anEvenlyUncertainTextHasFew() {
    var random = SplitMix64(seed: 5)
    let bits = (0..<400).map { _ in Double.random(in: 3...9, using: &random) }
    let found = peaks(bits: bits)
    #expect(bits.allSatisfy { $0 > 2.33 }, "all are below 10 %")
    #expect(!found.isEmpty && found.count < 400 / 5, "\(found.count)")
  }

  @Test func aTokenOfProbabilityZeroIsAPeak() {
    #expect(peaks(bits: [0.1, .infinity, 0.1, 0.3, 6, 0.1, 0.2, 0.1]) == [1, 4])
    #expect(peaks(bits: [3, 3, 3]) == [], "equal surprises")
  }

  @Test func aPlateauHasOnePeakAndNumbersMayBeMissing() {
    #expect(peaks(bits: [0, 0, 0, 4, 4, 0, 0, 0]) == [3])
    #expect(peaks(bits: [nil, 0, 0, 9, nil, 0, 0, 0]) == [3])
  }
}
