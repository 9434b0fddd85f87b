import Sampling

/// One continuation of one running hypothesis.
struct BeamCandidate {
  /// The index of the running hypothesis.
  var beam: Int
  /// The next id.
  var id: Int
  /// What the id adds to the sum.
  var added: Double
  /// The sum with it.
  var sum: Double

  /// The better one first; ties go to the lower beam, then to the lower id.
  static func precedes(_ a: BeamCandidate, _ b: BeamCandidate) -> Bool {
    if a.sum != b.sum { return a.sum > b.sum }
    return a.beam == b.beam ? a.id < b.id : a.beam < b.beam
  }

  /// The token with its numbers in the model's own distribution.
  func token(_ own: Distribution, topCount: Int) -> DrawnToken {
    DrawnToken(
      id: id, logprob: own.logprob(of: id) ?? -.infinity, rank: own.rank(of: id) ?? 1, entropy: own.entropy ?? 0,
      sampledLogprob: added, top: topCount > 0 ? own.top(topCount) : [])
  }

  /// Continuations of one hypothesis, drawn without replacement: each with a key, of which the highest of all
  /// hypotheses are the draws. A key is the sum minus the logarithm of an exponential draw (the Gumbel-top-k trick),
  /// so the chance of a continuation is the softmax over all hypotheses' continuations.
  ///
  /// - Parameters:
  ///   - scores: one number an id, -infinity for what was removed.
  ///   - first: the number of the draw of id 0.
  static func drawn(
    _ count: Int, scores: [Float], beam: Int, sum: Double, generator: SeededGenerator, first: Int
  ) -> [(key: Double, candidate: BeamCandidate)] {
    let ids = scores.indices.filter { scores[$0] > -.infinity }
    let keys = ids.map { sum + Double(scores[$0]) - Natural.log(generator.exponential(at: first &+ $0)) }
    var order = Array(keys.indices)
    if count < order.count {
      order.sort { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] > keys[$1] }
      order.removeLast(order.count - count)
    }
    return order.map { index in
      let added = Double(scores[ids[index]])
      return (keys[index], BeamCandidate(beam: beam, id: ids[index], added: added, sum: sum + added))
    }
  }

  /// The best continuations of one hypothesis.
  ///
  /// - Parameters:
  ///   - own: the model's distribution after the hypothesis.
  ///   - scores: the row that is added up where it is not the distribution's own: one number an id, -infinity for
  ///     what was removed.
  static func best(
    _ count: Int, of own: Distribution, scores: [Float]?, beam: Int, sum: Double
  ) -> [BeamCandidate] {
    guard let scores else {
      return own.top(count).filter { $0.logprob > -.infinity }.map {
        BeamCandidate(beam: beam, id: $0.id, added: $0.logprob, sum: sum + $0.logprob)
      }
    }
    return LogitOrder.highest(count, of: scores).filter { scores[$0] > -.infinity }.map {
      BeamCandidate(beam: beam, id: $0, added: Double(scores[$0]), sum: sum + Double(scores[$0]))
    }
  }
}
