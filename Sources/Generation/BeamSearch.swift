import Models
import Sampling
import Tensors

/// Beam search over one context, step by step.
///
/// The hypotheses, their scores and the moment of stopping are those of transformers' `_beam_search`: at each step
/// the best max(2, 1 + end-of-text ids) × beams continuations are looked at; those that end, and are among the first
/// `beams` of them, are finished; the best `beams` of the others run on. With one beam it is the reference's greedy
/// search: penalties act on the logits themselves.
///
/// One forward pass a step reads all running hypotheses. Scores are summed in double precision. Leave it between
/// steps to cancel it.
public final class BeamSearch {
  /// One hypothesis that runs.
  private struct Running {
    var state: SequenceState
    var history: TokenHistory
    var sum: Double
    var place: Int?
    var text: BeamText
  }

  /// How many tokens the running hypotheses have.
  public private(set) var made = 0
  /// Whether the search is over.
  public private(set) var isFinished = false

  private let sequence: ReadSequence
  private let options: BeamOptions
  private let limit: Int
  private let rules: ConstraintRules
  private let candidateCount: Int
  private let emptyText: BeamText
  private var chain: SamplerChain
  private var trail = BeamTrail()
  private var finished: FinishedBeams
  private var running: [Running]

  /// A search.
  ///
  /// - Parameters:
  ///   - sequence: what has been read already; it is cut to what it shares with `ids`, and read on. Give a fork.
  ///   - ids: what to go on from, at least one; of encoder-decoder models with the decoder's start token.
  ///   - promptCount: how many of the ids are the prompt.
  ///   - decoder: a fresh decoder of the model's tokenizer.
  ///   - options: how to search.
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/promptTooLong(limit:found:)``,
  ///   ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public init(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder, options: BeamOptions,
    _ cancellation: Cancellation = .never
  ) throws(GenerationError) {
    precondition(options.beams > 0, "a search has at least one beam")
    limit = try TokenLimit.newTokens(after: ids, atMost: options.maxTokens, model: sequence.model)
    self.sequence = sequence
    self.options = options
    let vocabulary = sequence.model.facts.vocabularySize
    try ConstraintRules.check(
      options.constraints, options.settings.rules, endOfTextIDs: options.endOfTextIDs, startCount: ids.count,
      vocabulary: vocabulary)
    rules = ConstraintRules(options.constraints, startCount: ids.count, limit: limit, vocabulary: vocabulary)
    let product = options.beams.multipliedReportingOverflow(by: max(2, 1 + options.endOfTextIDs.count))
    candidateCount = product.overflow ? .max : product.partialValue
    chain = SamplerChain(options.settings)
    finished = FinishedBeams(capacity: options.beams)
    emptyText = BeamText(decoder: decoder, stopStrings: options.stopStrings, context: ids)
    try sequence.read(ids, chunk: 256, cancellation)
    sequence.truncate(to: ids.count)
    let split = min(max(promptCount, 0), ids.count)
    let history = TokenHistory(
      prompt: Array(ids[..<split]), output: Array(ids[split...]), endOfTextIDs: options.endOfTextIDs,
      source: sequence.source)
    running = [Running(state: sequence.forkState(), history: history, sum: 0, place: nil, text: emptyText)]
    if limit == 0 { isFinished = true }
  }

  /// Makes every running hypothesis one token longer.
  /// - Throws: ``GenerationError/model(_:)``; the search can't go on then.
  public func step() throws(GenerationError) {
    guard !isFinished else { return }
    let rows = try nextLogits()
    let owns = rows.map(Distribution.init(logits:))
    for own in owns { try own.check(at: running[0].history.ids.count) }
    let candidates = try candidates(rows, owns)
    made += 1
    var next: [Running] = []
    var canGoOn = false
    for (index, candidate) in candidates.enumerated() {
      let isBackup = index >= options.beams
      guard !isBackup || next.count < options.beams else { break }
      var text = running[candidate.beam].text
      let end = end(of: candidate, &text)
      if end == nil { canGoOn = true }
      guard end == nil ? next.count < options.beams : !isBackup else { continue }
      let place = note(candidate, owns[candidate.beam])
      if let end {
        finished.insert(.init(score: score(candidate.sum, length: made), place: place, end: end))
        continue
      }
      var history = running[candidate.beam].history
      history.append(candidate.id)
      let state = running[candidate.beam].state
      next.append(Running(state: state, history: history, sum: candidate.sum, place: place, text: text))
    }
    giveEachItsState(&next)
    running = next
    isFinished = !canGoOn || !mayImprove
  }

  /// The best hypotheses, best first: finished ones, and those still running where there are not enough.
  /// - Parameter count: at most this many.
  public func hypotheses(_ count: Int) -> [BeamHypothesis] {
    if limit == 0 { return [BeamHypothesis(tokens: [], text: "", score: 0, end: .length)] }
    var beams = finished.beams
    if beams.count < count {
      let unfinished = running.compactMap { beam in
        beam.place.map {
          FinishedBeams.Beam(score: score(beam.sum, length: made), place: $0, end: .interrupted)
        }
      }
      beams += isFinished ? [] : unfinished
    }
    return beams.prefix(max(count, 0)).map { beam in
      let tokens = trail.tokens(endingAt: beam.place)
      let ids = tokens.map(\.id)
      let text = emptyText.whole(beam.end == .endOfText ? ids.dropLast() : ids[...])
      return BeamHypothesis(tokens: tokens, text: text, score: beam.score, end: beam.end)
    }
  }

  private func nextLogits() throws(GenerationError) -> [[Float]] {
    guard made > 0 else {
      return [sequence.model.logits(sequence.hiddenRow(at: sequence.ids.count - 1)).row(0)]
    }
    let segments = running.map { Segment(ids: [$0.history.ids[$0.history.ids.count - 1]], state: $0.state) }
    let logits = sequence.model.logits(try sequence.model.read(segments).tensor)
    return running.indices.map(logits.row)
  }

  /// The best continuations of all running hypotheses together, best first.
  private func candidates(_ rows: [[Float]], _ owns: [Distribution]) throws(GenerationError) -> [BeamCandidate] {
    var all: [BeamCandidate] = []
    var isLeft = false
    for (beam, own) in owns.enumerated() {
      let hypothesis = running[beam]
      let mask = try rules.mask(hypothesis.history, made: made)
      var scores: [Float]?
      if mask != nil || chain.hasProcessors {
        let row = options.beams == 1 ? rows[beam] : own.logprobs()
        scores = chain.processed(row, history: hypothesis.history, mask: mask)
        isLeft = isLeft || !chain.hasNothingLeft
      } else {
        isLeft = true
      }
      all += BeamCandidate.best(candidateCount, of: own, scores: scores, beam: beam, sum: hypothesis.sum)
    }
    guard isLeft else { throw .nothingLeft(position: running[0].history.ids.count) }
    all.sort(by: BeamCandidate.precedes)
    if options.beams == 1, let first = all.first, let logprob = owns[first.beam].logprob(of: first.id) {
      // What processed logits add up to is no probability: one beam is scored by the model's own.
      return [BeamCandidate(beam: 0, id: first.id, added: logprob, sum: running[0].sum + logprob)]
    }
    return Array(all.prefix(candidateCount))
  }

  /// Why a continuation ends its hypothesis, if it does.
  private func end(of candidate: BeamCandidate, _ text: inout BeamText) -> TextEnd? {
    if options.endOfTextIDs.contains(candidate.id) { return .endOfText }
    if text.append(candidate.id) { return .stop }
    return made >= limit ? .length : nil
  }

  private func note(_ candidate: BeamCandidate, _ own: Distribution) -> Int {
    let token = DrawnToken(
      id: candidate.id, logprob: own.logprob(of: candidate.id) ?? -.infinity, rank: own.rank(of: candidate.id) ?? 1,
      entropy: own.entropy ?? 0, sampledLogprob: candidate.added,
      top: options.topCount > 0 ? own.top(options.topCount) : [])
    return trail.append(token, after: running[candidate.beam].place)
  }

  /// Hypotheses that share a parent share its state: all but the last of them get a fork.
  private func giveEachItsState(_ next: inout [Running]) {
    var taken: Set<ObjectIdentifier> = []
    for index in next.indices.reversed() where !taken.insert(ObjectIdentifier(next[index].state)).inserted {
      next[index].state = next[index].state.fork()
    }
  }

  private func score(_ sum: Double, length: Int) -> Double {
    sum / Natural.power(Double(length), options.lengthPenalty)
  }

  /// Whether a running hypothesis may still get among the finished ones.
  private var mayImprove: Bool {
    guard let best = running.first else { return false }
    guard let worst = finished.worst else { return true }
    guard options.beams > 1, options.stopping != .always else { return false }
    let longest = options.stopping == .never && options.lengthPenalty > 0
    return score(best.sum, length: longest ? limit : made) > worst
  }
}
