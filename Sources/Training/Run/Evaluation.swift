import EngineAPI
import Metrics
import Models
import Tensors
import Terms

/// Results of a model on held-out examples.
struct Evaluation {
  let objective: TrainingObjective
  let labels: [String]
  let batchSize: Int
  /// DPO's β.
  var beta = 0.1
  /// Writes texts, which are compared with the targets; `nil` if none are written.
  var writer: TextWriter?

  /// The expected and the found classes of an example.
  typealias Classes = (expected: [Int], found: [Int])

  /// Reads all examples and returns the figures, the mean loss first.
  func run(_ examples: any ExampleSet, _ model: AnyLanguageModel) throws(TrainingError) -> [TrainingMetric] {
    let pass = LossPass(model: model, smoothing: 0, beta: beta)
    var (loss, count) = (0.0, 0)
    var classes: [Classes] = []
    var outputs: [(expected: [Float], found: [Float])] = []
    for start in stride(from: 0, to: examples.count, by: batchSize) {
      let batch = (start..<min(start + batchSize, examples.count)).map { examples.example($0, epoch: 0) }
        .filter { $0.targets.count > 0 }
      guard !batch.isEmpty else { continue }
      let result: LossPass.Result
      do throws(ModelError) { result = try pass.evaluate(batch) } catch { throw TrainingError(.model, error) }
      for value in result.losses { loss += value }
      count += result.losses.count
      for (index, example) in batch.enumerated() {
        switch example.targets {
        case .classes(let expected): classes.append((expected, result.predictions[index]))
        case .preference: outputs.append(([], result.outputs[index]))
        case .labels(let values), .numbers(let values): outputs.append((values, result.outputs[index]))
        }
      }
    }
    let mean = loss / Double(max(1, count))
    let written = try writer.map { writer throws(TrainingError) in try writer.texts(examples, model) }
    do throws(MetricError) {
      let texts = try written.map { texts throws(MetricError) in try Self.comparison(texts) } ?? []
      return [TrainingMetric("loss", mean)] + (try figures(mean, classes, outputs)) + texts
    } catch {
      throw TrainingError(.data, error)
    }
  }

  /// The figures beside the loss; 0 for ratios without examples.
  func figures(
    _ loss: Double, _ classes: [Classes], _ outputs: [(expected: [Float], found: [Float])]
  ) throws(MetricError) -> [TrainingMetric] {
    switch objective {
    case .causal, .seq2seq:
      return [
        TrainingMetric("perplexity", exponential(loss)), TrainingMetric("accuracy", Self.accuracy(classes)),
      ]
    case .masked: return [TrainingMetric("accuracy", Self.accuracy(classes))]
    case .classify:
      guard let first = outputs.first else { return try singleLabels(classes) }
      return first.expected.count == 1 ? Self.errors(outputs) : try severalLabels(outputs)
    case .tag: return try entities(classes)
    case .preference:
      let margins = outputs.map { Double($0.found[0]) }
      let count = Double(max(1, margins.count))
      return [
        TrainingMetric("accuracy", Double(margins.count { $0 > 0 }) / count),
        TrainingMetric("margin", margins.reduce(0, +) / count),
      ]
    }
  }

  /// Figures of texts beside their references: BLEU and chrF as sacrebleu computes them, ROUGE as rouge_score does.
  private static func comparison(
    _ texts: [(written: String, reference: String)]
  ) throws(MetricError) -> [TrainingMetric] {
    let (written, references) = (texts.map(\.written), texts.map { [$0.reference] })
    guard !written.isEmpty else { return textNames.map { TrainingMetric($0, 0) } }
    let rouges = try [ROUGE.Variant.ngrams(1), .ngrams(2), .longestSubsequence].map {
      variant throws(MetricError) in try ROUGE(variant).mean(written, references: references).fMeasure
    }
    let values =
      [
        try BLEU().score(written, references: references).value,
        try CharacterFScore().score(written, references: references),
      ] + rouges
    return zip(textNames, values).map { TrainingMetric($0, $1) }
  }

  private static let textNames = ["bleu", "chrf", "rouge1", "rouge2", "rougeL"]

  /// The share of classes that are right.
  private static func accuracy(_ classes: [Classes]) -> Double {
    let right = classes.reduce(0) { $0 + zip($1.expected, $1.found).count { $0 == $1 } }
    return Double(right) / Double(max(1, classes.reduce(0) { $0 + $1.expected.count }))
  }

  /// The errors of numbers.
  private static func errors(_ outputs: [(expected: [Float], found: [Float])]) -> [TrainingMetric] {
    let errors = outputs.map { Double($0.found[0] - $0.expected[0]) }
    return [
      TrainingMetric("mse", errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)),
      TrainingMetric("mae", errors.reduce(0) { $0 + abs($1) } / Double(errors.count)),
    ]
  }

  /// Figures of texts with one label, as scikit-learn counts them.
  private func singleLabels(_ classes: [Classes]) throws(MetricError) -> [TrainingMetric] {
    guard !classes.isEmpty else { return [TrainingMetric("accuracy", 0), TrainingMetric("macro_f1", 0)] }
    let report = try ClassificationReport(
      actual: classes.flatMap { $0.expected.map(name) }, predicted: classes.flatMap { $0.found.map(name) })
    return [TrainingMetric("accuracy", report.accuracy), TrainingMetric("macro_f1", report.macro.f1)]
  }

  /// Figures of texts with any number of labels, as scikit-learn counts them. A label applies if its logit is positive.
  private func severalLabels(
    _ outputs: [(expected: [Float], found: [Float])]
  ) throws(MetricError) -> [TrainingMetric] {
    func names(_ values: [Float], above limit: Float) -> Set<String> {
      Set(values.indices.filter { values[$0] > limit }.map(name))
    }
    let report = try MultilabelReport(
      actual: outputs.map { names($0.expected, above: 0.5) }, predicted: outputs.map { names($0.found, above: 0) })
    return [
      TrainingMetric("accuracy", report.accuracy), TrainingMetric("micro_f1", report.micro.f1),
      TrainingMetric("macro_f1", report.macro.f1),
    ]
  }

  /// Figures of entities, as seqeval counts them without a scheme; the accuracy is that of tags.
  private func entities(_ classes: [Classes]) throws(MetricError) -> [TrainingMetric] {
    var (precision, recall, f1, accuracy) = (0.0, 0.0, 0.0, 0.0)
    if !classes.isEmpty {
      let report = try EntityReport(
        actual: classes.map { $0.expected.map(name) }, predicted: classes.map { $0.found.map(name) })
      (precision, recall, f1) = (report.micro.precision, report.micro.recall, report.micro.f1)
      accuracy = report.accuracy
    }
    return [
      TrainingMetric("precision", precision), TrainingMetric("recall", recall), TrainingMetric("f1", f1),
      TrainingMetric("accuracy", accuracy),
    ]
  }

  private func name(_ label: Int) -> String { labels.indices.contains(label) ? labels[label] : "\(label)" }

  /// The names of the figures of an objective.
  static func names(_ objective: TrainingObjective, _ options: TrainingOptions) -> [String] {
    let own =
      switch objective {
      case .causal, .seq2seq: ["perplexity", "accuracy"]
      case .masked: ["accuracy"]
      case .classify:
        switch options.problemType {
        case "regression": ["mse", "mae"]
        case "multi_label_classification": ["accuracy", "micro_f1", "macro_f1"]
        default: ["accuracy", "macro_f1"]
        }
      case .tag: ["precision", "recall", "f1", "accuracy"]
      case .preference: ["accuracy", "margin"]
      }
    return ["loss"] + own + (options.predictWithGenerate ? textNames : [])
  }

  /// The name of the figure that an option asks for: with or without `eval_`, and `f1` for that of the objective.
  static func figure(_ asked: String, among metrics: [TrainingMetric]) -> TrainingMetric? {
    let name = asked.hasPrefix("eval_") ? String(asked.dropFirst(5)) : asked
    let others = name == "f1" ? ["macro_f1", "micro_f1"] : []
    return ([name] + others).lazy.compactMap { name in metrics.first { $0.name == name } }.first
  }
}
