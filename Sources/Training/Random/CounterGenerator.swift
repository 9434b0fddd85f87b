import Tensors

/// A generator whose numbers are functions of a seed, a purpose and a counter. So a number does not depend on what was
/// drawn before it: not on threads, batches or a resumed run.
struct CounterGenerator: RandomNumberGenerator, Sendable {
  private let key: RandomKey
  private var counter: UInt64 = 0

  /// - Parameters:
  ///   - seed: the seed of the run.
  ///   - purpose: numbers that identify the stream, such as the epoch and the index of an example.
  init(seed: UInt64, _ purpose: UInt64...) {
    key = purpose.reduce(RandomKey(seed: seed)) { $0.with($1) }
  }

  /// The next number.
  mutating func next() -> UInt64 {
    counter &+= 1
    return RandomKey.mixed(key.bits &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A number in 0 ..< 1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in 0 ..< `count`.
  mutating func whole(below count: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(max(1, count))).high)
  }

  /// A normally distributed number with mean 0 and variance 1 (Box, Muller 1958).
  mutating func normal() -> Double {
    let radius = (-2 * logarithm(1 - uniform())).squareRoot()
    return radius * cosine(2 * Double.pi * uniform())
  }

  /// The numbers 0 ..< `count` in random order (Fisher, Yates).
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in order.indices.reversed() { order.swapAt(index, whole(below: index + 1)) }
    return order
  }

  /// FNV-1a of a name, for streams that belong to a tensor.
  static func number(of name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
