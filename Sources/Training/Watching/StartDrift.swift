import EngineAPI
import JSONText
import Models
import Tensors

/// The mean KL divergence D(now ‖ start) of the current model from the initial model, in nats, at the positions of
/// fixed examples that the loss counts.
struct StartDrift {
  /// The name of the file with the distributions of the start, in the folder of a run.
  static let file = "start.safetensors"
  /// The name of the tensor in it: log-probabilities. `[positions, classes]`
  private static let tensor = "log_probabilities"
  /// The number of positions that are compared at most.
  static let positionLimit = 256

  private let examples: [TrainingExample]
  /// `[positions, classes]`
  private let start: Tensor

  /// Takes the distributions of the present model as those of the start.
  init(_ examples: [TrainingExample], _ model: AnyLanguageModel) throws(TrainingError) {
    self.examples = examples
    let logits = try Self.logits(examples, model)
    start = Tensor(
      logits.shape, (0..<logits.rowCount).flatMap { Probabilities.logSoftmax(logits.row($0)).map(Float.init) }
    ).detached()
  }

  /// Takes the distributions that a run has written.
  init(_ examples: [TrainingExample], folder: RunFolder) throws(TrainingError) {
    self.examples = examples
    let path = "\(folder.path)/\(Self.file)"
    let rows = examples.reduce(0) { $0 + $1.targets.count }
    guard let found = try folder.read(Self.file)[Self.tensor], found.shape.count == 2, found.shape[0] == rows else {
      throw TrainingError(
        .model, "the distributions of the start are of other examples", at: path,
        expected: "\(rows) positions", found: "another shape", hint: "resume with the options of the run")
    }
    start = found.detached()
  }

  /// Writes the distributions of the start.
  func write(to folder: RunFolder) throws(TrainingError) {
    try folder.write([(name: Self.tensor, value: start)], to: Self.file)
  }

  /// The mean divergence of the present distributions from those of the start.
  func divergence(_ model: AnyLanguageModel) throws(TrainingError) -> Double {
    let logits = try Self.logits(examples, model)
    guard logits.shape == start.shape else {
      throw TrainingError(
        .model, "the initial distributions are of another model", at: Self.file, expected: "\(logits.shape)",
        found: "\(start.shape)", hint: "resume with the options of the run")
    }
    var total = 0.0
    for row in 0..<logits.rowCount {
      let (now, then) = (Probabilities.logSoftmax(logits.row(row)), start.row(row))
      for (new, old) in zip(now, then) where new > -.infinity { total += exponential(new) * (new - Double(old)) }
    }
    return total / Double(max(1, logits.rowCount))
  }

  private static func logits(_ examples: [TrainingExample], _ model: AnyLanguageModel) throws(TrainingError) -> Tensor {
    do throws(ModelError) {
      return try LossPass(model: model, smoothing: 0).forward(examples, recorder: nil).logits
    } catch {
      throw TrainingError(.model, error)
    }
  }

  /// The first examples of a set with at most ``positionLimit`` counted positions in all, and at least one of them.
  static func examples(_ set: any ExampleSet) -> [TrainingExample] {
    var chosen: [TrainingExample] = []
    var count = 0
    for index in 0..<set.count {
      let example = set.example(index, epoch: 0).first(positionLimit - count)
      guard case .classes(let classes) = example.targets, !classes.isEmpty else { continue }
      chosen.append(example)
      count += classes.count
      if count >= positionLimit { break }
    }
    return chosen
  }
}

extension TrainingExample {
  /// The example with only its first `count` targets.
  fileprivate func first(_ count: Int) -> TrainingExample {
    guard case .classes(let classes) = targets, classes.count > count else { return self }
    var example = self
    example.positions = Array(positions.prefix(count))
    example.targets = .classes(Array(classes.prefix(count)))
    return example
  }
}
