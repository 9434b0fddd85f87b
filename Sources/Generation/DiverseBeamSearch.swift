import EngineAPI
import Models
import Sampling
import Tensors

/// Diverse beam search (Vijayakumar et al., "Diverse Beam Search: Decoding Diverse Solutions from Neural Sequence
/// Models", 2016, arXiv:1610.02424) with Hamming diversity.
///
/// The beams are divided into groups of equal size. In each step the groups are extended one after the other. A group
/// subtracts `diversityPenalty` from a token's log-probability for each hypothesis of an earlier group that has been
/// extended by that token in the same step. Apart from this, each group is a separate beam search. The results of all
/// groups are ordered by score, including the penalties.
///
/// The details follow `_group_beam_search` of transformers 4.55, the last version that had it: a group is done by the
/// rules of its `BeamHypotheses`; a group that is done counts as continued by the padding id; at the length limit all
/// running hypotheses of the other groups are finished as they are. One difference: here a stop string ends its own
/// hypothesis; there the search ended once every hypothesis contained one.
public final class DiverseBeamSearch: HypothesisSearch {
  private struct Group {
    var running: [RunningBeam]
    var finished: FinishedBeams
    var isDone = false
  }

  /// The number of tokens in each running hypothesis.
  public private(set) var made = 0
  /// Whether the search is over.
  public private(set) var isFinished = false

  private let start: BeamStart
  private let groupSize: Int
  private var chain: SamplerChain
  private var trail = BeamTrail()
  private var groups: [Group]

  private var options: Decoding<BeamRequest> { start.options }

  /// A search. Parameters and errors are those of ``BeamSearch/init(sequence:ids:promptCount:decoder:options:_:)``.
  public init(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder, options: Decoding<BeamRequest>,
    _ cancellation: Cancellation = .never
  ) throws(GenerationError) {
    precondition(
      options.request.groups > 0 && options.request.beams >= options.request.groups, "each group has at least one beam")
    let start = try BeamStart(
      sequence: sequence, ids: ids, promptCount: promptCount, decoder: decoder, options: options, cancellation)
    self.start = start
    let size = options.request.beams / options.request.groups
    groupSize = size
    chain = SamplerChain(options.request.settings)
    groups = (0..<options.request.groups).map { _ in
      Group(running: [start.hypothesis()], finished: FinishedBeams(capacity: size))
    }
    if start.limit == 0 { isFinished = true }
  }

  /// Extends every running hypothesis by one token.
  /// - Throws: ``GenerationError/cancelled``, which leaves the search as it was before the step;
  ///   ``GenerationError/model(_:)``, after which the search cannot continue.
  public func step(_ cancellation: Cancellation) throws(GenerationError) {
    guard !isFinished else { return }
    let active = groups.filter { !$0.isDone }.flatMap(\.running)
    let rows =
      made > 0
      ? try active.nextLogits(start.sequence.model, cancellation)
      : Array(repeating: try start.sequence.logits(after: start.sequence.ids), count: active.count)
    made += 1
    var counts: [Int: Int] = [:]
    var first = 0
    for index in groups.indices {
      guard !groups[index].isDone else {
        if let pad = options.padID ?? options.endOfTextIDs.first { counts[pad, default: 0] += groupSize }
        continue
      }
      let last = first + groups[index].running.count
      let owns = rows[first..<last].map(Distribution.init(logits:))
      for own in owns { try own.check(at: groups[index].running[0].history.ids.count) }
      try advance(&groups[index], owns, counts)
      for beam in groups[index].running { counts[beam.history.ids[beam.history.ids.count - 1], default: 0] += 1 }
      first = last
    }
    if made >= start.limit {
      finishRunning(.length)
    } else if options.isOver(options.request.maxSeconds) {
      finishRunning(.time)
    }
    isFinished = groups.allSatisfy(\.isDone)
  }

  /// Extends the hypotheses of one group.
  /// - Parameter counts: how often earlier groups chose each id in this step, for the diversity penalty.
  private func advance(_ group: inout Group, _ owns: [Distribution], _ counts: [Int: Int]) throws(GenerationError) {
    let candidates = try candidates(group, owns, counts)
    var next: [RunningBeam] = []
    for (index, candidate) in candidates.enumerated() where next.count < groupSize {
      var text = group.running[candidate.beam].text
      let end: FinishReason? =
        options.endOfTextIDs.contains(candidate.id) ? .endOfText : text.append(candidate.id) ? .stop : nil
      guard end == nil || index < groupSize else { continue }
      let token = candidate.token(owns[candidate.beam], topCount: options.request.topCount)
      let place = trail.append(token, after: group.running[candidate.beam].place)
      if let end {
        group.finished.insert(.init(score: options.score(candidate.sum, length: made), place: place, end: end))
      } else {
        next.append(group.running[candidate.beam].followed(by: candidate, place: place, text: text))
      }
    }
    next.giveEachItsState()
    group.running = next
    group.isDone = next.isEmpty || isDone(group, best: candidates.first?.sum ?? -.infinity)
  }

  /// The best continuations of a group's hypotheses, best first.
  private func candidates(
    _ group: Group, _ owns: [Distribution], _ counts: [Int: Int]
  ) throws(GenerationError) -> [BeamCandidate] {
    let count = options.candidateCount(groupSize)
    var all: [BeamCandidate] = []
    for (beam, own) in owns.enumerated() {
      let hypothesis = group.running[beam]
      var row = own.logprobs()
      for (id, times) in counts where row.indices.contains(id) {
        row[id] -= Float(options.request.diversityPenalty) * Float(times)
      }
      let mask = try start.rules.mask(hypothesis.history, made: made - 1)
      if mask != nil || chain.hasProcessors {
        row = chain.processed(row, history: hypothesis.history, mask: mask)
        if chain.hasNothingLeft { throw .nothingLeft(position: hypothesis.history.ids.count) }
      }
      all += BeamCandidate.best(count, of: own, scores: row, beam: beam, sum: hypothesis.sum)
    }
    all.sort(by: BeamCandidate.precedes)
    return Array(all.prefix(count))
  }

  /// Whether no running hypothesis of a group can still score better than its worst finished one.
  private func isDone(_ group: Group, best: Double) -> Bool {
    guard let worst = group.finished.worst else { return false }
    if options.request.earlyStopping == .always { return true }
    let longest = options.request.earlyStopping == .never && options.request.lengthPenalty > 0
    return worst >= options.score(best, length: longest ? start.limit : made)
  }

  private func finishRunning(_ end: FinishReason) {
    for index in groups.indices where !groups[index].isDone {
      for beam in groups[index].running {
        guard let place = beam.place else { continue }
        groups[index].finished.insert(.init(score: options.score(beam.sum, length: made), place: place, end: end))
      }
      groups[index].isDone = true
    }
  }

  /// The best hypotheses of all groups, best first: finished ones and, until the search has ended, running ones.
  /// - Parameter count: the maximum number of hypotheses.
  public func hypotheses(_ count: Int) -> [Completion] {
    if start.limit == 0 { return [Completion(text: "", tokens: [], finishReason: .length, score: 0)] }
    var beams = groups.flatMap(\.finished.beams)
    for group in groups where !group.isDone && beams.count < count {
      for beam in group.running {
        guard let place = beam.place else { continue }
        beams.append(.init(score: options.score(beam.sum, length: made), place: place, end: .interrupted))
      }
    }
    // A stable order: ties go to the earlier group.
    let order = beams.indices.sorted {
      beams[$0].score == beams[$1].score ? $0 < $1 : beams[$0].score > beams[$1].score
    }
    return order.prefix(max(count, 0)).map { trail.completion(beams[$0], start.emptyText, options.token) }
  }
}

/// A search that keeps several hypotheses and extends all of them by one token per step.
public protocol HypothesisSearch: AnyObject {
  /// The number of tokens in each running hypothesis.
  var made: Int { get }
  /// Whether the search is over.
  var isFinished: Bool { get }
  /// Extends every running hypothesis by one token.
  /// - Throws: ``GenerationError/cancelled``, which leaves the search as it was before the step;
  ///   ``GenerationError/model(_:)``, after which the search cannot continue.
  func step(_ cancellation: Cancellation) throws(GenerationError)
  /// The best hypotheses, best first: finished ones, then running ones if there are too few.
  /// - Parameter count: the maximum number of hypotheses.
  func hypotheses(_ count: Int) -> [Completion]
}

extension HypothesisSearch {
  /// Extends every running hypothesis by one token.
  /// - Throws: ``GenerationError/model(_:)``, after which the search cannot continue.
  public func step() throws(GenerationError) { try step(.never) }
}

extension Decoding<BeamRequest> {
  /// A search with these options: beam search, or with more than one group diverse beam search.
  /// Parameters and errors are those of ``BeamSearch/init(sequence:ids:promptCount:decoder:options:_:)``.
  public func search(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder,
    _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> any HypothesisSearch {
    if request.groups > 1 {
      return try DiverseBeamSearch(
        sequence: sequence, ids: ids, promptCount: promptCount, decoder: decoder, options: self, cancellation)
    }
    return try BeamSearch(
      sequence: sequence, ids: ids, promptCount: promptCount, decoder: decoder, options: self, cancellation)
  }

  /// The number of continuations that a step considers for a number of hypotheses.
  func candidateCount(_ hypotheses: Int) -> Int {
    let product = hypotheses.multipliedReportingOverflow(by: leastKept)
    return product.overflow ? .max : product.partialValue
  }

  /// One more than the number of end-of-text ids, at least 2: among that many continuations of a hypothesis, at least
  /// one does not end the text.
  var leastKept: Int { max(2, 1 + endOfTextIDs.count) }

  /// The score of a hypothesis.
  func score(_ sum: Double, length: Int) -> Double { sum / Natural.power(Double(length), request.lengthPenalty) }
}
