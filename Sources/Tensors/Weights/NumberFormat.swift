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

/// How the numbers of a stored tensor are written.
public enum ElementType: String, Sendable, CaseIterable {
  /// IEEE single precision.
  case f32
  /// IEEE half precision.
  case f16
  /// The upper half of single precision.
  case bf16
  /// IEEE double precision.
  case f64
  /// Signed integers.
  case i64, i32, i16, i8
  /// Unsigned integers.
  case u64, u32, u16, u8
  /// One byte, zero or not.
  case bool

  /// Bytes that one number takes.
  public var byteCount: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool: 1
    }
  }

  /// True for types that weights may have.
  public var isFloatingPoint: Bool {
    switch self {
    case .f32, .f16, .bf16, .f64: true
    default: false
    }
  }
}

/// How the elements of a stored tensor lie: in blocks of so many elements and so many bytes. Describes every type that a
/// container may name, those included that the engine cannot convert.
public struct ElementLayout: Sendable, Hashable {
  /// The type as its container spells it: `F32`, `Q4_0`.
  public let name: String
  /// Elements in a block; 1 where each has bytes of its own.
  public let elements: Int
  /// Bytes of a block.
  public let bytes: Int

  /// A layout of blocks.
  public init(name: String, elements: Int, bytes: Int) {
    self.name = name
    self.elements = elements
    self.bytes = bytes
  }

  /// The type as tensors know it; `nil` for those that the engine cannot convert.
  public var elementType: ElementType? { ElementType(rawValue: name.lowercased()) }
}

extension ElementType {
  /// One element a block.
  public var layout: ElementLayout { ElementLayout(name: rawValue, elements: 1, bytes: byteCount) }
}

/// Which axis of a stored weight matrix is which.
public enum WeightLayout: Sendable {
  /// `[outputs, inputs]`: `nn.Linear`, and embeddings with their ids as outputs.
  case outputsByInputs
  /// `[inputs, outputs]`: GPT-2's `Conv1D`.
  case inputsByOutputs
}
