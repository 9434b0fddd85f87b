import EngineAPI
import Models
import Tensors

/// Results of a model on held-out examples.
struct Evaluation {
  let objective: TrainingObjective
  let labels: [String]
  let batchSize: Int

  /// Reads all examples and returns the figures, the mean loss first.
  func run(_ examples: any ExampleSet, _ model: AnyLanguageModel) throws(ModelError) -> [TrainingMetric] {
    let pass = LossPass(model: model, smoothing: 0)
    var (loss, count) = (0.0, 0)
    var pairs: [(expected: Int, found: Int)] = []
    var outputs: [(expected: [Float], found: [Float])] = []
    for start in stride(from: 0, to: examples.count, by: batchSize) {
      let batch = (start..<min(start + batchSize, examples.count)).map { examples.example($0, epoch: 0) }
        .filter { $0.targets.count > 0 }
      guard !batch.isEmpty else { continue }
      let result = try pass.evaluate(batch)
      for value in result.losses { loss += value }
      count += result.losses.count
      for (index, example) in batch.enumerated() {
        switch example.targets {
        case .classes(let classes): pairs += zip(classes, result.predictions[index]).map { ($0, $1) }
        case .labels(let values), .numbers(let values): outputs.append((values, result.outputs[index]))
        }
      }
    }
    let mean = loss / Double(max(1, count))
    return [TrainingMetric("loss", mean)] + figures(mean, pairs, outputs)
  }

  private func figures(
    _ loss: Double, _ pairs: [(expected: Int, found: Int)], _ outputs: [(expected: [Float], found: [Float])]
  ) -> [TrainingMetric] {
    let accuracy = Double(pairs.count { $0.expected == $0.found }) / Double(max(1, pairs.count))
    switch objective {
    case .causal, .seq2seq:
      return [TrainingMetric("perplexity", exactExponential(loss)), TrainingMetric("accuracy", accuracy)]
    case .masked: return [TrainingMetric("accuracy", accuracy)]
    case .classify where !outputs.isEmpty && outputs[0].expected.count == 1:
      let errors = outputs.map { Double($0.found[0] - $0.expected[0]) }
      return [
        TrainingMetric("mse", errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)),
        TrainingMetric("mae", errors.reduce(0) { $0 + abs($1) } / Double(errors.count)),
      ]
    case .classify where !outputs.isEmpty:
      // A label applies if its logit is positive.
      let all = outputs.flatMap { zip($0.expected, $0.found).map { ($0 > 0.5, $1 > 0) } }
      let both = all.count { $0 && $1 }
      let either = all.count { $0.0 } + all.count { $0.1 }
      return [
        TrainingMetric("accuracy", Double(all.count { $0 == $1 }) / Double(all.count)),
        TrainingMetric("micro_f1", either == 0 ? 0 : 2 * Double(both) / Double(either)),
      ]
    case .classify, .tag:
      let scores = labels.indices.map { label -> Double in
        let right = pairs.count { $0.expected == label && $0.found == label }
        let all = pairs.count { $0.expected == label } + pairs.count { $0.found == label }
        return all == 0 ? 0 : 2 * Double(right) / Double(all)
      }
      let macro = scores.reduce(0, +) / Double(max(1, scores.count))
      return [TrainingMetric("accuracy", accuracy), TrainingMetric("macro_f1", macro)]
    }
  }
}
