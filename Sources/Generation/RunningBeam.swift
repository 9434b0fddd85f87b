import EngineAPI
import Models
import Sampling
import Tensors

/// A hypothesis that has not ended.
struct RunningBeam {
  var state: SequenceState
  var history: TokenHistory
  /// The sum of its tokens' scores.
  var sum: Double
  /// The index of its last token in the ``BeamTrail``; `nil` if it has no token yet.
  var place: Int?
  var text: BeamText

  /// The hypothesis extended by one token. It still shares its parent's state; see `giveEachItsState()`.
  func followed(by candidate: BeamCandidate, place: Int, text: BeamText) -> RunningBeam {
    var next = self
    next.history.append(candidate.id)
    next.sum = candidate.sum
    next.place = place
    next.text = text
    return next
  }
}

/// What every kind of beam search begins with: the context has been read, and the rules and limits are checked.
struct BeamStart {
  /// The context, without positions after it.
  let sequence: ReadSequence
  let options: Decoding<BeamRequest>
  /// The maximum number of tokens of a hypothesis.
  let limit: Int
  let rules: ConstraintRules
  /// The decoder's state after the context.
  let emptyText: BeamText
  private let history: TokenHistory

  /// Reads the context. The parameters and errors are those of
  /// ``BeamSearch/init(sequence:ids:promptCount:decoder:options:_:)``.
  init(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder, options: Decoding<BeamRequest>,
    _ cancellation: Cancellation
  ) throws(GenerationError) {
    limit = try TokenLimit.newTokens(after: ids, atMost: options.request.maxTokens, model: sequence.model)
    let vocabulary = sequence.model.facts.vocabularySize
    try ConstraintRules.check(
      options.constraints, options.request.settings.rules, endOfTextIDs: options.endOfTextIDs, startCount: ids.count,
      vocabulary: vocabulary)
    rules = ConstraintRules(options.constraints, startCount: ids.count, limit: limit, vocabulary: vocabulary)
    emptyText = BeamText(decoder: decoder, stopStrings: options.request.stopStrings, context: ids)
    try sequence.read(ids, chunk: ReadSequence.promptChunk, cancellation)
    sequence.truncate(to: ids.count)
    let split = min(max(promptCount, 0), ids.count)
    history = TokenHistory(
      prompt: Array(ids[..<split]), output: Array(ids[split...]), endOfTextIDs: options.endOfTextIDs,
      source: sequence.source, sequenceBreakers: options.sequenceBreakers)
    self.sequence = sequence
    self.options = options
  }

  /// A hypothesis without tokens.
  func hypothesis() -> RunningBeam {
    RunningBeam(state: sequence.forkState(), history: history, sum: 0, place: nil, text: emptyText)
  }
}

extension [RunningBeam] {
  /// The maximum number of hypotheses per forward pass. A search can be canceled between two passes.
  static var rowsOfAPass: Int { 64 }

  /// Reads the last id of each hypothesis and returns the raw logits after it. `[hypotheses][vocabulary]`
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``. No state has changed then.
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

  /// Undoes `nextLogits`: removes the last position from each state.
  func forgetLast() {
    for beam in self { beam.state.truncate(to: beam.state.count - 1) }
  }

  /// Gives each hypothesis a state of its own. Of several hypotheses with the same parent, the last one keeps the
  /// parent's state and the others get forks.
  mutating func giveEachItsState() {
    var taken: Set<ObjectIdentifier> = []
    for index in indices.reversed() where !taken.insert(ObjectIdentifier(self[index].state)).inserted {
      self[index].state = self[index].state.fork()
    }
  }
}

/// The tokens of all hypotheses of a search as a tree of back pointers, so that hypotheses share common prefixes.
struct BeamTrail {
  private var steps: [(before: Int?, token: ScoredID)] = []

  /// Adds a token after the one at index `before`.
  /// - Returns: its index.
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
  ///   - emptyText: the decoder state after the context, without any generated id.
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
  /// The score of the id.
  var added: Double
  /// The hypothesis's sum including this id.
  var sum: Double

  /// Sort order: higher sum first; ties go to the lower beam, then to the lower id.
  static func precedes(_ a: BeamCandidate, _ b: BeamCandidate) -> Bool {
    if a.sum != b.sum { return a.sum > b.sum }
    return a.beam == b.beam ? a.id < b.id : a.beam < b.beam
  }

  /// The token with its numbers in the model's own distribution.
  func token(_ own: Distribution, topCount: Int) -> ScoredID {
    own.scored(id, sampledLogprob: added, topCount: topCount)
  }

  /// Candidates for sampling without replacement by the Gumbel-top-k trick. Each continuation gets a key: its sum minus
  /// the logarithm of an exponential random number. The continuations with the highest keys over all hypotheses are a
  /// sample from the softmax over all continuations.
  ///
  /// - Parameters:
  ///   - scores: one per id, -infinity for removed ids.
  ///   - first: the index of id 0's random number in the generator.
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
  ///   - scores: the scores to add to the sum, one per id, -infinity for removed ids; `nil` means the log-probabilities
  ///     of `own`.
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
