import Models
import Tensors
import Terms

/// The gradients of one optimizer step.
struct StepComputation {
  let trainable: TrainableModel
  let gradients: ParameterGradients
  let smoothing: Float
  var adapters: Adapters?
  /// DPO's β.
  var beta = 0.1
  /// The key of the step's dropout; `nil` for none.
  var dropout: RandomKey?
  /// Whether layers are computed again in the backward pass.
  var recomputesLayers = false

  /// Computes the gradients of the mean loss of all targets in the batches.
  /// - Returns: the mean loss; `nil` if the step was canceled.
  func run(_ batches: [[TrainingExample]], _ isCancelled: () -> Bool) throws(TrainingError) -> Double? {
    let count = batches.reduce(0) { $0 + $1.reduce(0) { $0 + $1.targets.count } }
    let factor = 1 / Float(max(1, count))
    gradients.begin()
    adapters?.beginStep()
    var sum = 0.0
    do throws(ModelError) {
      // The branches refer to the matrices of the newest model.
      let model = try trainable.model()
      let pass = LossPass(
        model: model, smoothing: smoothing, beta: beta, dropout: dropout, recomputesLayers: recomputesLayers,
        branches: adapters?.branches(trainable.parameters))
      var first = 0
      for batch in batches {
        if isCancelled() { return nil }
        for loss in try pass.train(batch, first: first, factor: factor, gradients) { sum += loss }
        first += batch.count
      }
    } catch {
      throw TrainingError(.model, error)
    }
    gradients.finish()
    adapters?.distribute()
    return sum / Double(max(1, count))
  }
}

/// Finds the first number that is not finite.
enum NonFinitePlace {
  /// The first recorded operation with such an output: the weights that it reads, or its number.
  /// - Parameter dropout: the key of the step's dropout.
  static func find(
    _ trainable: TrainableModel, _ batches: [[TrainingExample]], dropout: RandomKey?
  ) -> String? {
    guard let model = try? trainable.model() else { return nil }
    var first = 0
    for (number, batch) in batches.enumerated() {
      // The operations of all layers may not fit in memory.
      let recorder = Recorder(dropout: dropout, recomputesLayers: true)
      let counted = batch.indices.filter { batch[$0].targets.count > 0 }
      let numbers = counted.map { [first] in first + $0 }
      first += batch.count
      guard !counted.isEmpty,
        let pass = try? LossPass(model: model, smoothing: 0).forward(
          counted.map { batch[$0] }, numbers, recorder: recorder)
      else { continue }
      let operations = pass.tapes.flatMap(\.operations) + recorder.takeAll()
      if let place = place(in: operations, trainable) { return "batch \(number + 1), \(place)" }
    }
    return nil
  }

  private static func place(in operations: [RecordedOperation], _ trainable: TrainableModel) -> String? {
    for (index, operation) in operations.enumerated() where !isFinite(operation.output) {
      if case .layer(let layer) = operation { return place(in: layer.record().operations, trainable) }
      let names = operation.inputMemory.flatMap { trainable.parameters.parts(ofMemory: $0) }.map(\.parameter.name)
      return names.first ?? "operation \(index)"
    }
    return nil
  }

  /// The first parameter with such a gradient.
  static func gradient(_ parameters: [Parameter]) -> String? {
    parameters.first { $0.withGradient { !$0.allSatisfy(\.isFinite) } ?? false }.map { "the gradient of \($0.name)" }
  }

  private static func isFinite(_ tensor: Tensor) -> Bool { tensor.withUnsafeScalars { $0.allSatisfy(\.isFinite) } }
}
