/// The source of random numbers. The same seed and sequence give the same coins (numbers in [0, 1)) on every machine.
///
/// With all arithmetic on 64-bit words modulo 2^64 and γ = 0x9E3779B97F4A7C15, let
///
///     mix(z): z ← (z xor (z >> 30)) · 0xBF58476D1CE4E5B9
///             z ← (z xor (z >> 27)) · 0x94D049BB133111EB
///             z xor (z >> 31)
///     key     = mix(mix(seed + γ) + (sequence + 1) · γ)
///     word(n) = mix(key + (n + 1) · γ)                    n = 0, 1, 2, …
///     coin(n) = (word(n) >> 11) · 2^-53                   in [0, 1)
///
/// That is SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
/// doi:10.1145/2660193.2660195) started from `key`. It is counter-based: the coin of the n-th token does not require
/// the earlier ones. A text that is truncated and continued therefore uses the same coins as in a single run.
public struct SeededGenerator: Sendable, Hashable, RandomNumberGenerator {
  /// The seed.
  public let seed: UInt64
  /// The index of the sequence among those with the same seed.
  public let sequence: Int
  /// The index n of the next word.
  public var index: Int
  private let key: UInt64

  /// Creates a generator at word `index`.
  public init(seed: UInt64, sequence: Int = 0, index: Int = 0) {
    self.seed = seed
    self.sequence = sequence
    self.index = index
    let inner = Self.mix(seed &+ Self.gamma)
    key = Self.mix(inner &+ (UInt64(bitPattern: Int64(sequence)) &+ 1) &* Self.gamma)
  }

  /// The n-th word, from 0.
  public func word(at n: Int) -> UInt64 {
    Self.mix(key &+ (UInt64(bitPattern: Int64(n)) &+ 1) &* Self.gamma)
  }

  /// The n-th coin, from 0: one of 2^53 equally likely numbers in [0, 1).
  public func coin(at n: Int) -> Double { Double(word(at: n) >> 11) * 0x1p-53 }

  /// The coin of the n-th token, from 0, for stages that act at random. It is independent of the coins that draw
  /// tokens.
  public func stageCoin(at n: Int) -> Double { coin(at: -1 - n) }

  /// The n-th draw from the exponential distribution with mean 1, from 0; above 0 and finite.
  ///
  /// Several items drawn without replacement with probabilities p are those with the smallest draw / p (Efraimidis and
  /// Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 97, 2006).
  public func exponential(at n: Int) -> Double {
    -Natural.log((Double(word(at: n) >> 12) + 0.5) * 0x1p-52)
  }

  /// The next word.
  public mutating func next() -> UInt64 {
    defer { index &+= 1 }
    return word(at: index)
  }

  /// The next coin.
  public mutating func nextCoin() -> Double {
    defer { index &+= 1 }
    return coin(at: index)
  }

  private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
