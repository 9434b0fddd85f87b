import CKernels

/// Exponential and logarithm to base e in double precision, the same bits on every machine (the C library's differ).
package enum Natural {
  /// The natural logarithm of 2.
  package static let ln2 = 0x1.62e42fefa39efp-1

  /// e to the power `x`.
  package static func exp(_ x: Double) -> Double { ck_exp(x) }

  /// The natural logarithm of `x`; -infinity for 0, NaN for what is negative.
  package static func log(_ x: Double) -> Double { ck_log(x) }

  /// `base` to the power of a whole number of 0 or more, by squaring.
  static func integerPower(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }

  /// `base` (positive) to the power `exponent`; exact where the exponent is 0, 1 or -1.
  package static func power(_ base: Double, _ exponent: Double) -> Double {
    switch exponent {
    case 0: 1
    case 1: base
    case -1: 1 / base
    default: exp(exponent * log(base))
    }
  }
}
