import EngineAPI
import Models
import Sampling
import Tensors

/// Beam search over one context, step by step.
///
/// The hypotheses, their scores and the stopping rule are those of transformers' `_beam_search`. Each step considers
/// the best max(2, 1 + end-of-text ids) × beams continuations. Those that end and rank among the first `beams` are
/// finished; the best `beams` of the others continue.
///
/// With a seed (beam sampling), continuations are sampled without replacement from the softmax over the sums of all
/// hypotheses after the sampler chain, and then ordered by their sums. The draws depend only on seed, position, beam
/// and id. With one beam, the search is transformers' greedy search or sampling: penalties act on the raw logits.
///
/// A forward pass reads up to 64 running hypotheses. Scores are summed in double precision. A search can be abandoned
/// between steps, and a step can be canceled.
public final class BeamSearch: HypothesisSearch {
  /// The number of tokens in each running hypothesis.
  public private(set) var made = 0
  /// Whether the search is over.
  public private(set) var isFinished = false

  private let start: BeamStart
  private let candidateCount: Int
  private let generator: SeededGenerator?
  private var chain: SamplerChain
  private var trail = BeamTrail()
  private var finished: FinishedBeams
  private var running: [RunningBeam]

  private var options: Decoding<BeamRequest> { start.options }

  /// Creates a search.
  ///
  /// - Parameters:
  ///   - sequence: a sequence that may share a prefix with `ids`. The search truncates it to that prefix and extends
  ///     it, so pass a fork.
  ///   - ids: the ids to continue, at least one. For an encoder-decoder model they include the decoder's start token.
  ///   - promptCount: the number of ids that belong to the prompt.
  ///   - decoder: a new decoder of the model's tokenizer.
  ///   - options: the search settings. The request's context is ignored.
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/promptTooLong(limit:found:)``,
  ///   ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public init(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder, options: Decoding<BeamRequest>,
    _ cancellation: Cancellation = .never
  ) throws(GenerationError) {
    precondition(options.request.beams > 0, "a search has at least one beam")
    start = try BeamStart(
      sequence: sequence, ids: ids, promptCount: promptCount, decoder: decoder, options: options, cancellation)
    candidateCount =
      options.request.beams == 1 && options.request.seed != nil ? 1 : options.candidateCount(options.request.beams)
    generator = options.request.seed.map { SeededGenerator(seed: $0) }
    chain = SamplerChain(options.request.settings)
    finished = FinishedBeams(capacity: options.request.beams)
    running = [start.hypothesis()]
    if start.limit == 0 { isFinished = true }
  }

  /// Extends every running hypothesis by one token.
  /// - Throws: ``GenerationError/cancelled``, which leaves the search as it was before the step;
  ///   ``GenerationError/model(_:)``, after which the search cannot continue.
  public func step(_ cancellation: Cancellation) throws(GenerationError) {
    guard !isFinished else { return }
    let rows = try nextLogits(cancellation)
    var owns: [Distribution] = []
    let candidates: [BeamCandidate]
    do throws(GenerationError) {
      candidates = try self.candidates(rows, &owns, cancellation)
    } catch {
      if made > 0 { running.forgetLast() }
      throw error
    }
    made += 1
    let isLate = options.isOver(options.request.maxSeconds)
    var next: [RunningBeam] = []
    var canGoOn = false
    for (index, candidate) in candidates.enumerated() {
      let isBackup = index >= options.request.beams
      guard !isBackup || next.count < options.request.beams else { break }
      var text = running[candidate.beam].text
      let end = end(of: candidate, &text, isLate: isLate)
      if end == nil { canGoOn = true }
      guard end == nil ? next.count < options.request.beams : !isBackup else { continue }
      let place = note(candidate, owns[candidate.beam])
      if let end {
        finished.insert(.init(score: options.score(candidate.sum, length: made), place: place, end: end))
        continue
      }
      next.append(running[candidate.beam].followed(by: candidate, place: place, text: text))
    }
    next.giveEachItsState()
    running = next
    isFinished = !canGoOn || !mayImprove
  }

  /// The best hypotheses, best first: finished ones, then running ones if there are too few.
  /// - Parameter count: the maximum number of hypotheses.
  public func hypotheses(_ count: Int) -> [Completion] {
    if start.limit == 0 { return [Completion(text: "", tokens: [], finishReason: .length, score: 0)] }
    var beams = finished.beams
    if beams.count < count {
      let unfinished = running.compactMap { beam in
        beam.place.map {
          FinishedBeams.Beam(score: options.score(beam.sum, length: made), place: $0, end: .interrupted)
        }
      }
      beams += isFinished ? [] : unfinished
    }
    return beams.prefix(max(count, 0)).map { trail.completion($0, start.emptyText, options.token) }
  }

  private func nextLogits(_ cancellation: Cancellation) throws(GenerationError) -> [[Float]] {
    guard made > 0 else {
      return [start.sequence.model.logits(start.sequence.hiddenRow(at: start.sequence.ids.count - 1)).row(0)]
    }
    return try running.nextLogits(start.sequence.model, cancellation)
  }

  /// The continuations of all running hypotheses that a step considers, best first.
  private func candidates(
    _ rows: [[Float]], _ owns: inout [Distribution], _ cancellation: Cancellation
  ) throws(GenerationError) -> [BeamCandidate] {
    var all: [BeamCandidate] = []
    var drawn: [(key: Double, candidate: BeamCandidate)] = []
    var isLeft = false
    for (beam, logits) in rows.enumerated() {
      try cancellation.check()
      let own = Distribution(logits: logits)
      try own.check(at: running[0].history.ids.count)
      owns.append(own)
      let hypothesis = running[beam]
      let mask = try start.rules.mask(hypothesis.history, made: made)
      if let generator {
        let row = options.request.beams == 1 ? logits : own.logprobs()
        let least = options.request.beams == 1 ? 1 : options.leastKept
        let place = hypothesis.history.outputCount &* options.request.beams &+ beam
        let scores = chain.filtered(
          row, history: hypothesis.history, stageCoin: generator.stageCoin(at: place), mask: mask, least: least)
        isLeft = isLeft || !chain.hasNothingLeft
        let first = place &* logits.count
        drawn += BeamCandidate.drawn(
          candidateCount, scores: scores, beam: beam, sum: hypothesis.sum, generator: generator, first: first)
      } else {
        var scores: [Float]?
        if mask != nil || chain.hasProcessors {
          let row = options.request.beams == 1 ? logits : own.logprobs()
          scores = chain.processed(row, history: hypothesis.history, mask: mask)
          isLeft = isLeft || !chain.hasNothingLeft
        } else {
          isLeft = true
        }
        all += BeamCandidate.best(candidateCount, of: own, scores: scores, beam: beam, sum: hypothesis.sum)
      }
    }
    if generator != nil {
      drawn.sort { $0.key == $1.key ? BeamCandidate.precedes($0.candidate, $1.candidate) : $0.key > $1.key }
      all = drawn.prefix(candidateCount).map(\.candidate)
    }
    guard isLeft else { throw .nothingLeft(position: running[0].history.ids.count) }
    all.sort(by: BeamCandidate.precedes)
    if options.request.beams == 1, let first = all.first, let logprob = owns[first.beam].logprob(of: first.id) {
      // A sum of processed logits is not a log-probability, so a single beam is scored by the model's distribution.
      return [BeamCandidate(beam: 0, id: first.id, added: logprob, sum: running[0].sum + logprob)]
    }
    return Array(all.prefix(candidateCount))
  }

  /// Why a continuation ends its hypothesis, if it does.
  private func end(of candidate: BeamCandidate, _ text: inout BeamText, isLate: Bool) -> FinishReason? {
    if options.endOfTextIDs.contains(candidate.id) { return .endOfText }
    if text.append(candidate.id) { return .stop }
    if made >= start.limit { return .length }
    return isLate ? .time : nil
  }

  private func note(_ candidate: BeamCandidate, _ own: Distribution) -> Int {
    trail.append(candidate.token(own, topCount: options.request.topCount), after: running[candidate.beam].place)
  }

  /// Whether a running hypothesis can still score better than the worst finished one.
  private var mayImprove: Bool {
    guard let best = running.first else { return false }
    guard let worst = finished.worst else { return true }
    guard options.request.beams > 1, options.request.earlyStopping != .always else { return false }
    let longest = options.request.earlyStopping == .never && options.request.lengthPenalty > 0
    return options.score(best.sum, length: longest ? start.limit : made) > worst
  }
}
