/// The remaining ids in ascending order, with their logits, between the stages of a sampler chain.
///
/// There is always at least one id, and every logit is finite: +infinity is replaced by the largest float, and ids with
/// NaN or -infinity are removed. The arrays keep their storage from step to step.
struct Survivors: Sendable {
  /// The ids, ascending; not used while `isDense`.
  private var ids: [Int32] = []
  /// Whether the ids are 0, 1, 2, … without gaps.
  private var isDense = true
  /// The logits, in the order of the ids.
  private(set) var logits: [Float] = []
  private var weights: [Float] = []
  private var weightsTotal = 0.0
  private var weightsHighest: Float = 0
  private var weightsAreCurrent = false
  /// The biases of token sequences.
  var biases = SequenceBiasTable()

  /// Whether a step since the last reset removed all ids, so that one was restored.
  private(set) var wasEmptied = false

  /// The number of remaining ids.
  var count: Int { logits.count }

  /// The id at an index.
  @inline(__always)
  func id(at index: Int) -> Int { isDense ? index : Int(ids[index]) }

  /// The index of an id; `nil` if it was removed.
  func index(of id: Int) -> Int? {
    if isDense { return logits.indices.contains(id) ? id : nil }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if Int(ids[middle]) < id { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && Int(ids[low]) == id ? low : nil
  }

  /// Restarts with a row of logits, indexed by id. A row without a finite logit keeps only id 0, or the ids at
  /// +infinity if there are any.
  mutating func reset(to row: [Float]) {
    precondition(!row.isEmpty, "a row of logits has at least one id")
    logits.removeAll(keepingCapacity: true)
    logits.append(contentsOf: row)
    isDense = true
    weightsAreCurrent = false
    wasEmptied = false
    clean()
  }

  /// Clears the state of the previous row, before a choice that does not use `Survivors`.
  mutating func forgetRow() { wasEmptied = false }

  /// Releases the cached weights. They are computed again when they are needed.
  mutating func forgetWeights() {
    weights = []
    weightsAreCurrent = false
  }

  /// Changes the logit of an id if it remains. Call `clean()` after a series of changes.
  mutating func update(_ id: Int, _ change: (Float) -> Float) {
    guard let index = index(of: id) else { return }
    logits[index] = change(logits[index])
    weightsAreCurrent = false
  }

  /// Makes all logits finite: +infinity becomes the largest float, and ids with NaN or -infinity are removed. If
  /// nothing is left, the element at index `fallback` is kept.
  mutating func clean(fallback: Int = 0) {
    var isClean = true
    for logit in logits where !(abs(logit) < .infinity) { isClean = false }
    guard !isClean else { return }
    for index in logits.indices {
      if logits[index] == .infinity { logits[index] = .greatestFiniteMagnitude }
      if logits[index].isNaN { logits[index] = -.infinity }
    }
    if !logits.contains(where: { $0 > -.infinity }) {
      logits[min(fallback, count - 1)] = 0
      wasEmptied = true
    }
    retain { _, logit in logit > -.infinity }
  }

  /// Divides all logits. If a quotient would overflow, subtracts the highest logit first, which changes no probability.
  mutating func divide(by divisor: Double) {
    weightsAreCurrent = false
    let highest = LogitRow.highest(of: logits)
    let largest = logits.reduce(0.0 as Float) { max($0, abs($1)) }
    let single = Float(divisor)
    if single.isNormal, Double(largest) / divisor < Double(Float.greatestFiniteMagnitude) {
      logits.withUnsafeMutableBufferPointer { row in
        for index in row.indices { row[index] /= single }
      }
      return
    }
    for index in logits.indices {
      let quotient = (Double(logits[index]) - Double(highest)) / divisor
      logits[index] = Float(max(quotient, -Double(Float.greatestFiniteMagnitude)))
    }
  }

  /// Keeps the elements for which `keep(index, logit)` returns true, or the best one if there are none.
  mutating func retain(_ keep: (Int, Float) -> Bool) {
    let before = count
    var next = 0
    if isDense { ids.removeAll(keepingCapacity: true) }
    for index in 0..<before where keep(index, logits[index]) {
      move(index, to: next)
      next += 1
    }
    if next == 0 {
      move(LogitOrder.best(logits), to: 0)
      next = 1
    }
    guard next < before else { return }
    logits.removeLast(before - next)
    if !isDense { ids.removeLast(before - next) }
    isDense = false
    guard weightsAreCurrent else { return }
    weights.removeLast(before - next)
    weightsTotal = weights.withUnsafeBufferPointer(LogitRow.sum)
    // The weights are relative to the previous highest logit. If only much lower logits remain, the weights underflow;
    // recompute them.
    weightsAreCurrent = weightsTotal > 1e-15
  }

  @inline(__always)
  private mutating func move(_ index: Int, to next: Int) {
    if isDense { ids.append(Int32(truncatingIfNeeded: index)) } else { ids[next] = ids[index] }
    logits[next] = logits[index]
    if weightsAreCurrent { weights[next] = weights[index] }
  }

  /// The unnormalized probabilities, in the order of the ids, and their sum.
  mutating func weighted() -> (weights: [Float], total: Double) {
    if !weightsAreCurrent {
      weightsHighest = LogitRow.highest(of: logits)
      weightsTotal = LogitRow.exponentials(of: logits, highest: weightsHighest, into: &weights)
      weightsAreCurrent = true
    }
    return (weights, weightsTotal)
  }

  /// Draws an id: the first in ascending order at which the cumulative probability exceeds `coin`. O(n).
  mutating func draw(coin: Double) -> (id: Int, logprob: Double) {
    let (weights, total) = weighted()
    let target = coin * total
    var sum = 0.0
    var drawn = 0
    for index in weights.indices where weights[index] > 0 {
      // Because of rounding the running sum may end just below the total; the last id is then drawn.
      drawn = index
      sum += Double(weights[index])
      if sum > target { break }
    }
    return (id(at: drawn), logprob(at: drawn))
  }

  /// The natural logarithm of the probability of the element at an index, as returned by ``draw(coin:)``.
  mutating func logprob(at index: Int) -> Double {
    guard count > 1 else { return 0 }
    let total = weighted().total
    return (Double(logits[index]) - Double(weightsHighest)) - Natural.log(total)
  }
}

extension Survivors {
  /// Applies a mask. Ids outside the row are ignored. If the mask would remove all ids, the best one is kept.
  mutating func apply(_ mask: TokenMask) {
    let best = LogitOrder.best(logits)
    switch mask {
    case .without(let ids):
      for id in ids { update(id) { _ in -.infinity } }
    case .only(let ids):
      let allowed = Set(ids)
      for index in 0..<count {
        let id = id(at: index)
        let isAllowed = allowed.contains(id)
        update(id) { _ in isAllowed ? 0 : -.infinity }
      }
    }
    clean(fallback: best)
  }
}

/// A restriction of the next token, independent of the model and the chain.
public enum TokenMask: Sendable, Hashable {
  /// None of these ids.
  case without([Int])
  /// One of these ids, with equal logits.
  case only([Int])
}
