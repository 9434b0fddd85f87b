import Platform
import Tensors

/// How a model encodes positions.
public enum PositionEncoding: Sendable {
  /// No position encoding.
  case none
  /// A learned vector for each position, added to the token embeddings: `[positions, width]`.
  case table(Tensor)
  /// Sines and cosines of each position, added to the input of the first layer.
  case sinusoids(SinusoidalPositions)
  /// Rotary position embedding of queries and keys.
  case rotary(RotaryEmbedding)
  /// A learned bias for each head and distance, added to the attention scores.
  case relativeBias(RelativePositionBias)
  /// ALiBi: each head lowers a score by its slope times the distance between query and key.
  case alibi(slopes: [Float])
}

/// Sines and cosines of positions at falling frequencies, the sines in the first half of a vector and the cosines in
/// the second (Vaswani et al. 2017, arXiv:1706.03762, section 3.5). They are computed when needed, so the length of a
/// text is not limited.
public struct SinusoidalPositions: Sendable, Hashable {
  /// Elements of a vector.
  public let width: Int
  /// The angle of each sine, and of the cosine of the same index, at position 1.
  public let frequencies: [Double]
  /// The number of frequencies that have a cosine. Elements beyond the sines and cosines are 0.
  public let cosines: Int
  /// Whether angles are rounded to single precision, because the reference computes in single precision.
  public let roundsAngles: Bool
  /// The number of a text's first position.
  public let first: Int
  /// The padding id. Its vector is zero, and in a sequence that is read at once it takes no position number. `nil` if
  /// every token has a position.
  public let padding: Int?

  /// The frequencies `10000^(−2i / width)` in double precision, with positions from 0 on, as in Marian.
  public init(width: Int) {
    self.width = width
    let sines = (width + 1) / 2
    frequencies = (0..<sines).map { inversePower(10_000, Double(2 * $0) / Double(width)) }
    cosines = width / 2
    roundsAngles = false
    first = 0
    padding = nil
  }

  /// The frequencies of tensor2tensor and fairseq, `10000^(−i / (width / 2 − 1))` in single precision. Positions are
  /// numbered from `padding + 1` on.
  /// - Parameter width: at least 4.
  public init(width: Int, padding: Int) {
    precondition(width >= 4, "\(width) numbers for sines and cosines")
    self.width = width
    let step = Float(-logarithm(10_000) / Double(width / 2 - 1))
    frequencies = (0..<width / 2).map { Double(exponential(Float($0) * step)) }
    cosines = width / 2
    roundsAngles = true
    first = padding + 1
    self.padding = padding
  }

  /// The vectors of position numbers, which begin at ``first``; a negative number gives zeros. `[positions, width]`
  public func callAsFunction(_ positions: [Int]) -> Tensor {
    sinusoids(positions, frequencies: frequencies, cosines: cosines, width: width, roundsAngles: roundsAngles)
  }

  /// The position numbers of a sequence's new tokens; -1 for padding.
  /// - Parameters:
  ///   - ids: the new tokens.
  ///   - start: the number of tokens before them.
  ///   - isWhole: whether these are all tokens of a sequence that is read at once. Then padding tokens do not count.
  public func numbers(_ ids: [Int], start: Int, isWhole: Bool) -> [Int] {
    var skipped = 0
    return ids.enumerated().map { index, id in
      guard id != padding else {
        skipped += 1
        return -1
      }
      return first + start + index - (isWhole ? skipped : 0)
    }
  }
}

/// Rotary position embedding: pairs of elements of queries and keys are rotated by an angle proportional to the
/// position, so that a score depends only on the distance (Su et al. 2021, arXiv:2104.09864).
public struct RotaryEmbedding: Sendable, Hashable {
  /// Elements in one head. Elements beyond the pairs are not rotated.
  public let headWidth: Int
  /// The angle of each pair at position 1, in radians.
  public let frequencies: [Float]
  /// Which elements form a pair.
  public let pairs: RotationPairs
  /// The factor applied to cosines and sines.
  public let factor: Float

  /// A rotation with the given frequencies, at most `headWidth / 2` of them.
  public init(headWidth: Int, frequencies: [Float], pairs: RotationPairs = .halves, factor: Float = 1) {
    precondition(2 * frequencies.count <= headWidth, "\(frequencies.count) pairs in heads of \(headWidth)")
    self.headWidth = headWidth
    self.frequencies = frequencies
    self.pairs = pairs
    self.factor = factor
  }

  /// Cosines and sines for rows at these positions, `[rows, 2 × pairs]`. Compute them once and use them in all layers.
  public func angles(_ positions: [Int]) -> Tensor { rotations(positions, frequencies: frequencies, factor: factor) }

  /// Rotates queries or keys by their rows' angles. `[rows, heads * headWidth]` → `[rows, heads * headWidth]`
  public func callAsFunction(_ x: TensorColumns, _ angles: Tensor) -> Tensor {
    rotate(x, angles: angles, headWidth: headWidth, pairs: pairs)
  }
}

/// Slopes of ALiBi. For n heads, n a power of two: 2^(−8/n), 2^(−16/n), …. For other n: the slopes of the next smaller
/// power of two, then every other slope of the next larger one (Press, Smith, Lewis 2022, arXiv:2108.12409).
public func alibiSlopes(heads: Int) -> [Float] {
  var power = 1
  while power * 2 <= heads { power *= 2 }
  func slope(_ number: Int, of count: Int) -> Float { inversePower(2, 8 * Double(number) / Double(count)) }
  return (0..<heads).map { head in
    head < power ? slope(head + 1, of: power) : slope(2 * (head - power) + 1, of: 2 * power)
  }
}

/// T5's relative position bias: a learned value for each head and each bucket of distances, added to the attention
/// score. Small distances have a bucket each; larger ones share buckets of increasing width up to a maximum distance
/// (Raffel et al. 2020, section 2.1).
public struct RelativePositionBias: Sendable {
  /// `[buckets, heads]`
  public let weight: Tensor
  /// Query heads.
  public let heads: Int
  /// How distances map to buckets.
  public let buckets: RelativePositionBuckets

  /// A bias with the given weights.
  public init(weight: Tensor, heads: Int, buckets: RelativePositionBuckets) {
    self.weight = weight
    self.heads = heads
    self.buckets = buckets
  }

  /// The bias of a range of queries over the keys from position 0 on.
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

  /// The same bias, with a recorder attached to its weights.
  public func recorded(by recorder: Recorder?) -> RelativePositionBias {
    RelativePositionBias(weight: weight.recorded(by: recorder), heads: heads, buckets: buckets)
  }
}

/// How relative positions map to buckets.
public struct RelativePositionBuckets: Sendable {
  /// True if keys after the query have buckets of their own. False: they all count as distance 0.
  public let bidirectional: Bool
  /// The number of buckets.
  public let count: Int
  /// This and all larger distances share the last bucket of their direction.
  public let maxDistance: Int

  /// Buckets with the given parameters.
  public init(bidirectional: Bool, count: Int, maxDistance: Int) {
    self.bidirectional = bidirectional
    self.count = count
    self.maxDistance = maxDistance
  }

  /// The bucket of a relative position (key position minus query position).
  public func bucket(of position: Int) -> Int {
    let perDirection = bidirectional ? count / 2 : count
    let first = bidirectional && position > 0 ? perDirection : 0
    let distance = bidirectional ? abs(position) : max(-position, 0)
    let exact = perDirection / 2
    guard distance >= exact else { return first + distance }
    // Single precision in this order, as in the reference: a distance at the edge of a bucket must get the same bucket.
    let ratio = Float(log(Double(Float(distance) / Float(exact)))) / Float(log(Double(maxDistance) / Double(exact)))
    let wide = exact + Int(ratio * Float(perDirection - exact))
    return first + min(wide, perDirection - 1)
  }
}

/// The relative position bias of an encoder's self-attention, computed for a slice of the queries at a time. The bias
/// of all queries would need memory quadratic in the length of the source, which has no limit.
public struct SourceBias: Sendable {
  /// Consecutive ranges that together cover all queries.
  public let slices: [Range<Int>]
  private let positions: RelativePositionBias
  private let keyCount: Int
  /// The bias of all queries if they fit into one slice; all layers share it.
  private let whole: Tensor?

  /// The maximum number of queries in a slice.
  public static let queriesAtOnce = 512

  /// The bias of a source of `count` positions.
  /// - Parameter recorder: notes the operations for gradients.
  public init(
    _ positions: RelativePositionBias, count: Int, queriesAtOnce: Int = queriesAtOnce, recorder: Recorder? = nil
  ) {
    self.positions = positions
    keyCount = count
    slices = stride(from: 0, to: count, by: queriesAtOnce).map { $0..<min($0 + queriesAtOnce, count) }
    whole = slices.count == 1 ? positions.recorded(by: recorder)(queries: slices[0], keyCount: count) : nil
  }

  /// The bias of one slice, `[heads, slice, source]`.
  /// - Parameter recorder: notes the operations for gradients.
  public func callAsFunction(_ slice: Range<Int>, recorder: Recorder? = nil) -> Tensor {
    whole ?? positions.recorded(by: recorder)(queries: slice, keyCount: keyCount)
  }
}
