import CKernels

/// What keys and values are kept as; all arithmetic with them is in single precision.
public enum KeyValueFormat: String, Sendable, Hashable, CaseIterable {
  /// Single precision: what was computed.
  case f32
  /// The upper half of single precision, rounded to nearest: half the memory, and half as much to read in each step.
  case bf16

  /// Bytes of one number.
  public var byteCount: Int { self == .f32 ? 4 : 2 }

  /// The kernels' number of the format.
  var kernelCode: UInt32 { self == .f32 ? UInt32(CK_F32) : UInt32(CK_BF16) }
}

/// How a block of keys and values is laid out, in numbers.
///
/// A block holds 16 positions of all layers. Within a layer come the keys of each head, `[headWidth][16 positions]`, so
/// that one vector scores 16 positions; then the values of each head, `[16 positions][paddedWidth]`.
public struct KeyValueGeometry: Sendable, Equatable {
  /// Positions in a block.
  public static let positions = Int(CK_LANES)

  /// Layers of the model that keep keys and values.
  public let layers: Int
  /// Heads of keys and values.
  public let heads: Int
  /// Numbers in one head's key or value.
  public let headWidth: Int
  /// What the numbers are kept as.
  public let format: KeyValueFormat

  /// A layout for so many layers and heads.
  public init(layers: Int, heads: Int, headWidth: Int, format: KeyValueFormat = .f32) {
    self.format = format
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
  }

  /// `headWidth` rounded up to whole vectors.
  var paddedWidth: Int { (headWidth + Self.positions - 1) / Self.positions * Self.positions }
  var keysOfHead: Int { headWidth * Self.positions }
  var valuesOfHead: Int { paddedWidth * Self.positions }
  var layerSize: Int { heads * (keysOfHead + valuesOfHead) }
  /// Bytes of a block.
  public var blockBytes: Int { layers * layerSize * format.byteCount }

  func keyOffset(head: Int) -> Int { head * keysOfHead }
  func valueOffset(head: Int) -> Int { heads * keysOfHead + head * valuesOfHead }
}
