import Tensors

/// A fully connected layer: x · weightᵀ + bias.
public struct Linear: Sendable {
  /// `[outputs, inputs]`, packed.
  public let weight: PackedMatrix
  /// `[outputs]`
  public let bias: Tensor?

  /// A layer of the given weights.
  public init(weight: PackedMatrix, bias: Tensor? = nil) {
    precondition(
      bias == nil || bias?.count == weight.outputs, "bias \(bias?.shape ?? []) for \(weight.outputs) outputs")
    self.weight = weight
    self.bias = bias
  }

  /// `[rows, inputs]` → `[rows, outputs]`; `activation` and then `residual` follow without another pass over memory.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .linear, residual: Tensor? = nil
  ) -> Tensor {
    linear(x, weight, bias: bias, activation: activation, residual: residual)
  }
}

/// A learned vector for each id. Its weights may be a language model's head at the same time.
public struct Embedding: Sendable {
  /// `[ids, width]`, packed with the ids as outputs.
  public let weight: PackedMatrix

  /// A table of the given weights.
  public init(weight: PackedMatrix) { self.weight = weight }

  /// `[ids]` → `[ids, width]`; every id must be below `weight.outputs`.
  /// - Parameter recorder: follows the rows, where gradients are wanted.
  public func callAsFunction(_ ids: [Int], recorder: Recorder? = nil) -> Tensor {
    embedding(ids, weight, recorder: recorder)
  }

  /// Scores of all ids for each row, with the same weights: `[rows, width]` → `[rows, ids]`.
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

  /// A norm of the given parameters.
  public init(weight: Tensor, bias: Tensor, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// `[rows, width]` → `[rows, width]`
  public func callAsFunction(_ x: Tensor) -> Tensor { layerNorm(x, weight: weight, bias: bias, epsilon: epsilon) }
}

/// Normalization by the root of the mean square, without a mean or a shift (Zhang, Sennrich 2019, arXiv:1910.07467).
public struct RMSNorm: Sendable {
  /// `[width]`
  public let weight: Tensor
  /// Added to the mean square.
  public let epsilon: Float

  /// A norm of the given parameters.
  public init(weight: Tensor, epsilon: Float) {
    self.weight = weight
    self.epsilon = epsilon
  }

  /// `[rows, width]` → `[rows, width]`
  public func callAsFunction(_ x: Tensor) -> Tensor { rmsNorm(x, weight: weight, epsilon: epsilon) }
}
