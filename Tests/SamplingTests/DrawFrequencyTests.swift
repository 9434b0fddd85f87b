import Foundation
import Testing

@testable import Sampling

/// The frequencies of drawn tokens are the probabilities of the waterfall's last column.
///
/// By default a few draws of two seeds. `TRIPTYCH_DRAWS=100000` makes that many draws with each of 20 seeds and prints
/// the p values.
@Suite struct DrawFrequencyTests {
  private static let draws = ProcessInfo.processInfo.environment["TRIPTYCH_DRAWS"].flatMap(Int.init)
  private static let logits: [Float] = (0..<64).map { 4 - Float(($0 * 29) % 64) * 0.12 }
  private static let history = TokenHistory(prompt: [7, 1, 7], output: [1, 7], endOfTextIDs: [0, 2])

  /// A chain with a penalty, temperature and three filters.
  private static var settings: SamplingSettings {
    var settings = SamplingSettings()
    settings.repetitionPenalty = 1.3
    settings.temperature = 0.8
    settings.topK = 40
    settings.topP = 0.95
    settings.minP = 0.02
    return settings
  }

  @Test func frequenciesOfDrawsAreTheLastColumn() {
    let count = Self.draws ?? 20_000
    var chain = SamplerChain(Self.settings)
    let trace = chain.trace(from: Self.logits, history: Self.history)
    let expected = Self.logits.indices.map { (trace.probabilities(of: $0).last ?? 0) * Double(count) }
    #expect(abs(expected.reduce(0, +) / Double(count) - 1) < 1e-6)
    for seed in 0..<UInt64(Self.draws == nil ? 2 : 20) {
      let generator = SeededGenerator(seed: seed)
      var found = [Int](repeating: 0, count: Self.logits.count)
      for index in 0..<count {
        found[chain.draw(from: Self.logits, history: Self.history, coin: generator.coin(at: index)).token] += 1
      }
      var statistic = 0.0
      for (found, expected) in zip(found, expected) {
        if expected == 0 {
          #expect(found == 0)
        } else {
          statistic += (Double(found) - expected) * (Double(found) - expected) / expected
        }
      }
      let freedom = expected.count { $0 > 0 } - 1
      let p = Self.upperTail(statistic, freedom: freedom)
      if Self.draws != nil { print("seed \(seed): chi-square \(statistic), \(freedom) degrees of freedom, p = \(p)") }
      #expect(p > 0.001, "seed \(seed)")
    }
  }

  /// Table values of the chi-square distribution.
  @Test(arguments: [(3.841, 1, 0.05), (31.264, 11, 0.001), (18.307, 10, 0.05), (0, 4, 1), (2, 2, 0.36788)])
  func theUpperTailEqualsTheTables(statistic: Double, freedom: Int, p: Double) {
    #expect(abs(Self.upperTail(statistic, freedom: freedom) - p) < 1e-4)
  }

  /// The probability that a chi-square variable is larger: the regularized upper incomplete gamma function Q(k/2, x/2),
  /// by recurrence from Q(1/2, x) = erfc(√x) or Q(1, x) = exp(-x).
  private static func upperTail(_ statistic: Double, freedom: Int) -> Double {
    let x = statistic / 2
    guard x > 0 else { return 1 }
    var shape = freedom % 2 == 0 ? 1.0 : 0.5
    var tail = freedom % 2 == 0 ? exp(-x) : erfc(x.squareRoot())
    while shape < Double(freedom) / 2 {
      tail += exp(shape * log(x) - x - lgamma(shape + 1))
      shape += 1
    }
    return tail
  }
}
