import Models

/// Scores a target text under an encoder-decoder model.
public struct TargetScorer {
  private let model: any Seq2SeqModel
  private let startID: Int
  private let topCount: Int

  /// A scorer of a model whose decoder starts with `startID`.
  public init(_ model: any Seq2SeqModel, startID: Int, topCount: Int = 0) {
    self.model = model
    self.startID = startID
    self.topCount = topCount
  }

  /// Scores every id of a target after its source.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public func score(
    _ target: [Int], source: [Int], _ cancellation: Cancellation = .never, progress: (Double) -> Void = { _ in }
  ) throws(GenerationError) -> [ScoredID] {
    guard !target.isEmpty else { return [] }
    try model.check(target)
    let sequence = try ReadSequence(model, source: source)
    let inputs = [startID] + target.dropLast()
    var scored: [ScoredID] = []
    while scored.count < target.count {
      let first = scored.count
      let end = min(first + 256, inputs.count)
      try sequence.read(Array(inputs[..<end]), cancellation)
      for position in first..<end {
        try cancellation.check()
        let logits = model.logits(sequence.hiddenRow(at: position)).row(0)
        scored.append(
          try ScoredID(target[position], logits: logits, topCount: topCount, position: position))
      }
      progress(Double(scored.count) / Double(target.count))
    }
    return scored
  }
}
