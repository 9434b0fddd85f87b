/// The whole vocabulary in order, in the model's own distribution and after the chain: what a list of candidates
/// pages through.
public struct CandidateTable: Sendable {
  /// The order of the rows.
  public enum Order: Sendable, Hashable {
    /// By rank in the model's own distribution.
    case model
    /// By probability after the chain, equal ones by rank; what was removed comes after, by rank.
    case chain
  }

  /// The model's own distribution.
  public let distribution: Distribution
  /// What the chain made of it.
  public let trace: ChainTrace
  private let idsByRank: [Int]
  private let ranks: [Int32]
  private let cumulative: [Double]

  /// A table. O(vocabulary).
  /// - Precondition: the whole distribution is known.
  public init(_ distribution: Distribution, _ trace: ChainTrace) {
    precondition(distribution.coverage == .full, "a table of candidates lists the whole vocabulary")
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

  /// The ids in an order, those alone that are hits. O(vocabulary).
  public func ids(_ order: Order, where isHit: (Int) -> Bool = { _ in true }) -> [Int] {
    switch order {
    case .model: return idsByRank.filter(isHit)
    case .chain:
      // Groups of equal probability are put into the order of ranks, which penalties may have changed.
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

  /// The row of an id; `nil` where it is not in the vocabulary. O(log vocabulary).
  public func row(of id: Int) -> CandidateRow? {
    guard ranks.indices.contains(id), let logprob = distribution.logprob(of: id) else { return nil }
    let rank = Int(ranks[id])
    return CandidateRow(
      ranked: RankedID(id: id, logprob: logprob, rank: rank), cumulative: cumulative[rank - 1],
      chainProbability: trace.final.probability(of: id), removedBy: trace.removedBy(id))
  }
}

/// One row of the table of candidates: an id in the model's own distribution and after the chain.
public struct CandidateRow: Sendable, Hashable {
  /// The id, its log-probability and rank in the model's own distribution.
  public var ranked: RankedID
  /// The probability of all ids up to this rank together in the model's own distribution, 0…1.
  public var cumulative: Double
  /// The probability after the chain, 0 where the id was removed.
  public var chainProbability: Double
  /// The stage that removed it, if one did.
  public var removedBy: SamplerStage?
}

/// An id with its place in a distribution.
public struct RankedID: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// Natural logarithm of the probability; -infinity where the logit is.
  public var logprob: Double
  /// 1 for the highest logit; ties go to the lower id.
  public var rank: Int

  /// An id at a rank.
  public init(id: Int, logprob: Double, rank: Int) {
    self.id = id
    self.logprob = logprob
    self.rank = rank
  }
}

/// An id with a probability.
public struct ProbableID: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// The probability, 0…1.
  public var probability: Double

  /// An id and its probability.
  public init(id: Int, probability: Double) {
    self.id = id
    self.probability = probability
  }
}
