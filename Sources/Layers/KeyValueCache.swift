import Tensors
import Terms

/// Keys and values of one sequence for all layers, in blocks of 16 positions.
///
/// A copy of the value is a fork: full blocks are shared, and the first to write into a shared block gets its own.
/// A forward pass appends to each layer in turn, so during it the layers differ in length.
///
/// Keep no other copy (such as an `AttentionSegment` of an earlier layer) while appending, or the last block is copied
/// without need.
public struct KeyValueCache: Sendable {
  /// How the blocks are laid out.
  public let geometry: KeyValueGeometry
  private var blocks: [KeyValueBlock] = []
  private var counts: [Int]

  /// An empty cache; `heads` are those of keys and values.
  public init(layers: Int, heads: Int, headWidth: Int, format: CacheFormat = .f32) {
    geometry = KeyValueGeometry(layers: layers, heads: heads, headWidth: headWidth, format: format)
    counts = Array(repeating: 0, count: layers)
  }

  /// A cache of one layer with the given keys and values `[positions, heads * headWidth]`: what bidirectional and cross
  /// attention look at.
  public init(keys: Tensor, values: Tensor, heads: Int, headWidth: Int) {
    self.init(layers: 1, heads: heads, headWidth: headWidth)
    append(layer: 0, keys: TensorColumns(keys), values: TensorColumns(values))
  }

  /// The same of columns of stacked projections.
  public init(keys: TensorColumns, values: TensorColumns, heads: Int, headWidth: Int) {
    self.init(layers: 1, heads: heads, headWidth: headWidth)
    append(layer: 0, keys: keys, values: values)
  }

  /// Bytes of its blocks, those included that it shares with forks.
  public var byteCount: Int { blocks.count * geometry.blockBytes }

  /// Positions that all layers hold.
  public var count: Int { counts.last ?? 0 }

  /// Positions that one layer holds: more than `count` during a forward pass.
  public func count(layer: Int) -> Int { counts[layer] }

  /// The same sequence, to go on in another way. O(blocks).
  public func fork() -> KeyValueCache { self }

  /// Appends one layer's keys and values of new positions, `[new, heads * headWidth]`.
  public mutating func append(layer: Int, keys: Tensor, values: Tensor) {
    append(layer: layer, keys: TensorColumns(keys), values: TensorColumns(values))
  }

  /// The same of columns of a stacked projection.
  public mutating func append(layer: Int, keys: TensorColumns, values: TensorColumns) {
    precondition(keys.rowCount == values.rowCount, "\(keys.rowCount) keys and \(values.rowCount) values")
    let start = counts[layer]
    let end = start + keys.rowCount
    guard end > start else { return }
    let size = KeyValueGeometry.positions
    let touched = start / size..<(end + size - 1) / size
    for index in touched {
      if index == blocks.count {
        blocks.append(KeyValueBlock(geometry))
      } else if !isKnownUniquelyReferenced(&blocks[index]) {
        blocks[index] = blocks[index].copy()
      }
    }
    KeyValueBlock.write(blocks, touched, layer: layer, first: start, keys, values)
    counts[layer] = end
  }

  /// Forgets the positions from `count` on; a larger count changes nothing.
  public mutating func truncate(to count: Int) {
    precondition(count >= 0, "a negative length")
    for layer in counts.indices { counts[layer] = min(counts[layer], count) }
    let size = KeyValueGeometry.positions
    let kept = ((counts.max() ?? 0) + size - 1) / size
    if kept < blocks.count { blocks.removeLast(blocks.count - kept) }
  }

  /// The blocks for an attention run over one layer.
  func run(
    _ rows: Range<Int>, layer: Int, isCausal: Bool, bias: Tensor?, source: KeyValueSource?
  ) -> AttentionRun {
    AttentionRun(
      rows: rows, blocks: blocks, layer: layer, keyCount: counts[layer], isCausal: isCausal, bias: bias,
      source: source)
  }
}
