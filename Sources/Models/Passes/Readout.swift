import Layers
import Tensors

/// How the logits of a model follow from its residual stream.
public enum Readout: Sendable {
  /// The stream is the sum of what all parts add, and the logits are a linear function of its norm.
  case linear(LinearReadout)
  /// Layers normalize the stream after their sums, so it is not the sum of what the parts add.
  case normalizesSums
  /// A transform with an activation is between the stream and the logits.
  case transforms
}

/// A linear head after a final norm: logits = matrix · projection(norm(x)) · factor + bias, soft-capped where the
/// architecture has a cap.
public struct LinearReadout: Sendable {
  /// The norms of the architectures.
  public enum Norm: Sendable {
    /// No norm.
    case none
    /// A layer norm.
    case layer(LayerNorm)
    /// A root mean square norm.
    case rms(RMSNorm)
  }

  /// The final norm.
  public let norm: Norm
  /// From the width of the stream to that of the head, if they differ.
  public let projection: Linear?
  /// The factor of the hidden rows.
  public let factor: Float
  /// `[vocabulary, width]`
  public let matrix: PackedMatrix
  /// `[vocabulary]`
  public let bias: Tensor?
  /// Logits x become `softCap · tanh(x / softCap)`; `nil` for no cap.
  public let softCap: Float?

  init(
    _ norm: Norm, _ matrix: PackedMatrix, projection: Linear? = nil, factor: Float = 1, bias: Tensor? = nil,
    softCap: Float? = nil
  ) {
    self.norm = norm
    self.matrix = matrix
    self.projection = projection
    self.factor = factor
    self.bias = bias
    self.softCap = softCap
  }
}
