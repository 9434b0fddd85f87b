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
