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
