import EngineAPI
import Foundation
import TestSupport
import Testing

@testable import Inspection

/// Divergences of rows of logits against their definitions.
@Suite struct DivergenceTests {
  /// Random logits with magnitudes up to `scale`.
  private func logits(_ count: Int, scale: Float, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
  }

  /// Natural log-probabilities by the C library.
  private func logSoftmax(_ logits: [Float]) -> [Double] {
    let highest = Double(logits.max() ?? 0)
    let total = logits.reduce(0.0) { $0 + exp(Double($1) - highest) }
    return logits.map { Double($0) - highest - log(total) }
  }

  private func naive(_ a: [Float], _ b: [Float]) -> Divergence {
    let (a, b) = (logSoftmax(a), logSoftmax(b))
    let middle = zip(a, b).map { log((exp($0) + exp($1)) / 2) }
    func kl(_ p: [Double], _ q: [Double]) -> Double {
      zip(p, q).reduce(0.0) { exp($1.0) == 0 ? $0 : $0 + exp($1.0) * ($1.0 - $1.1) } / log(2)
    }
    return Divergence(
      forward: kl(a, b), backward: kl(b, a), jensenShannon: (kl(a, middle) + kl(b, middle)) / 2,
      totalVariation: zip(a, b).reduce(0) { $0 + abs(exp($1.0) - exp($1.1)) } / 2)
  }

  private func isNear(_ a: Double, _ b: Double) -> Bool { a == b || abs(a - b) <= 1e-12 * max(1, abs(b)) }

  @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17, 1023, 5000], [0.01, 1, 30] as [Float])
  func divergencesFollowTheirDefinitions(count: Int, scale: Float) {
    let a = logits(count, scale: scale, seed: UInt64(count))
    let b = logits(count, scale: scale, seed: UInt64(count) + 1)
    let found = ProbabilityRow(a).divergence(from: ProbabilityRow(b))
    let expected = naive(a, b)
    #expect(isNear(found.forward, expected.forward) && isNear(found.backward, expected.backward))
    #expect(isNear(found.jensenShannon, expected.jensenShannon))
    #expect(isNear(found.totalVariation, expected.totalVariation))
  }

  @Test func probabilitiesAreTheSoftmaxOfTheLogits() {
    let row = logits(100, scale: 20, seed: 3)
    let softmax = ProbabilityRow(row)
    for (id, expected) in logSoftmax(row).enumerated() {
      #expect(isNear(softmax.logprob(of: id), expected))
      #expect(isNear(softmax.probability(of: id), exp(expected)))
    }
  }

  @Test func aRowDivergesFromItselfByExactlyZero() {
    for seed in 0..<20 as Range<UInt64> {
      let row = logits(331, scale: 12, seed: seed)
      #expect(ProbabilityRow(row).divergence(from: ProbabilityRow(row)) == .zero)
    }
  }

  @Test func exchangingTheRowsExchangesTheDirectionsExactly() {
    for seed in 0..<20 as Range<UInt64> {
      let a = ProbabilityRow(logits(333, scale: 9, seed: seed))
      let b = ProbabilityRow(logits(333, scale: 9, seed: seed + 100))
      let (there, back) = (a.divergence(from: b), b.divergence(from: a))
      #expect(there.forward == back.backward && there.backward == back.forward)
      #expect(there.jensenShannon == back.jensenShannon && there.totalVariation == back.totalVariation)
    }
  }

  @Test func tokensOfProbabilityZeroCountAsTheDefinitionsSay() {
    let none = -Float.infinity
    let both = ProbabilityRow([0, 0, none])
    let first = ProbabilityRow([0, none, none])
    let there = first.divergence(from: both)
    #expect(there.forward == 1 && there.backward == .infinity && there.totalVariation == 0.5)
    #expect(isNear(there.jensenShannon, 0.5 * log2(1 / 0.75) + 0.5 * (0.5 * log2(0.5 / 0.75) + 0.5)))
    #expect(first.divergence(from: first) == .zero)
    // Rows without a common token are as far apart as rows can be.
    let apart = first.divergence(from: ProbabilityRow([none, 0, 0]))
    #expect(apart.jensenShannon == 1 && apart.totalVariation == 1)
    #expect(apart.forward == .infinity && apart.backward == .infinity)
  }

  @Test func aRowReusesItsMemoryForOtherLogits() {
    var row = ProbabilityRow(logits(64, scale: 5, seed: 1))
    for count in [64, 61, 9, 64] {
      let other = logits(count, scale: 5, seed: UInt64(count))
      row.set(other)
      #expect(row.divergence(from: ProbabilityRow(other)) == .zero)
    }
  }

  @Test func exponentialAndLogarithmAreWithinTwoUnitsInTheLastPlace() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<2000 {
      let x = Lanes((0..<8).map { _ in Double.random(in: -700...0, using: &random) })
      let e = exponential(x)
      for lane in 0..<8 { #expect(abs(e[lane] - exp(x[lane])) <= 2 * exp(x[lane]).ulp) }
      let l = logarithm(e)
      for lane in 0..<8 { #expect(abs(l[lane] - log(e[lane])) <= 2 * log(e[lane]).ulp) }
    }
    #expect(exponential(Lanes(repeating: -.infinity)) == Lanes.zero)
    #expect(exponential(Lanes.zero) == Lanes(repeating: 1))
    #expect(logarithm(Lanes(repeating: 1)) == Lanes.zero)
  }
}
