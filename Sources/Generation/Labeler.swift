import EngineAPI
import Models
import Sampling
import Tensors
import Tokenizers

/// Gives labels to texts and tokens.
public struct Labeler {
  private let model: any LabelingModel

  /// A labeler.
  public init(_ model: any LabelingModel) { self.model = model }

  /// The labels of a text, best first; equal ones in the model's order.
  /// - Parameter types: the sentence that each id belongs to; empty if all ids belong to one sentence.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/flawedLogits(_:position:)``.
  public func labels(of ids: [Int], types: [Int] = []) throws(GenerationError) -> [LabelScore] {
    let row = try logits(MaskedSequence(ids: ids, types: types)).row(0)
    try Distribution(logits: row).check(at: 0)
    let isQuantity = model.labels.scoring == .identity
    let scored = zip(model.labels.names, zip(model.labels.scores(row), row)).map { name, numbers in
      LabelScore(label: name, probability: isQuantity ? nil : numbers.0, logit: Double(numbers.1))
    }
    // Scores are monotonic in the logits. If two scores round to the same number, the higher logit comes first.
    return scored.enumerated().sorted { a, b in
      (a.element.logit ?? 0, -a.offset) > (b.element.logit ?? 0, -b.offset)
    }.map(\.element)
  }

  /// The scores of all labels for each id of a text. `[ids][labels]`
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/flawedLogits(_:position:)``.
  public func scores(of ids: [Int]) throws(GenerationError) -> [[Double]] {
    let logits = try logits(MaskedSequence(ids: ids))
    var scores: [[Double]] = []
    for position in ids.indices {
      let row = logits.row(position)
      try Distribution(logits: row).check(at: position)
      scores.append(model.labels.scores(row))
    }
    return scores
  }

  private func logits(_ sequence: MaskedSequence) throws(GenerationError) -> Tensor {
    do throws(ModelError) { return model.logits(try model.forward([sequence]).tensor) } catch { throw .model(error) }
  }
}
