import CKernels
import Terms

/// How packed weights are written.
public typealias NumberFormat = Terms.NumberFormat

extension NumberFormat {
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
  /// GGML's blocks of 32 codes with a scale, the types ending in 1 with an offset as well.
  case q4_0, q4_1, q5_0, q5_1, q8_0, iq4_nl, mxfp4
  /// GGML's blocks of 256 codes with scales of parts.
  case q2_k, q3_k, q4_k, q5_k, q6_k, iq4_xs

  /// Numbers in a block; 1 where each has bytes of its own.
  public var blockCount: Int { kernelType.map(ck_block_elements) ?? 1 }

  /// Bytes that a block takes: those of one number where each has its own.
  public var blockBytes: Int {
    switch self {
    case .i64, .u64: 8
    case .i32, .u32: 4
    case .i16, .u16: 2
    case .i8, .u8, .bool: 1
    default: kernelType.map(ck_block_bytes) ?? 1
    }
  }

  /// True for types that weights may have.
  public var isFloatingPoint: Bool { kernelType != nil }

  /// Whether the numbers lie in blocks of several.
  var isBlocked: Bool { blockCount > 1 }

  /// The kernels' name of a type that weights may have.
  var kernelType: UInt32? {
    let code: Int? =
      switch self {
      case .f32: CK_F32
      case .f16: CK_F16
      case .bf16: CK_BF16
      case .f64: CK_F64
      case .q4_0: CK_Q4_0
      case .q4_1: CK_Q4_1
      case .q5_0: CK_Q5_0
      case .q5_1: CK_Q5_1
      case .q8_0: CK_Q8_0
      case .q2_k: CK_Q2_K
      case .q3_k: CK_Q3_K
      case .q4_k: CK_Q4_K
      case .q5_k: CK_Q5_K
      case .q6_k: CK_Q6_K
      case .iq4_nl: CK_IQ4_NL
      case .iq4_xs: CK_IQ4_XS
      case .mxfp4: CK_MXFP4
      case .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool: nil
      }
    return code.map(UInt32.init)
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
  /// Elements and bytes of its block.
  public var layout: ElementLayout { ElementLayout(name: rawValue, elements: blockCount, bytes: blockBytes) }
}

/// Which axis of a stored weight matrix is which.
public enum WeightLayout: Sendable {
  /// `[outputs, inputs]`: `nn.Linear`, and embeddings with their ids as outputs.
  case outputsByInputs
  /// `[inputs, outputs]`: GPT-2's `Conv1D`.
  case inputsByOutputs
}

/// The order in which the rows of a stored matrix lie, or the numbers of a vector.
public enum RowOrder: Sendable, Hashable {
  /// As the model reads them.
  case plain
  /// The rows of each head in the pairs that rotary positions turn: the first of the first half, the first of the
  /// second half, the second of the first half, and so on. Models read the halves one after the other.
  case rotaryPairs(heads: Int)

  /// Where the row lies that a model reads at an index.
  func place(of row: Int, among rows: Int) -> Int {
    switch self {
    case .plain: return row
    case .rotaryPairs(let heads):
      let width = rows / heads
      let (head, index) = (row / width, row % width)
      return head * width + index % (width / 2) * 2 + index / (width / 2)
    }
  }

  /// Whether so many rows can lie in this order.
  public func fits(_ rows: Int) -> Bool {
    switch self {
    case .plain: true
    case .rotaryPairs(let heads): heads > 0 && rows % heads == 0 && rows / heads % 2 == 0
    }
  }
}
