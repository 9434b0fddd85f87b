import CKernels
import Terms

/// Keys and values of 16 positions in all layers. Sequences with a common prefix share blocks.
///
/// Sendable without a lock: only a unique owner writes, as checked by `isKnownUniquelyReferenced`.
public final class KeyValueBlock: @unchecked Sendable {
  /// The layout of the block.
  public let geometry: KeyValueGeometry
  private let memory: PooledMemory

  /// An uninitialized block.
  public init(_ geometry: KeyValueGeometry) {
    self.geometry = geometry
    memory = BlockPool.memory(geometry.blockBytes)
  }

  deinit { BlockPool.giveBack(memory) }

  /// A copy of the block.
  public func copy() -> KeyValueBlock {
    let other = KeyValueBlock(geometry)
    UnsafeMutableRawPointer(other.memory.pointer).copyMemory(from: memory.pointer, byteCount: geometry.blockBytes)
    return other
  }

  func base(layer: Int) -> UnsafeRawPointer { UnsafeRawPointer(target(layer: layer)) }

  private func target(layer: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(memory.pointer) + layer * geometry.layerSize * geometry.format.byteCount
  }

  /// Writes one layer's keys and values for the positions `positions` of this block. `keys` and `values` are `[rows,
  /// heads * headWidth]`; rows from `firstRow` on are copied.
  func write(layer: Int, positions: Range<Int>, keys: TensorColumns, values: TensorColumns, firstRow: Int) {
    let width = geometry.heads * geometry.headWidth
    precondition(positions.lowerBound >= 0 && positions.upperBound <= KeyValueGeometry.positions)
    precondition(keys.width == width && values.width == width, "keys of \(keys.width) for rows of \(width)")
    precondition(firstRow + positions.count <= min(keys.rowCount, values.rowCount))
    withExtendedLifetime((keys, values)) {
      let target = target(layer: layer)
      for head in 0..<geometry.heads {
        let column = firstRow * keys.stride + head * geometry.headWidth
        let valueColumn = firstRow * values.stride + head * geometry.headWidth
        let places = (keys: geometry.keyOffset(head: head), values: geometry.valueOffset(head: head))
        writeKeys(
          target + places.keys * geometry.format.byteCount, positions, keys.pointer + column, stride: keys.stride)
        switch geometry.format {
        case .f32:
          let target = target.assumingMemoryBound(to: Float.self)
          writeValues(target + places.values, positions, values.pointer + valueColumn, stride: values.stride)
        case .bf16:
          let target = target.assumingMemoryBound(to: UInt16.self)
          writeValues(target + places.values, positions, values.pointer + valueColumn, stride: values.stride)
        }
      }
    }
  }

  private func writeKeys(
    _ target: UnsafeMutableRawPointer, _ positions: Range<Int>, _ source: UnsafePointer<Float>, stride: Int
  ) {
    let (width, lanes) = (geometry.headWidth, KeyValueGeometry.positions)
    guard positions.lowerBound > 0 else {
      // Scores are always computed for all sixteen positions of a block. Clear the unused positions: an old buffer
      // there would change no output, but its subnormal numbers would slow the computation about a hundredfold.
      return kernels.lay_keys(source, stride, positions.count, width, geometry.format.kernelCode, target)
    }
    for (row, position) in positions.enumerated() {
      let key = source + row * stride
      switch geometry.format {
      case .f32:
        let target = target.assumingMemoryBound(to: Float.self) + position
        for d in 0..<width { target[d * lanes] = key[d] }
      case .bf16: ck_round_to_bf16(key, width, target.assumingMemoryBound(to: UInt16.self) + position, lanes)
      }
    }
  }

  private func writeValues(
    _ target: UnsafeMutablePointer<Float>, _ positions: Range<Int>, _ source: UnsafePointer<Float>, stride: Int
  ) {
    let (width, padded) = (geometry.headWidth, geometry.paddedWidth)
    for (row, position) in positions.enumerated() {
      let values = target + position * padded
      values.update(from: source + row * stride, count: width)
      // Clear the padding: the old contents could be subnormal (slow) or NaN.
      (values + width).update(repeating: 0, count: padded - width)
    }
  }

  private func writeValues(
    _ target: UnsafeMutablePointer<UInt16>, _ positions: Range<Int>, _ source: UnsafePointer<Float>, stride: Int
  ) {
    let (width, padded) = (geometry.headWidth, geometry.paddedWidth)
    for (row, position) in positions.enumerated() {
      let values = target + position * padded
      ck_round_to_bf16(source + row * stride, width, values, 1)
      (values + width).update(repeating: 0, count: padded - width)
    }
  }
}

extension KeyValueBlock {
  /// Writes one layer's keys and values, each `[rows, heads * headWidth]`, into the consecutive blocks `touched` of a
  /// sequence, starting at position `first` of the sequence. The caller must be the unique owner of these blocks.
  public static func write(
    _ blocks: [KeyValueBlock], _ touched: Range<Int>, layer: Int, first: Int, _ keys: TensorColumns,
    _ values: TensorColumns
  ) {
    let size = KeyValueGeometry.positions
    let end = first + keys.rowCount
    ThreadTeam.parallel(touched.count, grain: max(1, 16384 / max(1, keys.width * size))) { range in
      for index in range.lowerBound + touched.lowerBound..<range.upperBound + touched.lowerBound {
        let start = index * size
        let positions = max(first, start)..<min(end, start + size)
        blocks[index].write(
          layer: layer, positions: positions.lowerBound - start..<positions.upperBound - start, keys: keys,
          values: values, firstRow: positions.lowerBound - first)
      }
    }
  }
}

/// The number format of the KV cache.
public typealias CacheFormat = Terms.CacheFormat

extension CacheFormat {
  /// Bytes of one element.
  public var byteCount: Int { self == .f32 ? 4 : 2 }

  /// The format's code in the kernels.
  var kernelCode: UInt32 { self == .f32 ? UInt32(CK_F32) : UInt32(CK_BF16) }
}

/// The layout of a block of keys and values.
///
/// A block holds 16 positions of all layers. Each layer stores the keys of each head as `[headWidth][16 positions]`, so
/// that one vector holds the same element of 16 positions, then the values of each head as `[16
/// positions][paddedWidth]`.
public struct KeyValueGeometry: Sendable, Equatable {
  /// Positions in a block.
  public static let positions = Int(CK_LANES)

  /// Layers of the model that have a KV cache.
  public let layers: Int
  /// Heads of keys and values.
  public let heads: Int
  /// Elements of one head's key or value.
  public let headWidth: Int
  /// The number format of keys and values.
  public let format: CacheFormat

  /// A layout for the given layers and heads.
  public init(layers: Int, heads: Int, headWidth: Int, format: CacheFormat = .f32) {
    self.format = format
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
  }

  /// `headWidth` rounded up to whole vectors of 16.
  var paddedWidth: Int { (headWidth + Self.positions - 1) / Self.positions * Self.positions }
  var keysOfHead: Int { headWidth * Self.positions }
  var valuesOfHead: Int { paddedWidth * Self.positions }
  var layerSize: Int { heads * (keysOfHead + valuesOfHead) }
  /// Bytes of a block.
  public var blockBytes: Int { layers * layerSize * format.byteCount }

  func keyOffset(head: Int) -> Int { head * keysOfHead }
  func valueOffset(head: Int) -> Int { heads * keysOfHead + head * valuesOfHead }
}
