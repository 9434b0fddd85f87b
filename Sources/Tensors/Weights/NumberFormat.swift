import CKernels
import Terms

/// The number format of packed weights.
public typealias NumberFormat = Terms.NumberFormat

extension NumberFormat {
  /// The code in the kernels of the format of panels.
  /// - Parameter type: the type of the stored matrix.
  func kernelCode(of type: ElementType) -> UInt32 {
    switch self {
    case .f32: UInt32(CK_FORMAT_F32)
    case .bf16: UInt32(CK_FORMAT_BF16)
    case .q8: UInt32(CK_FORMAT_Q8)
    case .q4: UInt32(CK_FORMAT_Q4)
    case .stored: type.kernelType.map(ck_format_of) ?? UInt32(CK_FORMAT_F32)
    }
  }
}

/// The element type of a stored tensor.
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
  /// GGML's blocks of 32 codes with one scale; types ending in `_1` also have an offset.
  case q4_0, q4_1, q5_0, q5_1, q8_0, iq4_nl, mxfp4
  /// GGML's blocks of 256 codes with a scale for each sub-block.
  case q2_k, q3_k, q4_k, q5_k, q6_k, iq4_xs

  /// Elements in a block; 1 for types without blocks.
  public var blockCount: Int { kernelType.map(ck_block_elements) ?? 1 }

  /// Bytes of a block; for types without blocks, bytes of one element.
  public var blockBytes: Int {
    switch self {
    case .i64, .u64: 8
    case .i32, .u32: 4
    case .i16, .u16: 2
    case .i8, .u8, .bool: 1
    default: kernelType.map(ck_block_bytes) ?? 1
    }
  }

  /// True for types that weights may have: floating-point and GGML's block types.
  public var isFloatingPoint: Bool { kernelType != nil }

  /// True if panels can hold elements of this type unchanged, in another format than f32.
  public var hasPanels: Bool { kernelType.map { ck_format_of($0) != CK_FORMAT_F32 } ?? false }

  /// True if elements are stored in blocks of more than one.
  var isBlocked: Bool { blockCount > 1 }

  /// The type's code in the kernels; `nil` for types that weights may not have.
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

/// The block layout of a stored tensor's elements. Covers every type that a container may name, including types that
/// the engine cannot convert.
public struct ElementLayout: Sendable, Hashable {
  /// The type as its container spells it: `F32`, `Q4_0`.
  public let name: String
  /// Elements in a block; 1 for types without blocks.
  public let elements: Int
  /// Bytes of a block.
  public let bytes: Int

  /// A layout with the given block size.
  public init(name: String, elements: Int, bytes: Int) {
    self.name = name
    self.elements = elements
    self.bytes = bytes
  }

  /// The matching element type; `nil` if the engine cannot convert it.
  public var elementType: ElementType? { ElementType(rawValue: name.lowercased()) }
}

extension ElementType {
  /// The type's name and block layout.
  public var layout: ElementLayout { ElementLayout(name: rawValue, elements: blockCount, bytes: blockBytes) }
}

/// The order of the axes of a stored weight matrix.
public enum WeightLayout: Sendable {
  /// `[outputs, inputs]`: `nn.Linear`, and embedding tables (each id is an output).
  case outputsByInputs
  /// `[inputs, outputs]`: GPT-2's `Conv1D`.
  case inputsByOutputs
}

/// The stored order of the rows of a matrix, or of the elements of a vector.
public enum RowOrder: Sendable, Hashable {
  /// The order in which models use them.
  case plain
  /// Within each head, the two elements of each rotary pair are adjacent: first of the first half, first of the second
  /// half, second of the first half, and so on. Models expect the first half, then the second half.
  case rotaryPairs(heads: Int)
  /// All queries, then all keys, then all values, each head after head. Models expect the query, key and value of the
  /// first head, then those of the second, and so on.
  case projectionsApart(heads: Int)

  /// The stored index of the row that a model uses at index `row`.
  func place(of row: Int, among rows: Int) -> Int {
    switch self {
    case .plain: return row
    case .rotaryPairs(let heads):
      let width = rows / heads
      let (head, index) = (row / width, row % width)
      return head * width + index % (width / 2) * 2 + index / (width / 2)
    case .projectionsApart(let heads):
      let width = rows / heads / 3
      let (head, projection, index) = (row / width / 3, row / width % 3, row % width)
      return (projection * heads + head) * width + index
    }
  }

  /// True if a matrix of `rows` rows can be stored in this order.
  public func fits(_ rows: Int) -> Bool {
    switch self {
    case .plain: true
    case .rotaryPairs(let heads): heads > 0 && rows % heads == 0 && rows / heads % 2 == 0
    case .projectionsApart(let heads): heads > 0 && rows % heads == 0 && rows / heads % 3 == 0
    }
  }
}
