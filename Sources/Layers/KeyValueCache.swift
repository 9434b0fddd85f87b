import Tensors
import Terms

/// Keys and values of one sequence for all layers, in blocks of 16 positions.
///
/// A copy of the value is a fork: full blocks are shared, and a shared block is copied on the first write. A forward
/// pass appends to one layer after another, so during the pass the layers differ in length.
///
/// Keep no other copy of the cache (such as an `AttentionSegment` of an earlier layer) while appending; it would force
/// a needless copy of the last block.
public struct KeyValueCache: Sendable {
  /// The layout of the blocks.
  public let geometry: KeyValueGeometry
  private var blocks: [KeyValueBlock] = []
  private var counts: [Int]

  /// An empty cache. `heads` is the number of key and value heads.
  public init(layers: Int, heads: Int, headWidth: Int, format: CacheFormat = .f32) {
    geometry = KeyValueGeometry(layers: layers, heads: heads, headWidth: headWidth, format: format)
    counts = Array(repeating: 0, count: layers)
  }

  /// A cache of one layer with the given keys and values, `[positions, heads * headWidth]`, for bidirectional and cross
  /// attention.
  public init(keys: Tensor, values: Tensor, heads: Int, headWidth: Int) {
    self.init(layers: 1, heads: heads, headWidth: headWidth)
    append(layer: 0, keys: TensorColumns(keys), values: TensorColumns(values))
  }

  /// The same, from columns of a stacked projection.
  public init(keys: TensorColumns, values: TensorColumns, heads: Int, headWidth: Int, format: CacheFormat = .f32) {
    self.init(layers: 1, heads: heads, headWidth: headWidth, format: format)
    append(layer: 0, keys: keys, values: values)
  }

  /// Bytes of all blocks, including blocks shared with forks.
  public var byteCount: Int { blocks.count * geometry.blockBytes }

  /// Positions that every layer holds.
  public var count: Int { counts.last ?? 0 }

  /// Positions that one layer holds. During a forward pass it can exceed `count`.
  public func count(layer: Int) -> Int { counts[layer] }

  /// A copy that can continue independently. O(blocks).
  public func fork() -> KeyValueCache { self }

  /// Appends one layer's keys and values for new positions, each `[new, heads * headWidth]`.
  public mutating func append(layer: Int, keys: Tensor, values: Tensor) {
    append(layer: layer, keys: TensorColumns(keys), values: TensorColumns(values))
  }

  /// The same, from columns of a stacked projection.
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

  /// Removes all positions from `count` on. Does nothing if the cache holds fewer.
  public mutating func truncate(to count: Int) {
    precondition(count >= 0, "a negative length")
    for layer in counts.indices { counts[layer] = min(counts[layer], count) }
    let size = KeyValueGeometry.positions
    let kept = ((counts.max() ?? 0) + size - 1) / size
    if kept < blocks.count { blocks.removeLast(blocks.count - kept) }
  }

  /// An attention run over one layer of the cache.
  func run(
    _ rows: Range<Int>, layer: Int, isCausal: Bool, bias: Tensor?, source: KeyValueSource?
  ) -> AttentionRun {
    AttentionRun(
      rows: rows, blocks: blocks, layer: layer, keyCount: counts[layer], isCausal: isCausal, bias: bias,
      source: source)
  }
}
