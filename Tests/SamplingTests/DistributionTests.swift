import Foundation
import Testing
import TestSupport

@testable import Sampling

@Suite struct DistributionTests {
  private func randomRow(_ count: Int, seed: UInt64) -> [Float] {
    var source = SplitMix64(seed: seed)
    return (0..<count).map { _ in (Float.random(in: -12...12, using: &source) * 8).rounded() / 8 }
  }

  /// Compares with the definition, computed in double precision with the C library's functions.
  @Test(arguments: [1, 2, 15, 16, 17, 1000, 5003])
  func logprobsRanksAndEntropyEqualTheirDefinition(count: Int) throws {
    let row = randomRow(count, seed: UInt64(count))
    let own = Distribution(logits: row)
    let highest = Double(row.max() ?? 0)
    let total = row.reduce(0.0) { $0 + exp(Double($1) - highest) }
    let entropy = row.reduce(0.0) {
      let p = exp(Double($1) - highest) / total
      return p > 0 ? $0 - p * log2(p) : $0
    }
    #expect(abs((own.entropy ?? -1) - entropy) < 1e-5)
    let order = row.indices.sorted { row[$0] == row[$1] ? $0 < $1 : row[$0] > row[$1] }
    #expect(own.idsByRank() == order)
    #expect(own.best == order[0])
    for (place, id) in order.enumerated() where place < 40 || place % 97 == 0 {
      #expect(own.rank(of: id) == place + 1)
      let logprob = try #require(own.logprob(of: id))
      #expect(abs(logprob - (Double(row[id]) - highest - log(total))) < 1e-6)
    }
    for k in [0, 1, 2, 40, 511, 512, 513, count, count + 5] {
      let top = own.top(k)
      #expect(top.map(\.id) == Array(order.prefix(k)))
      #expect(top.map(\.rank) == top.indices.map { $0 + 1 })
    }
    #expect(abs(own.idsByRank().reduce(0) { $0 + (own.probability(of: $1) ?? 0) } - 1) < 1e-6)
  }

  @Test(arguments: [513, 700, 2000, 4999])
  func theThresholdEqualsThatOfTheSortedRow(k: Int) {
    let row = randomRow(5000, seed: 4)
    #expect(LogitOrder.threshold(k, of: row) == row.sorted(by: >)[k - 1])
  }

  @Test func negativeZeroEqualsZero() {
    let own = Distribution(logits: [-0.0, 0.0, -0.0])
    #expect(own.idsByRank() == [0, 1, 2])
    #expect(own.top(2).map(\.id) == [0, 1])
    #expect(own.rank(of: 2) == 3)
  }

  @Test func idsOutsideTheVocabularyAreUnknown() {
    let own = Distribution(logits: [1, 2])
    #expect(own.logprob(of: 2) == nil && own.rank(of: -1) == nil && own.ranked(7) == nil)
  }

  @Test func aTopKDistributionKnowsNothingBeyondItsIDs() {
    let own = Distribution(top: [(id: 9, logprob: -0.5), (id: 4, logprob: -2)], vocabularySize: 50)
    #expect(own.coverage.candidates == 2)
    #expect(abs(own.coverage.mass - exp(-0.5) - exp(-2)) < 1e-9)
    #expect(own.entropy == nil)
    #expect(own.best == 9)
    #expect(own.rank(of: 4) == 2)
    #expect(own.logprob(of: 5) == nil)
    #expect(own.top(5).map(\.id) == [9, 4])
  }
}
