import Models
import Tensors

/// One pass of examples through a model, with their loss.
struct LossPass {
  /// The result of a pass.
  struct Result {
    /// The sum of the targets' losses, in nats; each is added in the order of the examples.
    var losses: [Double] = []
    /// The class with the highest logit of each counted row, example after example.
    var predictions: [[Int]] = []
    /// The outputs of models that predict numbers or several labels, example after example.
    var outputs: [[Float]] = []
  }

  let model: AnyLanguageModel
  let smoothing: Float
  /// DPO's β.
  var beta = 0.1
  /// The key from which the dropout of a step follows; `nil` for none.
  var dropout: RandomKey?
  /// Whether layers are computed again in the backward pass.
  var recomputesLayers = false
  /// Adapters with a dropout of their own.
  var branches: LowRankBranches?

  /// Reads examples without gradients, for an evaluation.
  func evaluate(_ examples: [TrainingExample]) throws(ModelError) -> Result {
    let logits = try forward(examples, recorder: nil).logits
    let loss = Loss(logits, examples, factor: 1, smoothing: 0, beta: beta)
    var result = Result(losses: loss.losses)
    guard examples.allSatisfy({ $0.pair == nil }) else {
      result.predictions = examples.map { _ in [] }
      result.outputs = loss.margins.map { [Float($0)] }
      return result
    }
    var row = 0
    for example in examples {
      let count = example.targets.count
      let rows = (row..<row + count).map { logits.row($0) }
      result.predictions.append(rows.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 })
      result.outputs.append(rows.first ?? [])
      row += count
    }
    return result
  }

  /// Reads examples and adds the gradients of Σ losses · factor.
  /// - Parameter first: the number of the first example in the step.
  /// - Returns: the loss of each target.
  func train(
    _ examples: [TrainingExample], first: Int = 0, factor: Float, _ gradients: ParameterGradients
  ) throws(ModelError) -> [Double] {
    // An example in which nothing counts changes nothing.
    let numbers = examples.indices.filter { examples[$0].targets.count > 0 }
    let counted = numbers.map { examples[$0] }
    guard !counted.isEmpty else { return [] }
    let recorder = Recorder(dropout: dropout, recomputesLayers: recomputesLayers, branches: branches)
    var (logits, tapes) = try forward(counted, numbers.map { first + $0 }, recorder: recorder)
    tapes.insert(Tape(recorder.takeAll()), at: 0)
    let loss = Loss(logits, counted, factor: factor, smoothing: smoothing, beta: beta, isInPlace: true)
    let output = logits
    logits = output.recorded(by: nil)
    var pass = BackwardPass(gradients)
    pass.propagate(&tapes, from: output, gradient: loss.gradient)
    return loss.losses
  }

  /// Whether examples have the kind of targets that the model's outputs need; examples read from a file may not.
  func accepts(_ examples: [TrainingExample]) throws(ModelError) -> Bool {
    let counted = examples.filter { $0.targets.count > 0 }
    guard !counted.isEmpty else { return true }
    let logits = try forward(counted, recorder: nil).logits
    var rows = 0
    var kinds: Set<Int> = []
    for example in counted {
      switch example.targets {
      case .classes(let classes):
        kinds.insert(0)
        guard classes.allSatisfy((0..<logits.width).contains) else { return false }
      case .labels(let values):
        kinds.insert(1)
        guard values.count == logits.width else { return false }
      case .numbers(let values):
        kinds.insert(2)
        guard values.count == logits.width else { return false }
      case .preference(let pair):
        kinds.insert(3)
        let targets = pair.chosen.targets + pair.rejected.targets
        guard targets.allSatisfy((0..<logits.width).contains) else { return false }
        rows += targets.count - 1
      }
      rows += example.targets.count
    }
    return kinds.count == 1 && rows == logits.rowCount
  }

  /// The logits of the counted rows, example after example, and the tapes of encoders.
  /// - Parameter numbers: the number of each example in the step; `nil` to count them from 0.
  func forward(
    _ examples: [TrainingExample], _ numbers: [Int]? = nil, recorder: Recorder?
  ) throws(ModelError) -> (logits: Tensor, tapes: [Tape]) {
    let numbered = zip(numbers ?? Array(examples.indices), examples)
    var tapes: [Tape] = []
    let hidden: HiddenRows
    switch model {
    case .causal(let model):
      let segments = numbered.flatMap { number, example -> [Segment] in
        let sides =
          example.pair.map { [($0.chosen.ids, $0.chosen.positions), ($0.rejected.ids, $0.rejected.positions)] }
          ?? [(example.ids, example.positions)]
        return sides.enumerated().map { index, side in
          Segment(
            ids: side.0, state: model.makeState(), wanted: .positions(side.1), text: number * sides.count + index)
        }
      }
      hidden = try model.forward(segments, probe: nil, recorder: recorder)
    case .masked(let model):
      hidden = try model.forward(numbered.map { $1.sequence($0) }, probe: nil, recorder: recorder)
    case .labeling(let model):
      hidden = try model.forward(numbered.map { $1.sequence($0) }, probe: nil, recorder: recorder)
    case .seq2seq(let model):
      var segments: [Segment] = []
      for (number, example) in numbered {
        // A source is text 0 of a pass of its own.
        let own = recorder.map {
          Recorder(
            dropout: $0.dropout?.with(UInt64(number)), recomputesLayers: $0.recomputesLayers,
            branches: $0.branches)
        }
        let encoder = try model.encode(example.source, probe: nil, recorder: own)
        if let own { tapes.append(Tape(own.takeAll(), stage: 1)) }
        segments.append(
          Segment(
            ids: example.ids, state: model.makeState(encoder), wanted: .positions(example.positions), text: number))
      }
      hidden = try model.forward(segments, probe: nil, recorder: recorder)
    }
    return (model.base.logits(hidden.tensor), tapes)
  }
}

extension TrainingExample {
  /// The example as a model reads it that sees whole sequences.
  /// - Parameter number: its number in the step.
  fileprivate func sequence(_ number: Int) -> MaskedSequence {
    MaskedSequence(ids: ids, wanted: .positions(positions), types: types, text: number)
  }
}

/// The loss of rows of logits and its gradient.
private struct Loss {
  let losses: [Double]
  /// `[rows, classes]`
  let gradient: Tensor
  /// The margins of pairs.
  var margins: [Double] = []

  /// - Parameter isInPlace: whether the gradient may take the memory of the logits. No backward pass reads the output
  ///   of a model's last operation.
  init(
    _ logits: Tensor, _ examples: [TrainingExample], factor: Float, smoothing: Float, beta: Double,
    isInPlace: Bool = false
  ) {
    let pairs = examples.compactMap(\.pair)
    if !pairs.isEmpty {
      let loss = PreferenceLoss(logits, pairs, beta: beta, factor: factor)
      (losses, gradient, margins) = (loss.losses, loss.gradient, loss.margins)
      return
    }
    if case .classes = examples[0].targets {
      let classes = examples.flatMap { example -> [Int] in
        if case .classes(let classes) = example.targets { classes } else { [] }
      }
      let loss = CrossEntropy(
        logits, targets: classes, factor: factor, smoothing: smoothing, isInPlace: isInPlace)
      (losses, gradient) = (loss.losses, loss.gradient)
      return
    }
    var (losses, gradient) = ([Double](), [Float]())
    for (row, example) in examples.enumerated() {
      let outputs = logits.row(row)
      switch example.targets {
      case .classes, .preference: preconditionFailure("targets of two kinds")
      case .numbers(let numbers):
        // The mean of the squared errors of all outputs.
        let errors = zip(outputs, numbers).map { Double($0) - Double($1) }
        losses.append(errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count))
        gradient += errors.map { Float(2 * $0 / Double(errors.count)) * factor }
      case .labels(let labels):
        // The mean binary cross-entropy of all labels.
        var sum = 0.0
        for (x, y) in zip(outputs, labels) {
          let (x, y) = (Double(x), Double(y))
          let small = exponential(-abs(x))
          sum += max(x, 0) - x * y + logarithm(1 + small)
          let sigmoid = x >= 0 ? 1 / (1 + small) : small / (1 + small)
          gradient.append(Float((sigmoid - y) / Double(labels.count)) * factor)
        }
        losses.append(sum / Double(labels.count))
      }
    }
    self.losses = losses
    self.gradient = Tensor(logits.shape, gradient)
  }
}
