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
