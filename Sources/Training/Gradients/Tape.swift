import Tensors

/// Recorded operations through which a backward pass goes.
///
/// The encoder of an encoder-decoder model reads each source by itself. Each of these passes is a tape of its own, and
/// all of them have the same stage, so their gradients are summed in the order of the sources.
public struct Tape {
  /// The operations in the order in which they ran.
  public var operations: [RecordedOperation]
  /// Tapes of one stage share the sums of their weights' gradients.
  public var stage: Int

  /// A tape of operations.
  public init(_ operations: [RecordedOperation], stage: Int = 0) {
    self.operations = operations
    self.stage = stage
  }
}

extension RecordedOperation {
  /// The memory of the tensors and matrices that the operation reads and that can have gradients.
  var inputMemory: [ObjectIdentifier] {
    switch self {
    case .product(let input, let weights, let bias, let residual, _):
      [input.place.memory, weights.memory] + [bias, residual].compactMap { $0?.place.memory }
    case .embedding(_, let table, _): [table.memory]
    case .rows(let input, _, _): [input.place.memory]
    case .stack(let parts, _): parts.map(\.place.memory)
    case .sum(let a, let b, _), .elementwiseProduct(let a, let b, _): [a.place.memory, b.place.memory]
    case .scale(let input, _, _), .activation(let input, _, _), .softmax(let input, _), .logSoftmax(let input, _):
      [input.place.memory]
    case .dropout(let input, _, let residual, _):
      [input.place.memory] + (residual.map { [$0.place.memory] } ?? [])
    case .layerNorm(let input, let weight, let bias, _, _):
      [input.place.memory, weight.place.memory, bias.place.memory]
    case .rmsNorm(let input, let weight, _, _): [input.place.memory, weight.place.memory]
    case .rotation(let input, _, _, _, _): [input.place.memory]
    case .positionBias(let weight, _, _, _, _): [weight.place.memory]
    case .attention(let attention):
      [attention.queries.place.memory]
        + attention.runs.flatMap { run in
          [run.keys.place.memory, run.values.place.memory] + (run.bias.map { [$0.place.memory] } ?? [])
        }
    case .layer(let layer): [layer.input.place.memory]
    }
  }
}
