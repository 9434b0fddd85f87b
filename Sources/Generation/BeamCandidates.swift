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
