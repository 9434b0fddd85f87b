import Tensors

/// An exponential moving average of weights: average ← decay · average + (1 − decay) · weights.
struct MovingAverage {
  private let decay: Double
  private var values: [String: Tensor]
  private let names: [String]

  /// Begins with the parameters' values.
  init(_ parameters: [Parameter], decay: Double) {
    self.decay = decay
    names = parameters.map(\.name)
    values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value.detached()) })
  }

  /// The averages by the names of the parameters.
  var state: [(name: String, value: Tensor)] { names.compactMap { name in values[name].map { (name, $0) } } }

  /// Adds the values after a step.
  func add(_ parameters: [Parameter]) {
    for parameter in parameters {
      guard let average = values[parameter.name] else { continue }
      let value = parameter.value
      elementwise(average.count) { range in
        let target = average.sums + range.lowerBound
        kernels.scale(target, Float(decay), target, range.count)
        kernels.scale_add(value.pointer + range.lowerBound, Float(1 - decay), target, range.count)
      }
    }
  }

  /// Gives a parameter its average and returns its own values.
  func exchange(_ parameter: Parameter) -> Tensor {
    let own = parameter.value.detached()
    if let average = values[parameter.name] { parameter.set(average) }
    return own
  }

  /// Takes the averages of a checkpoint.
  mutating func restore(_ tensor: (String) -> Tensor?) {
    for name in names { if let found = tensor(name) { values[name] = found.detached() } }
  }
}

extension Parameter {
  /// Replaces the values.
  func set(_ tensor: Tensor) {
    precondition(tensor.count == count, "\(tensor.shape) for \(shape)")
    update { $0.baseAddress?.update(from: tensor.pointer, count: count) }
  }
}
