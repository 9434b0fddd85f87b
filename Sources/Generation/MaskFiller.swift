import EngineAPI
import Models
import Sampling

/// Fills the gaps of a text.
public struct MaskFiller {
  let model: any MaskedModel
  let maskID: Int
  private let targets: [Int]

  /// A filler.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - maskID: the id that marks a gap.
  ///   - targets: the only candidate ids; empty means all. Ids outside the vocabulary are ignored.
  public init(_ model: any MaskedModel, maskID: Int, targets: [Int] = []) {
    self.model = model
    self.maskID = maskID
    self.targets = targets
  }

  /// The positions of the gaps.
  public func gaps(in ids: [Int]) -> [Int] { ids.indices.filter { ids[$0] == maskID } }

  /// The best candidates of each gap in the order of the text. Each gap is predicted with the others still masked.
  /// - Throws: ``GenerationError/noMask(maskID:)``, ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func candidates(
    for ids: [Int], topK: Int, _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [Gap<RankedID>] {
    let gaps = gaps(in: ids)
    guard !gaps.isEmpty else { throw .noMask(maskID: maskID) }
    let rows = try model.read([MaskedSequence(ids: ids, wanted: .positions(gaps))]).tensor
    var answers: [Gap<RankedID>] = []
    try model.forEachRow(of: rows, cancellation) { (row, logits) throws(GenerationError) in
      let own = Distribution(logits: logits)
      try own.check(at: gaps[row])
      answers.append(
        Gap(position: gaps[row], entropy: own.entropy, candidates: best(topK, of: own)))
    }
    return answers
  }

  /// The best candidates of a distribution.
  func best(_ count: Int, of own: Distribution) -> [RankedID] {
    guard !targets.isEmpty else { return own.top(count) }
    return Array(
      Set(targets).compactMap(own.ranked).sorted { ($0.rank ?? .max) < ($1.rank ?? .max) }.prefix(max(count, 0)))
  }
}

extension MaskFiller {
  /// The best fillings of all gaps together, best first.
  ///
  /// This is a beam search in which all hypotheses have the same number of filled gaps. Each step predicts the open
  /// gaps of a hypothesis given its filled ones, and fills the gap of lowest entropy (the first one in a tie) with
  /// every candidate that can stay in the beam. If two orders of filling lead to the same text, it is kept once with
  /// the better score. Fillings of equal score are ordered by their ids.
  ///
  /// - Parameters:
  ///   - ids: the text.
  ///   - beam: how many hypotheses are kept, and returned at most.
  ///   - progress: receives the share of the gaps that are filled.
  /// - Throws: ``GenerationError/noMask(maskID:)``, ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func jointFillings(
    for ids: [Int], beam: Int = 20, _ cancellation: Cancellation = .never, progress: (Double) -> Void = { _ in }
  ) throws(GenerationError) -> [GapFilling] {
    let gaps = gaps(in: ids)
    guard !gaps.isEmpty else { throw .noMask(maskID: maskID) }
    var hypotheses = [Hypothesis(filled: Array(repeating: nil, count: gaps.count), logprob: 0)]
    for round in gaps.indices {
      var best: [[Int?]: Double] = [:]
      for (hypothesis, (gap, candidates)) in zip(
        hypotheses, try expansions(of: hypotheses, ids, gaps, beam: beam, cancellation))
      {
        for candidate in candidates {
          var filled = hypothesis.filled
          filled[gap] = candidate.id
          let logprob = hypothesis.logprob + (candidate.logprob ?? -.infinity)
          best[filled] = max(best[filled] ?? -.infinity, logprob)
        }
      }
      hypotheses = best.map { Hypothesis(filled: $0, logprob: $1) }.sorted(by: Hypothesis.precedes)
      hypotheses.removeLast(max(0, hypotheses.count - max(beam, 1)))
      progress(Double(round + 1) / Double(gaps.count))
    }
    return hypotheses.map { GapFilling(ids: $0.filled.compactMap(\.self), logprob: $0.logprob) }
  }

  /// Gaps, some of them filled.
  private struct Hypothesis {
    /// The id of each gap, `nil` if it is open.
    var filled: [Int?]
    var logprob: Double

    static func precedes(_ a: Hypothesis, _ b: Hypothesis) -> Bool {
      if a.logprob != b.logprob { return a.logprob > b.logprob }
      return a.filled.lexicographicallyPrecedes(b.filled) { ($0 ?? -1) < ($1 ?? -1) }
    }
  }

  /// For each hypothesis its open gap of lowest entropy, and the candidates for it.
  private func expansions(
    of hypotheses: [Hypothesis], _ ids: [Int], _ gaps: [Int], beam: Int, _ cancellation: Cancellation
  ) throws(GenerationError) -> [(gap: Int, candidates: [RankedID])] {
    var expansions: [(gap: Int, candidates: [RankedID])] = []
    let atOnce = max(1, 1024 / ids.count)
    var next = 0
    while next < hypotheses.count {
      try cancellation.check()
      let batch = hypotheses[next..<min(next + atOnce, hypotheses.count)]
      let open = batch.map { hypothesis in gaps.indices.filter { hypothesis.filled[$0] == nil } }
      let sequences = zip(batch, open).map { hypothesis, open in
        var copy = ids
        for (gap, id) in zip(gaps, hypothesis.filled) { if let id { copy[gap] = id } }
        return MaskedSequence(ids: copy, wanted: .positions(open.map { gaps[$0] }))
      }
      let places = zip(batch.indices, open).flatMap { index, open in open.map { (index, $0) } }
      var lowest = Array(repeating: Double.infinity, count: batch.count)
      var chosen: [(gap: Int, candidates: [RankedID])] = Array(repeating: (0, []), count: batch.count)
      try model.forEachRow(of: try model.read(sequences).tensor, cancellation) {
        (row, logits) throws(GenerationError) in
        let own = Distribution(logits: logits)
        try own.check(at: gaps[places[row].1])
        let index = places[row].0 - next
        guard let entropy = own.entropy, entropy < lowest[index] else { return }
        lowest[index] = entropy
        chosen[index] = (places[row].1, best(beam, of: own))
      }
      expansions += chosen
      next += batch.count
    }
    return expansions
  }
}

/// Single distributions of a model that fills gaps.
public struct MaskedReader {
  private let model: any MaskedModel

  /// A reader.
  public init(_ model: any MaskedModel) { self.model = model }

  /// The raw logits at one position of a text. `[vocabulary]`
  ///
  /// - Parameters:
  ///   - ids: the whole text.
  ///   - position: one of its positions.
  ///   - maskID: replaces the token at the position, so that the model does not see it; `nil` keeps the token.
  /// - Throws: ``GenerationError/model(_:)``
  public func logits(at position: Int, of ids: [Int], maskID: Int? = nil) throws(GenerationError) -> [Float] {
    precondition(ids.indices.contains(position), "position \(position) of \(ids.count)")
    var ids = ids
    if let maskID { ids[position] = maskID }
    return model.logits(try model.read([MaskedSequence(ids: ids, wanted: .positions([position]))]).tensor).row(0)
  }
}

/// One filling of all gaps together.
public struct GapFilling: Sendable, Hashable {
  /// The ids, gap by gap in the order of the text.
  public var ids: [Int]
  /// The sum of the natural logarithms of the conditional probabilities, in the order in which the gaps were filled.
  public var logprob: Double
}
