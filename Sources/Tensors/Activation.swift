import CKernels

/// An elementwise function of a feed-forward layer. Raw values are the names in transformers' `ACT2FN`. Functions with
/// learned parameters (`prelu`, `xielu`) are not supported.
public enum Activation: String, Sendable, CaseIterable {
  /// x
  case linear
  /// max(x, 0); max(x, 0)²; min(max(x, 0), 6).
  case relu, relu2, relu6
  /// x if x ≥ 0, else x / 100
  case leakyReLU = "leaky_relu"
  /// x · Φ(x), computed with erf
  case gelu
  /// Same as `gelu`.
  case geluPython = "gelu_python"
  /// GELU, clipped to [−10, 10]
  case gelu10 = "gelu_10"
  /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). Six names in transformers mean this function.
  case geluNew = "gelu_new"
  case geluFast = "gelu_fast"
  case geluPytorchTanh = "gelu_pytorch_tanh"
  case geluPythonTanh = "gelu_python_tanh"
  case geluAccurate = "gelu_accurate"
  /// x · σ(1.702 x)
  case quickGELU = "quick_gelu"
  /// x · σ(x). Both names mean this function.
  case silu, swish
  /// x · tanh(log(1 + eˣ))
  case mish
  /// tanh(x), and σ(x) = 1 / (1 + e⁻ˣ)
  case tanh, sigmoid
  /// x · min(max(x + 3, 0), 6) / 6
  case hardswish
  /// The cumulative distribution function of a normal distribution with mean 0.707107 and standard deviation 0.282095
  case laplace
  /// √(log(1 + eˣ))
  case sqrtSoftplus = "sqrtsoftplus"

  /// The function with a name of `ACT2FN`; `nil` if it is not supported.
  public init?(name: String) { self.init(rawValue: name) }

  /// The function's code in the kernels.
  package var kernelCode: UInt32 {
    let code =
      switch self {
      case .linear: CK_IDENTITY
      case .relu: CK_RELU
      case .relu2: CK_RELU_SQUARED
      case .relu6: CK_RELU6
      case .leakyReLU: CK_LEAKY_RELU
      case .gelu, .geluPython: CK_GELU
      case .gelu10: CK_GELU_CLIPPED
      case .geluNew, .geluFast, .geluPytorchTanh, .geluPythonTanh, .geluAccurate: CK_GELU_TANH
      case .quickGELU: CK_QUICK_GELU
      case .silu, .swish: CK_SILU
      case .mish: CK_MISH
      case .tanh: CK_TANH
      case .sigmoid: CK_SIGMOID
      case .hardswish: CK_HARDSWISH
      case .laplace: CK_LAPLACE
      case .sqrtSoftplus: CK_SQRT_SOFTPLUS
      }
    return UInt32(code)
  }
}
