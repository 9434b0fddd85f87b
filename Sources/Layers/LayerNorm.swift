import Tensors

/// Layer normalisation with a learned scale and shift (Ba, Kiros, Hinton 2016, arXiv:1607.06450).
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
