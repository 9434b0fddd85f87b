#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// From logarithms to what a screen shows.
enum Probability {
  /// The probability of a natural logarithm; 0 for what is no number.
  static func of(logprob: Double) -> Double {
    guard !logprob.isNaN else { return 0 }
    return min(exp(logprob), 1)
  }

  /// The natural logarithm of a probability.
  static func logarithm(_ probability: Double) -> Double { log(probability) }

  /// `base` to the power of `exponent`.
  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  /// −log₂ of the probability of a natural logarithm: the surprise in bits.
  static func bits(logprob: Double) -> Double { max(0, -logprob / log(2)) }
}
