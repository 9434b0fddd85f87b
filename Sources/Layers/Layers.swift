import Tensors

/// A fully connected layer: x · weightᵀ + bias.
public struct Linear: Sendable {
  /// The packed weights, `[outputs, inputs]`.
  public let weight: PackedMatrix
  /// `[outputs]`
  public let bias: Tensor?

  /// A layer with the given weights.
  public init(weight: PackedMatrix, bias: Tensor? = nil) {
    precondition(
      bias == nil || bias?.count == weight.outputs, "bias \(bias?.shape ?? []) for \(weight.outputs) outputs")
    self.weight = weight
    self.bias = bias
  }

  /// `[rows, inputs]` → `[rows, outputs]`. Applies `activation`, then adds `residual`, in the same pass over memory.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .linear, residual: Tensor? = nil
  ) -> Tensor {
    linear(x, weight, bias: bias, activation: activation, residual: residual)
  }
}

/// A learned vector for each id. With tied weights, the same matrix is the language model head.
public struct Embedding: Sendable {
  /// The packed weights, `[ids, width]`; each id is one output.
  public let weight: PackedMatrix

  /// A table of the given weights.
  public init(weight: PackedMatrix) { self.weight = weight }

  /// `[ids]` → `[ids, width]`; every id must be below `weight.outputs`.
  /// - Parameter recorder: attached to the result if gradients are wanted.
  public func callAsFunction(_ ids: [Int], recorder: Recorder? = nil) -> Tensor {
    embedding(ids, weight, recorder: recorder)
  }

  /// Scores of all ids for each row, computed with the same weights (a tied head): `[rows, width]` → `[rows, ids]`.
  public func scores(_ x: Tensor) -> Tensor { linear(x, weight) }
}

/// Layer normalization with a learned scale and shift (Ba, Kiros, Hinton 2016, arXiv:1607.06450).
public struct LayerNorm: Sendable {
  /// `[width]`
  public let weight: Tensor
  /// `[width]`
  public let bias: Tensor
  /// Added to the variance.
  public let epsilon: Float

  /// A norm with the given parameters.
  public init(weight: Tensor, bias: Tensor, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// `[rows, width]` → `[rows, width]`
  public func callAsFunction(_ x: Tensor) -> Tensor { layerNorm(x, weight: weight, bias: bias, epsilon: epsilon) }
}

/// Root mean square normalization: no mean is subtracted and no shift added (Zhang, Sennrich 2019, arXiv:1910.07467).
public struct RMSNorm: Sendable {
  /// `[width]`
  public let weight: Tensor
  /// Added to the mean square.
  public let epsilon: Float

  /// A norm with the given parameters.
  public init(weight: Tensor, epsilon: Float) {
    self.weight = weight
    self.epsilon = epsilon
  }

  /// `[rows, width]` → `[rows, width]`
  public func callAsFunction(_ x: Tensor) -> Tensor { rmsNorm(x, weight: weight, epsilon: epsilon) }

  /// Normalizes each group of as many columns as there are weights: the heads of a projection, each with the same
  /// weights, or all heads together. `[rows, width]` → `[rows, width]`
  public func callAsFunction(_ x: TensorColumns) -> Tensor { rmsNorm(x, weight: weight, epsilon: epsilon) }
}
