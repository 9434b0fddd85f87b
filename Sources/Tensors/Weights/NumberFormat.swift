import CKernels

/// How packed weights are written, and with that how inputs are rounded on their way into a product.
public enum NumberFormat: String, Sendable, CaseIterable {
  /// Single precision: four bytes a weight.
  case f32
  /// The upper half of single precision, two bytes a weight; inputs round to it as well.
  case bf16
  /// Eight bits, and a scale for every 32 of them: 8.5 bits a weight. Inputs round to eight bits as well.
  case q8
  /// Four bits, and a scale for every 32 of them: 4.5 bits a weight. Inputs round to eight bits.
  case q4

  /// The kernels' number of the format.
  var kernelCode: UInt32 {
    switch self {
    case .f32: UInt32(CK_FORMAT_F32)
    case .bf16: UInt32(CK_FORMAT_BF16)
    case .q8: UInt32(CK_FORMAT_Q8)
    case .q4: UInt32(CK_FORMAT_Q4)
    }
  }
}
