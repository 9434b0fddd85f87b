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
  ///   - targets: only these ids are candidates; empty: all. Ids outside the vocabulary do not count.
  public init(_ model: any MaskedModel, maskID: Int, targets: [Int] = []) {
    self.model = model
    self.maskID = maskID
    self.targets = targets
  }

  /// The positions of the gaps.
  public func gaps(in ids: [Int]) -> [Int] { ids.indices.filter { ids[$0] == maskID } }

  /// The best candidates of each gap, each on its own, in the order of the text.
  /// - Throws: ``GenerationError/noMask(maskID:)``, ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func candidates(
    for ids: [Int], topK: Int, _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [GapCandidates] {
    let gaps = gaps(in: ids)
    guard !gaps.isEmpty else { throw .noMask(maskID: maskID) }
    let rows = try model.read([MaskedSequence(ids: ids, wanted: .positions(gaps))]).tensor
    var answers: [GapCandidates] = []
    try model.forEachRow(of: rows, cancellation) { (row, logits) throws(GenerationError) in
      let own = Distribution(logits: logits)
      try own.check(at: gaps[row])
      answers.append(
        GapCandidates(position: gaps[row], entropy: own.entropy ?? 0, candidates: best(topK, of: own)))
    }
    return answers
  }

  /// The best candidates of a distribution.
  func best(_ count: Int, of own: Distribution) -> [RankedID] {
    guard !targets.isEmpty else { return own.top(count) }
    return Array(Set(targets).compactMap(own.ranked).sorted { $0.rank < $1.rank }.prefix(max(count, 0)))
  }
}
