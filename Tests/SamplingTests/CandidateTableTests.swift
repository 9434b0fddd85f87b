import Testing

@testable import Sampling

@Suite struct CandidateTableTests {
  private let logits: [Float] = [0, 3, 1, 2, -1]

  private func table(_ change: (inout SamplingSettings) -> Void) -> CandidateTable {
    var settings = SamplingSettings()
    change(&settings)
    var chain = SamplerChain(settings)
    let trace = chain.trace(from: logits, history: TokenHistory(prompt: [1], output: [3]))
    return CandidateTable(Distribution(logits: logits), trace)
  }

  @Test func rowsHaveTheProbabilitiesOfBothDistributions() throws {
    let table = table { $0.topK = 2 }
    #expect(table.ids(.model) == [1, 3, 2, 0, 4])
    let first = try #require(table.row(of: 1))
    let second = try #require(table.row(of: 3))
    #expect(first.ranked.rank == 1 && second.ranked.rank == 2)
    #expect(abs((first.chainProbability ?? -1) - 1 / (1 + Natural.exp(-1))) < 1e-6)
    let sum = [first, second].reduce(0) { $0 + Natural.exp($1.ranked.logprob ?? 0) }
    #expect(abs((second.cumulative ?? -1) - sum) < 1e-6)
    let third = try #require(table.row(of: 2))
    #expect(third.removedBy == .topK && third.chainProbability == 0)
    #expect(abs((table.row(of: 4)?.cumulative ?? 0) - 1) < 1e-6)
    #expect(table.row(of: 5) == nil && table.row(of: -1) == nil)
  }

  @Test func theChainOrderListsRemovedIDsLast() {
    let table = table {
      $0.presencePenalty = 5
      $0.logitBias = [0: 4]
      $0.topK = 3
    }
    // After bias and penalty: 0 → 4, 1 → 3, 2 → 1, 3 → -3, 4 → -1.
    #expect(table.ids(.chain) == [0, 1, 2, 3, 4])
    #expect(table.ids(.chain) { $0 != 1 } == [0, 2, 3, 4])
    #expect(table.row(of: 3)?.removedBy == .topK)
  }

  @Test func equalProbabilitiesAreOrderedByRank() {
    let table = table { $0.logitBias = [0: 3] }
    #expect(table.ids(.chain) == [1, 0, 3, 2, 4])
    let other = self.table { $0.logitBias = [2: 2] }
    #expect(other.ids(.chain) == [1, 2, 3, 0, 4])
  }
}
