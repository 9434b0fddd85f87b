import Tensors

/// Normalisation by the root of the mean square, without a mean or a shift (Zhang, Sennrich 2019, arXiv:1910.07467).
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
