import TestSupport
import Testing

@testable import Sampling

struct TokenRunsTests {
  @Test func aRunIsFoundIfTheTextEndsWithAllItsIDsButTheLast() {
    var random = SplitMix64(seed: 4)
    func ids(_ most: UInt64) -> [Int] { (0..<random.next() % (most + 1)).map { _ in Int(random.next() % 3) } }
    for _ in 0..<300 {
      let list = (0..<random.next() % 30).map { _ in ids(5) }
      let text = ids(12)
      var found: [[Int]] = []
      TokenRuns(list).forEachLength(endingIn: text) { found.append($0) }
      let expected = (1...5).map { length in
        list.indices.filter { list[$0].count == length && text.suffix(length - 1) == list[$0].dropLast()[...] }
      }
      #expect(found == expected.filter { !$0.isEmpty }, "\(list) \(text)")
    }
  }

  @Test func theLastOfSeveralBiasesForARunIsUsed() {
    let table = SequenceBiasTable([
      .init(ids: [1, 2], bias: 1), .init(ids: [2], bias: 8), .init(ids: [1, 2], bias: 2), .init(ids: [3, 2], bias: 4),
    ])
    #expect(table.sums(behind: [3, 1]) == [2: 10])
    #expect(table.sums(behind: [1, 3]) == [2: 12])
    #expect(table.sums(behind: []) == [2: 8])
  }

  /// A linear search of the list at each token would need six million comparisons here.
  @Test func theCostOfALookupDoesNotDependOnTheNumberOfRuns() {
    var settings = SamplingSettings()
    for number in 0..<20_000 {
      settings.rules.sequenceBias.append(.init(ids: [number, number / 2, number / 3, number % 4], bias: 1))
    }
    var chain = SamplerChain(settings)
    var history = TokenHistory(prompt: [9, 4, 3])
    for step in 0..<300 {
      let row = chain.processed([0, 0, 0, 0], history: history)
      #expect(row == (step == 0 ? [0, 1, 0, 0] : [0, 0, 0, 0]))
      history.append(step % 4)
    }
  }
}
