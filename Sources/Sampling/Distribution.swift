/// A model's own distribution over its vocabulary: the softmax of one row of raw logits, without temperature, penalties
/// or filters.
///
/// A NaN logit counts as -infinity, and +infinity as the largest float. If no logit is finite, id 0 has probability 1.
/// For a server that returns only the most probable tokens, `coverage` is `.partial`; then the probabilities and ranks
/// of all other ids are unknown, and so is the entropy.
///
/// Sums use the kernels' fixed order, so the same logits give the same bits on every machine.
public struct Distribution: Sendable {
  /// How much of the distribution is known.
  public let coverage: Coverage
  /// The number of ids in the vocabulary.
  public let vocabularySize: Int
  /// The flaw of the raw logits; `nil` if they are valid.
  public let flaw: LogitFlaw?
  /// The cleaned logits by id; empty unless the coverage is `.whole`.
  let logits: [Float]
  private let measure: LogitRow.Measure
  private let shown: [RankedID]

  /// Creates the distribution of a row of raw logits, indexed by id. O(vocabulary).
  /// - Precondition: `logits` is not empty.
  public init(logits: [Float]) {
    precondition(!logits.isEmpty, "a row of logits has at least one id")
    var row = logits
    var measure = LogitRow.measure(row)
    var flaw: LogitFlaw?
    // A NaN, a +infinity, or a row without a finite logit makes one of these values non-finite.
    if !measure.logTotal.isFinite || !measure.highest.isFinite || !measure.entropy.isFinite {
      flaw = LogitFlaw.of(row)
      row = row.map { $0.isNaN ? -.infinity : min($0, .greatestFiniteMagnitude) }
      if !row.contains(where: { $0 > -.infinity }) { row[0] = 0 }
      measure = LogitRow.measure(row)
    }
    coverage = .whole
    self.flaw = flaw
    vocabularySize = row.count
    self.logits = row
    self.measure = measure
    shown = []
  }

  /// Creates a distribution of which only the most probable ids are known, in order of probability, with the natural
  /// logarithms of their probabilities.
  public init(top: [(id: Int, logprob: Double)], vocabularySize: Int) {
    coverage = .partial(candidates: top.count, mass: min(1, top.reduce(0) { $0 + Natural.exp($1.logprob) }))
    flaw = nil
    self.vocabularySize = vocabularySize
    logits = []
    measure = LogitRow.Measure()
    shown = top.enumerated().map { RankedID(token: $1.id, logprob: $1.logprob, rank: $0 + 1) }
  }

  /// The entropy in bits; `nil` unless the coverage is `.whole`.
  public var entropy: Double? { coverage == .whole ? measure.entropy : nil }

  /// The most probable id; ties go to the lower id.
  public var best: Int { coverage == .whole ? measure.best : shown.first?.id ?? 0 }

  /// The natural logarithm of an id's probability, -infinity for probability 0; `nil` if it is not known. O(1), or O(k)
  /// for coverage `.partial`.
  public func logprob(of id: Int) -> Double? {
    guard coverage == .whole else { return shown.first { $0.id == id }?.logprob }
    return logits.indices.contains(id) ? measure.logprob(logits[id]) : nil
  }

  /// The unnormalized probabilities by id, in single precision, and their sum.
  func weights() -> (weights: [Float], total: Double) {
    var weights: [Float] = []
    let total = LogitRow.exponentials(of: logits, highest: measure.highest, into: &weights)
    return (weights, total)
  }

  /// The natural logarithms of all probabilities by id, in single precision, for the scores of beam search.
  package func logprobs() -> [Float] {
    logits.map { Float(measure.logprob($0)) }
  }

  /// An id's probability; `nil` if it is not known.
  public func probability(of id: Int) -> Double? { logprob(of: id).map(Natural.exp) }

  /// An id's rank: 1 for the highest logit; ties go to the lower id. `nil` if it is not known. O(vocabulary).
  public func rank(of id: Int) -> Int? {
    guard coverage == .whole else { return shown.first { $0.id == id }?.rank }
    return logits.indices.contains(id) ? LogitRow.rank(of: id, in: logits) : nil
  }

  /// An id with its log-probability and rank; `nil` if they are not known. O(vocabulary).
  public func ranked(_ id: Int) -> RankedID? {
    guard let logprob = logprob(of: id), let rank = rank(of: id) else { return nil }
    return RankedID(token: id, logprob: logprob, rank: rank)
  }

  /// An id with its log-probability, rank and the entropy of this distribution.
  /// - Parameters:
  ///   - sampledLogprob: natural logarithm of the probability with which the id was drawn; `nil` if it was not drawn.
  ///   - topCount: the number of most probable ids to include.
  public func scored(_ id: Int, sampledLogprob: Double? = nil, topCount: Int) -> ScoredID {
    ScoredID(
      token: id, logprob: logprob(of: id), rank: rank(of: id), entropy: entropy, sampledLogprob: sampledLogprob,
      top: topCount > 0 ? top(topCount) : [], coverage: coverage)
  }

  /// The k most probable ids in order of rank, or fewer if fewer are known. O(vocabulary + k log k) for small k.
  public func top(_ k: Int) -> [RankedID] {
    guard coverage == .whole else { return Array(shown.prefix(max(k, 0))) }
    return LogitOrder.highest(max(k, 0), of: logits).enumerated().map { index, id in
      RankedID(token: id, logprob: measure.logprob(logits[id]), rank: index + 1)
    }
  }

  /// All known ids in order of rank. O(vocabulary).
  public func idsByRank() -> [Int] {
    coverage == .whole ? LogitOrder.sorted(logits) : shown.map(\.id)
  }

}

/// The distribution after the sampler chain, from which the next token is drawn.
public struct FilteredDistribution: Sendable {
  private var survivors: Survivors
  private let measure: LogitRow.Measure

  init(_ survivors: Survivors) {
    self.survivors = survivors
    measure = LogitRow.measure(survivors.logits)
  }

  /// A copy without the cached weights, to save memory. They are computed again when a token is drawn.
  func withoutWeights() -> FilteredDistribution {
    var copy = self
    copy.survivors.forgetWeights()
    return copy
  }

  /// The number of remaining ids; at least 1.
  public var count: Int { survivors.count }

  /// The entropy in bits.
  public var entropy: Double { measure.entropy }

  /// The remaining ids in ascending order.
  public var ids: [Int] { (0..<survivors.count).map(survivors.id(at:)) }

  /// Calls `body` with each id of `earlier` that this distribution does not have. O(n), because both are in ascending
  /// order.
  func forEachMissing(of earlier: FilteredDistribution, _ body: (Int) -> Void) {
    var next = 0
    for index in 0..<earlier.survivors.count {
      let id = earlier.survivors.id(at: index)
      if next < survivors.count, survivors.id(at: next) == id { next += 1 } else { body(id) }
    }
  }

  /// Whether an id remains.
  public func contains(_ id: Int) -> Bool { survivors.index(of: id) != nil }

  /// The natural logarithm of an id's probability; -infinity if it was removed. O(log n).
  public func logprob(of id: Int) -> Double {
    survivors.index(of: id).map { measure.logprob(survivors.logits[$0]) } ?? -.infinity
  }

  /// An id's probability; 0 if it was removed. O(log n).
  public func probability(of id: Int) -> Double { Natural.exp(logprob(of: id)) }

  /// The most probable ids, ties to the lower id.
  public func top(_ k: Int) -> [ProbableID] {
    LogitOrder.highest(max(k, 0), of: survivors.logits).map { index in
      ProbableID(token: survivors.id(at: index), probability: Natural.exp(measure.logprob(survivors.logits[index])))
    }
  }

  /// The remaining ids, most probable first, ties to the lower id. O(n).
  public func idsByProbability() -> [Int] { LogitOrder.sorted(survivors.logits).map(survivors.id(at:)) }

  /// Draws an id: the first in ascending order at which the cumulative probability exceeds `coin`, a number in [0, 1).
  /// O(n).
  public func draw(coin: Double) -> Int {
    var survivors = survivors
    return survivors.draw(coin: coin).id
  }
}
