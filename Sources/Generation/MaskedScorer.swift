import Models

/// Scores a text under a model that fills gaps: the pseudo-log-likelihood of Salazar et al. (2020), in which each
/// token is masked alone and predicted from all others.
public struct MaskedScorer {
  private let model: any MaskedModel
  private let maskID: Int
  private let topCount: Int

  /// A scorer of a model with this mask token.
  public init(_ model: any MaskedModel, maskID: Int, topCount: Int = 0) {
    self.model = model
    self.maskID = maskID
    self.topCount = topCount
  }

  /// Scores ids.
  ///
  /// - Parameters:
  ///   - ids: the text, special tokens included.
  ///   - isScored: whether the id at a position is scored; the others stay as they are and have no prediction.
  ///   - progress: hears the share of the ids that are scored.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func score(
    _ ids: [Int], where isScored: (Int) -> Bool = { _ in true }, _ cancellation: Cancellation = .never,
    progress: (Double) -> Void = { _ in }
  ) throws(GenerationError) -> [ScoredID] {
    try model.check(ids)
    var scored = ids.map { ScoredID(id: $0, prediction: nil) }
    let positions = ids.indices.filter(isScored)
    let atOnce = max(1, 512 / max(ids.count, 1))
    var next = 0
    while next < positions.count {
      try cancellation.check()
      let batch = Array(positions[next..<min(next + atOnce, positions.count)])
      let copies = batch.map { position in
        var copy = ids
        copy[position] = maskID
        return MaskedSequence(ids: copy, wanted: .positions([position]))
      }
      try model.forEachRow(of: try model.read(copies).tensor, cancellation) { (row, logits) throws(GenerationError) in
        let place = batch[row]
        scored[place] = try ScoredID(ids[place], logits: logits, topCount: topCount, position: place)
      }
      next += batch.count
      progress(Double(next) / Double(positions.count))
    }
    return scored
  }
}
