import Platform
import Tensors

/// How positions enter a model.
public enum PositionEncoding: Sendable {
  /// Not at all.
  case none
  /// A learned vector for each position, added to what enters the first layer: `[positions, width]`.
  case table(Tensor)
  /// Queries and keys are rotated.
  case rotary(RotaryEmbedding)
  /// A learned number for each head and distance is added to a score.
  case relativeBias(RelativePositionBias)
  /// For each head a slope: a score falls with the distance between its query and its key.
  case alibi(slopes: [Float])
}

/// Rotary positions: pairs of numbers of queries and keys turn by an angle that grows with the position, so that a score
/// depends on the distance alone (Su et al. 2021, arXiv:2104.09864).
public struct RotaryEmbedding: Sendable, Hashable {
  /// Numbers in one head; those beyond the pairs are not rotated.
  public let headWidth: Int
  /// The angle of each pair at position 1.
  public let frequencies: [Float]
  /// How pairs lie.
  public let pairs: RotationPairs
  /// What cosines and sines are multiplied with.
  public let factor: Float

  /// Rotations of given frequencies, at most half as many as a head has numbers.
  public init(headWidth: Int, frequencies: [Float], pairs: RotationPairs = .halves, factor: Float = 1) {
    precondition(2 * frequencies.count <= headWidth, "\(frequencies.count) pairs in heads of \(headWidth)")
    self.headWidth = headWidth
    self.frequencies = frequencies
    self.pairs = pairs
    self.factor = factor
  }

  /// The published frequencies: `base^(−2i / rotaryWidth)` for pair i.
  /// - Parameter rotaryWidth: how many numbers of a head are rotated, an even number; `nil`: all.
  public init(headWidth: Int, rotaryWidth: Int? = nil, base: Double, pairs: RotationPairs = .halves) {
    let width = rotaryWidth ?? headWidth
    self.init(
      headWidth: headWidth,
      frequencies: (0..<width / 2).map { inversePower(base, Double(2 * $0) / Double(width)) }, pairs: pairs)
  }

  /// Cosines and sines for rows at these positions; made once for all layers. `[rows, 2 × pairs]`
  public func angles(_ positions: [Int]) -> Tensor { rotations(positions, frequencies: frequencies, factor: factor) }

  /// Queries or keys, rotated by their rows' angles. `[rows, heads * headWidth]` → `[rows, heads * headWidth]`
  public func callAsFunction(_ x: TensorColumns, _ angles: Tensor) -> Tensor {
    rotate(x, angles: angles, headWidth: headWidth, pairs: pairs)
  }
}

/// Slopes of ALiBi: 2^(−8/n), 2^(−16/n) … for n heads where n is a power of two; for others those of the next smaller
/// power, then every other one of the next larger (Press, Smith, Lewis 2022, arXiv:2108.12409).
public func alibiSlopes(heads: Int) -> [Float] {
  var power = 1
  while power * 2 <= heads { power *= 2 }
  func slope(_ number: Int, of count: Int) -> Float { inversePower(2, 8 * Double(number) / Double(count)) }
  return (0..<heads).map { head in
    head < power ? slope(head + 1, of: power) : slope(2 * (head - power) + 1, of: 2 * power)
  }
}

/// T5's positions: a learned number for each head and each distance between a query and a key, added to their score.
/// Distances fall into buckets, one each while they are small, then ever wider ones up to a largest distance (Raffel et
/// al. 2020, section 2.1).
public struct RelativePositionBias: Sendable {
  /// `[buckets, heads]`
  public let weight: Tensor
  /// Heads of the queries.
  public let heads: Int
  /// Which distances share a number.
  public let buckets: RelativePositionBuckets

  /// A bias of the given weights.
  public init(weight: Tensor, heads: Int, buckets: RelativePositionBuckets) {
    self.weight = weight
    self.heads = heads
    self.buckets = buckets
  }

  /// The bias of queries over the keys from position 0 on.
  /// - Parameters:
  ///   - queries: the positions of the queries.
  ///   - keyCount: the number of keys.
  /// - Returns: `[heads, queries, keys]`
  public func callAsFunction(queries: Range<Int>, keyCount: Int) -> Tensor {
    let farthest = queries.upperBound - 1
    let distances = max(0, farthest + keyCount - queries.lowerBound)
    let bucket = keyCount == 0 ? [] : (0..<distances).map { buckets.bucket(of: $0 - farthest) }
    return positionBias(weight, buckets: bucket, queries: queries, keyCount: keyCount)
  }

  /// The same weights, followed by a recorder.
  public func recorded(by recorder: Recorder?) -> RelativePositionBias {
    RelativePositionBias(weight: weight.recorded(by: recorder), heads: heads, buckets: buckets)
  }
}

/// Which bucket a relative position falls into.
public struct RelativePositionBuckets: Sendable {
  /// Whether what lies ahead has buckets of its own; otherwise it all counts as distance 0.
  public let bidirectional: Bool
  /// How many buckets there are.
  public let count: Int
  /// From this distance on all fall into the last bucket of their direction.
  public let maxDistance: Int

  /// Buckets as a configuration describes them.
  public init(bidirectional: Bool, count: Int, maxDistance: Int) {
    self.bidirectional = bidirectional
    self.count = count
    self.maxDistance = maxDistance
  }

  /// The bucket of a relative position: the key's minus the query's.
  public func bucket(of position: Int) -> Int {
    let perDirection = bidirectional ? count / 2 : count
    let first = bidirectional && position > 0 ? perDirection : 0
    let distance = bidirectional ? abs(position) : max(-position, 0)
    let exact = perDirection / 2
    guard distance >= exact else { return first + distance }
    // In single precision and in this order, for a distance on the edge between two buckets must fall where the
    // reference puts it.
    let ratio = Float(log(Double(Float(distance) / Float(exact)))) / Float(log(Double(maxDistance) / Double(exact)))
    let wide = exact + Int(ratio * Float(perDirection - exact))
    return first + min(wide, perDirection - 1)
  }
}

/// The bias of a whole source looking at itself, a slice of the queries at a time: at once it would grow with the
/// square of a length that has no limit.
public struct SourceBias: Sendable {
  /// Runs of queries, together all of them.
  public let slices: [Range<Int>]
  private let positions: RelativePositionBias
  private let keyCount: Int
  /// The bias of all queries where they are one slice, kept for the layers to share.
  private let whole: Tensor?

  /// The queries of a slice.
  public static let queriesAtOnce = 512

  /// The bias of a source of `count` positions.
  public init(_ positions: RelativePositionBias, count: Int, queriesAtOnce: Int = queriesAtOnce) {
    self.positions = positions
    keyCount = count
    slices = stride(from: 0, to: count, by: queriesAtOnce).map { $0..<min($0 + queriesAtOnce, count) }
    whole = slices.count == 1 ? positions(queries: slices[0], keyCount: count) : nil
  }

  /// `[heads, slice, source]`
  public func callAsFunction(_ slice: Range<Int>) -> Tensor { whole ?? positions(queries: slice, keyCount: keyCount) }
}
