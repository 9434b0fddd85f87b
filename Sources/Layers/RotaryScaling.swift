import Tensors

/// How the frequencies of rotary positions are changed for texts longer than those in pretraining.
public enum RotaryScaling: Sendable, Hashable {
  /// The published frequencies.
  case none
  /// All frequencies are divided by a factor, as if positions were closer together (Chen et al. 2023,
  /// arXiv:2306.15595).
  case linear(factor: Double)
  /// Only the first `turning` pairs of the head rotate, with their frequencies divided by a factor.
  case proportional(turning: Int, factor: Double)
  /// Low frequencies are divided by a factor, high ones are unchanged, those between are interpolated.
  case yarn(YaRN)
  /// The same with other bounds, in wavelengths (Llama 3.1, arXiv:2407.21783).
  case llama3(Llama3Scaling)
  /// Each pair's frequency has its own divisor (Ding et al. 2024, arXiv:2402.13753).
  case divisors([Float])
}

/// Bounds of YaRN (Peng et al. 2023, arXiv:2309.00071, section 3.2).
public struct YaRN: Sendable, Hashable {
  /// The divisor of low frequencies.
  public let factor: Double
  /// The context length in pretraining.
  public let originalLength: Int
  /// The frequency of a pair that turns more often than this within the original length is unchanged.
  public let fastTurns: Double
  /// The frequency of a pair that turns less often than this is divided by the full factor.
  public let slowTurns: Double
  /// Whether the bounds are rounded outward to whole pairs.
  public let roundsBounds: Bool

  /// Bounds as a configuration has them.
  public init(factor: Double, originalLength: Int, fastTurns: Double, slowTurns: Double, roundsBounds: Bool) {
    self.factor = factor
    self.originalLength = originalLength
    self.fastTurns = fastTurns
    self.slowTurns = slowTurns
    self.roundsBounds = roundsBounds
  }

  /// The weight of each pair's unscaled frequency in the interpolation; the rest is that of the divided frequency.
  func shares(width: Int, base: Double) -> [Double] {
    func pair(turning turns: Double) -> Double {
      Double(width) * logarithm(Double(originalLength) / (turns * 2 * Double.pi)) / (2 * logarithm(base))
    }
    var (low, high) = (pair(turning: fastTurns), pair(turning: slowTurns))
    if roundsBounds { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    (low, high) = (max(low, 0), min(high, Double(width - 1)))
    if low == high { high += 0.001 }
    return (0..<width / 2).map { 1 - min(max((Double($0) - low) / (high - low), 0), 1) }
  }
}

/// Bounds of the scaling of Llama 3.1.
public struct Llama3Scaling: Sendable, Hashable {
  /// The divisor of low frequencies.
  public let factor: Double
  /// The frequency of a pair whose wavelength is longer than the original length divided by this is divided by the full
  /// factor.
  public let slowTurns: Double
  /// The frequency of a pair whose wavelength is shorter than the original length divided by this is unchanged.
  public let fastTurns: Double
  /// The context length in pretraining.
  public let originalLength: Int

  /// Bounds as a configuration has them.
  public init(factor: Double, slowTurns: Double, fastTurns: Double, originalLength: Int) {
    self.factor = factor
    self.slowTurns = slowTurns
    self.fastTurns = fastTurns
    self.originalLength = originalLength
  }

  func scaled(_ frequency: Double) -> Double {
    let (wavelength, length) = (2 * Double.pi / frequency, Double(originalLength))
    if wavelength > length / slowTurns { return frequency / factor }
    if wavelength < length / fastTurns { return frequency }
    let share = (length / wavelength - slowTurns) / (fastTurns - slowTurns)
    return (1 - share) * frequency / factor + share * frequency
  }
}

extension RotaryEmbedding {
  /// The published frequencies, `base^(−2i / rotaryWidth)` for pair i, scaled.
  ///
  /// Computed in double precision with the same bits on every machine, and rounded once.
  /// - Parameters:
  ///   - rotaryWidth: the number of elements of a head that are rotated; `nil`: all. An odd number is rounded up.
  ///   - factor: multiplies cosines and sines.
  public init(
    headWidth: Int, rotaryWidth: Int? = nil, base: Double, pairs: RotationPairs = .halves,
    scaling: RotaryScaling = .none, factor: Float = 1
  ) {
    let width = rotaryWidth ?? headWidth
    let own: [Double] = (0..<(width + 1) / 2).map { inversePower(base, Double(2 * $0) / Double(width)) }
    let scaled: [Double] =
      switch scaling {
      case .none: own
      case .linear(let factor): own.map { $0 / factor }
      case .proportional(let turning, let factor): own.indices.map { $0 < turning ? own[$0] / factor : 0 }
      case .yarn(let yarn):
        zip(own, yarn.shares(width: 2 * own.count, base: base)).map { $0 / yarn.factor * (1 - $1) + $0 * $1 }
      case .llama3(let bounds): own.map(bounds.scaled)
      case .divisors(let divisors): zip(own, divisors).map { $0 / Double($1) }
      }
    self.init(headWidth: headWidth, frequencies: scaled.map { Float($0) }, pairs: pairs, factor: factor)
  }
}
