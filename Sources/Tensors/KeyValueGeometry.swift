import CKernels

/// How a block of keys and values is laid out, in floats.
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

  /// A layout for so many layers and heads.
  public init(layers: Int, heads: Int, headWidth: Int) {
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
  }

  /// `headWidth` rounded up to whole vectors.
  var paddedWidth: Int { (headWidth + Self.positions - 1) / Self.positions * Self.positions }
  var keysOfHead: Int { headWidth * Self.positions }
  var valuesOfHead: Int { paddedWidth * Self.positions }
  var layerSize: Int { heads * (keysOfHead + valuesOfHead) }
  var blockSize: Int { layers * layerSize }

  func keyOffset(head: Int) -> Int { head * keysOfHead }
  func valueOffset(head: Int) -> Int { heads * keysOfHead + head * valuesOfHead }
}
