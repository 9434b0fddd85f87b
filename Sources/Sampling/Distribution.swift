/// A model's own distribution over its vocabulary: the softmax of one row of raw logits, no temperature, no penalty,
/// no filter.
///
/// A NaN among the logits counts as -infinity and +infinity as the largest float. Where no logit is finite, the
/// distribution is all on id 0. Of a server that shows only its best tokens, `coverage` is `.top`: what is not shown
/// has no probability, no rank and no share in any figure here, and there is no entropy.
///
/// Sums run in the kernels' fixed order; the same logits give the same bits on every machine.
public struct Distribution: Sendable {
  /// How much of a distribution is known.
  public enum Coverage: Sendable, Hashable {
    /// Every id of the vocabulary.
    case full
    /// The k most probable ids.
    case top(Int)
  }

  /// How much is known.
  public let coverage: Coverage
  /// How many ids the vocabulary has.
  public let vocabularySize: Int
  /// What is wrong with the raw logits; `nil` where nothing is.
  public let flaw: LogitFlaw?
  /// Full: by id. Top: by rank.
  let logits: [Float]
  private let measure: LogitRow.Measure
  private let shown: [RankedID]

  /// The distribution of a row of raw logits, by id. O(vocabulary).
  /// - Precondition: there is at least one.
  public init(logits: [Float]) {
    precondition(!logits.isEmpty, "a row of logits has at least one id")
    var row = logits
    var measure = LogitRow.measure(row)
    var flaw: LogitFlaw?
    // A NaN or +infinity anywhere makes the sum no number; so does a row without any finite logit.
    if !measure.logTotal.isFinite || !measure.highest.isFinite || !measure.entropy.isFinite {
      flaw = LogitFlaw.of(row)
      row = row.map { $0.isNaN ? -.infinity : min($0, .greatestFiniteMagnitude) }
      if !row.contains(where: { $0 > -.infinity }) { row[0] = 0 }
      measure = LogitRow.measure(row)
    }
    coverage = .full
    self.flaw = flaw
    vocabularySize = row.count
    self.logits = row
    self.measure = measure
    shown = []
  }

  /// What is known of a distribution whose best ids alone are shown, most probable first, with natural logarithms of
  /// their probabilities.
  public init(top: [(id: Int, logprob: Double)], vocabularySize: Int) {
    coverage = .top(top.count)
    flaw = nil
    self.vocabularySize = vocabularySize
    logits = []
    measure = LogitRow.Measure()
    shown = top.enumerated().map { RankedID(id: $1.id, logprob: $1.logprob, rank: $0 + 1) }
  }

  /// The entropy in bits; `nil` unless everything is known.
  public var entropy: Double? { coverage == .full ? measure.entropy : nil }

  /// The most probable id, the lowest of several.
  public var best: Int { coverage == .full ? measure.best : shown.first?.id ?? 0 }

  /// Natural logarithm of an id's probability, -infinity where that is 0; `nil` where it is not known. O(1) (top:
  /// O(k)).
  public func logprob(of id: Int) -> Double? {
    guard coverage == .full else { return shown.first { $0.id == id }?.logprob }
    return logits.indices.contains(id) ? measure.logprob(logits[id]) : nil
  }

  /// All probabilities by id, up to the common factor `total`, in single precision.
  func weights() -> (weights: [Float], total: Double) {
    var weights: [Float] = []
    let total = LogitRow.exponentials(of: logits, highest: measure.highest, into: &weights)
    return (weights, total)
  }

  /// The natural logarithms of all probabilities in single precision, by id: the row that beam search adds up.
  package func logprobs() -> [Float] {
    logits.map { Float(measure.logprob($0)) }
  }

  /// An id's probability; `nil` where it is not known.
  public func probability(of id: Int) -> Double? { logprob(of: id).map(Natural.exp) }

  /// An id's rank: 1 for the highest logit, ties to the lower id; `nil` where it is not known. O(vocabulary).
  public func rank(of id: Int) -> Int? {
    guard coverage == .full else { return shown.first { $0.id == id }?.rank }
    return logits.indices.contains(id) ? LogitRow.rank(of: id, in: logits) : nil
  }

  /// An id with its log-probability and rank; `nil` where they are not known. O(vocabulary).
  public func ranked(_ id: Int) -> RankedID? {
    guard let logprob = logprob(of: id), let rank = rank(of: id) else { return nil }
    return RankedID(id: id, logprob: logprob, rank: rank)
  }

  /// The k most probable ids in the order of their ranks, fewer where fewer are known. O(vocabulary + k log k) for
  /// small k.
  public func top(_ k: Int) -> [RankedID] {
    guard coverage == .full else { return Array(shown.prefix(max(k, 0))) }
    return LogitOrder.highest(max(k, 0), of: logits).enumerated().map { index, id in
      RankedID(id: id, logprob: measure.logprob(logits[id]), rank: index + 1)
    }
  }

  /// All known ids in the order of their ranks. O(vocabulary).
  public func idsByRank() -> [Int] {
    coverage == .full ? LogitOrder.sorted(logits) : shown.map(\.id)
  }

  /// The probability of all ids up to a rank together, 0…1. O(vocabulary).
  public func cumulative(throughRank rank: Int) -> Double {
    min(1, idsByRank().prefix(max(rank, 0)).reduce(0) { $0 + (probability(of: $1) ?? 0) })
  }
}

/// What the sampler chain has left: what the next token is drawn from.
public struct FilteredDistribution: Sendable {
  private var survivors: Survivors
  private let measure: LogitRow.Measure

  init(_ survivors: Survivors) {
    self.survivors = survivors
    measure = LogitRow.measure(survivors.logits)
  }

  /// How many ids are left, at least 1.
  public var count: Int { survivors.count }

  /// The entropy in bits.
  public var entropy: Double { measure.entropy }

  /// The ids that are left, ascending.
  public var ids: [Int] { (0..<survivors.count).map(survivors.id(at:)) }

  /// Calls `body` with the ids of an earlier distribution that are not left in this one. O(n): both are in ascending
  /// order.
  func forEachMissing(of earlier: FilteredDistribution, _ body: (Int) -> Void) {
    var next = 0
    for index in 0..<earlier.survivors.count {
      let id = earlier.survivors.id(at: index)
      if next < survivors.count, survivors.id(at: next) == id { next += 1 } else { body(id) }
    }
  }

  /// Whether an id is left.
  public func contains(_ id: Int) -> Bool { survivors.index(of: id) != nil }

  /// Natural logarithm of an id's probability; -infinity where it was removed. O(log n).
  public func logprob(of id: Int) -> Double {
    survivors.index(of: id).map { measure.logprob(survivors.logits[$0]) } ?? -.infinity
  }

  /// An id's probability, 0 where it was removed. O(log n).
  public func probability(of id: Int) -> Double { Natural.exp(logprob(of: id)) }

  /// The most probable ids, ties to the lower id.
  public func top(_ k: Int) -> [ProbableID] {
    LogitOrder.highest(max(k, 0), of: survivors.logits).map { index in
      ProbableID(id: survivors.id(at: index), probability: Natural.exp(measure.logprob(survivors.logits[index])))
    }
  }

  /// The ids that are left, most probable first, ties to the lower id. O(n).
  public func idsByProbability() -> [Int] { LogitOrder.sorted(survivors.logits).map(survivors.id(at:)) }

  /// Draws an id: over the ids in ascending order, the first at which the cumulative probability exceeds the coin,
  /// which is in [0, 1). O(n).
  public func draw(coin: Double) -> Int {
    var survivors = survivors
    return survivors.draw(coin: coin).id
  }
}

/// The token that a step made, with the distribution that predicted it summed up.
public struct DrawnToken: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// Natural logarithm of its probability in the model's own distribution.
  public var logprob: Double
  /// Its rank there, from 1.
  public var rank: Int
  /// The entropy of the model's own distribution, in bits.
  public var entropy: Double
  /// Natural logarithm of its probability after the chain; 0 at temperature 0.
  public var sampledLogprob: Double
  /// Its surprise after the chain, in bits.
  public var surprise: Double { -sampledLogprob / Natural.ln2 }
  /// The most probable ids of the model's own distribution, as many as were asked for.
  public var top: [RankedID]

  /// A token with its numbers.
  public init(
    id: Int, logprob: Double, rank: Int, entropy: Double, sampledLogprob: Double, top: [RankedID] = []
  ) {
    self.id = id
    self.logprob = logprob
    self.rank = rank
    self.entropy = entropy
    self.sampledLogprob = sampledLogprob
    self.top = top
  }
}
