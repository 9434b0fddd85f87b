/// All ids of the vocabulary in order, with their probabilities in the model's own distribution and after the sampler
/// chain. Candidate lists read it page by page.
public struct CandidateTable: Sendable {
  /// The order of the rows.
  public enum Order: Sendable, Hashable {
    /// By rank in the model's own distribution.
    case model
    /// By probability after the chain, ties by rank; then the removed ids, by rank.
    case chain
  }

  /// The model's own distribution.
  public let distribution: Distribution
  /// The effect of the chain on it.
  public let trace: ChainTrace
  private let idsByRank: [Int]
  private let ranks: [Int32]
  private let cumulative: [Double]

  /// Creates a table. O(vocabulary).
  /// - Precondition: the distribution's coverage is `.whole`.
  public init(_ distribution: Distribution, _ trace: ChainTrace) {
    precondition(distribution.coverage == .whole, "a table of candidates lists the whole vocabulary")
    self.distribution = distribution
    self.trace = trace
    idsByRank = distribution.idsByRank()
    var ranks = [Int32](repeating: 0, count: distribution.vocabularySize)
    var cumulative: [Double] = []
    cumulative.reserveCapacity(idsByRank.count)
    let (weights, total) = distribution.weights()
    var sum = 0.0
    for (index, id) in idsByRank.enumerated() {
      ranks[id] = Int32(truncatingIfNeeded: index + 1)
      sum += Double(weights[id])
      cumulative.append(min(sum / total, 1))
    }
    self.ranks = ranks
    self.cumulative = cumulative
  }

  /// A table of the same distribution with the effect of another chain. O(1): ranks do not depend on the chain.
  public func with(_ trace: ChainTrace) -> CandidateTable {
    CandidateTable(
      distribution: distribution, trace: trace, idsByRank: idsByRank, ranks: ranks, cumulative: cumulative)
  }

  private init(
    distribution: Distribution, trace: ChainTrace, idsByRank: [Int], ranks: [Int32], cumulative: [Double]
  ) {
    self.distribution = distribution
    self.trace = trace
    self.idsByRank = idsByRank
    self.ranks = ranks
    self.cumulative = cumulative
  }

  /// The ids for which `isHit` returns true, in the given order. O(vocabulary).
  public func ids(_ order: Order, where isHit: (Int) -> Bool = { _ in true }) -> [Int] {
    switch order {
    case .model: return idsByRank.filter(isHit)
    case .chain:
      // Sort ids of equal probability by rank; penalties may have changed their order.
      let final = trace.final
      let kept = final.idsByProbability()
      var ordered: [Int] = []
      ordered.reserveCapacity(idsByRank.count)
      var start = 0
      while start < kept.count {
        var end = start + 1
        while end < kept.count, final.logprob(of: kept[end]) == final.logprob(of: kept[start]) { end += 1 }
        ordered += end - start == 1 ? kept[start..<end] : kept[start..<end].sorted { ranks[$0] < ranks[$1] }[...]
        start = end
      }
      ordered += idsByRank.filter { !final.contains($0) }
      return ordered.filter(isHit)
    }
  }

  /// The row of an id; `nil` if it is not in the vocabulary. O(log vocabulary).
  public func row(of id: Int) -> CandidateRow<Int>? {
    guard ranks.indices.contains(id), let logprob = distribution.logprob(of: id) else { return nil }
    let rank = Int(ranks[id])
    return CandidateRow(
      ranked: RankedID(token: id, logprob: logprob, rank: rank), cumulative: cumulative[rank - 1],
      chainProbability: trace.final.probability(of: id), removedBy: trace.removedBy(id),
      steps: trace.probabilities(of: id))
  }
}
