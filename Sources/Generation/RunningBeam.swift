import EngineAPI
import Models
import Sampling
import Tensors

/// A hypothesis that runs.
struct RunningBeam {
  var state: SequenceState
  var history: TokenHistory
  /// What its tokens added up to.
  var sum: Double
  /// The place of its last token in the trail; `nil` before the first.
  var place: Int?
  var text: BeamText

  /// The hypothesis with one more token. It shares the state; see `giveEachItsState()`.
  func followed(by candidate: BeamCandidate, place: Int, text: BeamText) -> RunningBeam {
    var next = self
    next.history.append(candidate.id)
    next.sum = candidate.sum
    next.place = place
    next.text = text
    return next
  }
}

extension [RunningBeam] {
  /// How many hypotheses a forward pass reads. Between two passes a search can be cancelled.
  static var rowsOfAPass: Int { 64 }

  /// The raw logits after each hypothesis, whose last id is read. `[hypotheses][vocabulary]`
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``; nothing is read then.
  func nextLogits(_ model: any DecoderModel, _ cancellation: Cancellation) throws(GenerationError) -> [[Float]] {
    var rows: [[Float]] = []
    rows.reserveCapacity(count)
    do throws(GenerationError) {
      while rows.count < count {
        try cancellation.check()
        let part = self[rows.count..<Swift.min(rows.count + Self.rowsOfAPass, count)]
        let segments = part.map { Segment(ids: [$0.history.ids[$0.history.ids.count - 1]], state: $0.state) }
        let logits = model.logits(try model.read(segments).tensor)
        for row in 0..<part.count { rows.append(logits.row(row)) }
      }
    } catch {
      for beam in self[..<rows.count] { beam.state.truncate(to: beam.state.count - 1) }
      throw error
    }
    return rows
  }

  /// Takes back what `nextLogits` read.
  func forgetLast() {
    for beam in self { beam.state.truncate(to: beam.state.count - 1) }
  }

  /// Hypotheses that share a parent share its state: all but the last of them get a fork.
  mutating func giveEachItsState() {
    var taken: Set<ObjectIdentifier> = []
    for index in indices.reversed() where !taken.insert(ObjectIdentifier(self[index].state)).inserted {
      self[index].state = self[index].state.fork()
    }
  }
}

/// The tokens of all hypotheses of a search, each with the one before it: hypotheses with a common beginning share it.
struct BeamTrail {
  private var steps: [(before: Int?, token: ScoredID)] = []

  /// Adds a token after another.
  /// - Returns: its place.
  mutating func append(_ token: ScoredID, after before: Int?) -> Int {
    steps.append((before, token))
    return steps.count - 1
  }

  /// The tokens that end at a place, in order.
  func tokens(endingAt place: Int?) -> [ScoredID] {
    var tokens: [ScoredID] = []
    var place = place
    while let at = place {
      tokens.append(steps[at].token)
      place = steps[at].before
    }
    return tokens.reversed()
  }

  /// A finished hypothesis with its tokens and its text.
  /// - Parameters:
  ///   - emptyText: the text after the context.
  ///   - token: a token with its bytes.
  func completion(_ beam: FinishedBeams.Beam, _ emptyText: BeamText, _ token: (Int) -> TokenValue) -> Completion {
    let tokens = tokens(endingAt: beam.place)
    let ids = tokens.map(\.id)
    let text = emptyText.whole(beam.end == .endOfText ? ids.dropLast() : ids[...])
    return Completion(
      text: text, tokens: tokens.map { $0.map(token) }, finishReason: beam.end, score: beam.score)
  }
}

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
  func token(_ own: Distribution, topCount: Int) -> ScoredID {
    own.scored(id, sampledLogprob: added, topCount: topCount)
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
      return own.top(count).compactMap { ranked in
        guard let logprob = ranked.logprob, logprob > -.infinity else { return nil }
        return BeamCandidate(beam: beam, id: ranked.id, added: logprob, sum: sum + logprob)
      }
    }
    return LogitOrder.highest(count, of: scores).filter { scores[$0] > -.infinity }.map {
      BeamCandidate(beam: beam, id: $0, added: Double(scores[$0]), sum: sum + Double(scores[$0]))
    }
  }
}
