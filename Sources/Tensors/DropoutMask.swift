/// A key of random numbers that are functions of the key alone. A key is made from a seed and numbers that identify a
/// purpose, so what is drawn does not depend on what was drawn before.
public struct RandomKey: Sendable, Hashable {
  /// The bits of the key.
  public let bits: UInt64

  /// A key of these bits.
  public init(bits: UInt64) { self.bits = bits }

  /// The key of a seed.
  public init(seed: UInt64) { bits = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) }

  /// The key of this one and a further number.
  public func with(_ number: UInt64) -> RandomKey {
    RandomKey(bits: Self.mixed(bits ^ Self.mixed(number &+ 0x6A09_E667_F3BC_C909)))
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
  public static func mixed(_ x: UInt64) -> UInt64 {
    var z = x
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

/// The elements that dropout sets to zero, as a function of one key for each row (Srivastava et al. 2014, Dropout: A
/// Simple Way to Prevent Neural Networks from Overfitting).
///
/// Element i of a row is kept if 32 random bits, a function of the row's key and i, are at least p · 2³². Kept elements
/// are multiplied by 1 / (1 - p). A mask is computed where it is used, and takes no memory.
public struct DropoutMask: Sendable {
  /// One key for each row; for attention one for each row and head. `[rows]` or `[rows, heads]`
  let keys: [UInt64]
  /// p · 2³².
  let threshold: UInt32
  /// 1 / (1 - p).
  let scale: Float

  /// - Parameters:
  ///   - keys: `[rows]`, or `[rows, heads]` for attention.
  ///   - probability: p, the share of elements that are dropped: at least 0 and below 1.
  public init(keys: [RandomKey], probability: Double) {
    precondition((0..<1).contains(probability), "a probability of \(probability)")
    self.keys = keys.map(\.bits)
    threshold = UInt32(min(probability * 0x1p32, 0x1p32 - 1))
    scale = Float(1 / (1 - probability))
  }
}
