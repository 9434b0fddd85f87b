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
    try labels(of: try logits([MaskedSequence(ids: ids, types: types)]).row(0))
  }

  /// The labels of several texts, for each the same as alone. All are read in one forward pass, or in several if they
  /// have more than ``tokensAtOnce`` tokens together.
  /// - Parameter texts: the ids of each text, and the sentence that each id belongs to; empty if there is one sentence.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/flawedLogits(_:position:)``,
  ///   ``GenerationError/cancelled``.
  public func labels(
    ofEach texts: [(ids: [Int], types: [Int])], _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [[LabelScore]] {
    var labels: [[LabelScore]] = []
    var rest = texts.map { MaskedSequence(ids: $0.ids, types: $0.types) }[...]
    while let first = rest.popFirst() {
      try cancellation.check()
      var (batch, count) = ([first], first.ids.count)
      while let next = rest.first, count + next.ids.count <= Self.tokensAtOnce {
        batch.append(rest.removeFirst())
        count += next.ids.count
      }
      let rows = try logits(batch)
      for row in batch.indices { labels.append(try self.labels(of: rows.row(row))) }
    }
    return labels
  }

  /// How many tokens of several texts one forward pass reads. Bounds the time until a cancellation is noticed.
  public static let tokensAtOnce = 1024

  private func labels(of row: [Float]) throws(GenerationError) -> [LabelScore] {
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
    let logits = try logits([MaskedSequence(ids: ids)])
    var scores: [[Double]] = []
    for position in ids.indices {
      let row = logits.row(position)
      try Distribution(logits: row).check(at: position)
      scores.append(model.labels.scores(row))
    }
    return scores
  }

  private func logits(_ sequences: [MaskedSequence]) throws(GenerationError) -> Tensor {
    do throws(ModelError) { return model.logits(try model.forward(sequences).tensor) } catch { throw .model(error) }
  }
}
