import CKernels

/// Measures of a row of logits, computed by the kernels.
enum LogitRow {
  /// The highest logit, the logarithm of the sum of e^(logit - highest), and the entropy.
  struct Measure: Sendable {
    /// The highest logit.
    var highest: Float = 0
    /// The index of the highest logit; ties go to the lower index.
    var best = 0
    /// ln Σ e^(logit - highest): the natural logarithm of a probability is (logit - highest) - logTotal.
    var logTotal = 0.0
    /// The entropy in bits, at least 0.
    var entropy = 0.0

    /// The natural logarithm of the probability of a logit.
    func logprob(_ logit: Float) -> Double { (Double(logit) - Double(highest)) - logTotal }
  }

  /// Measures a row. It must have no NaN, no +infinity and at least one finite logit.
  static func measure(_ logits: [Float]) -> Measure {
    var found = ck_distribution()
    logits.withUnsafeBufferPointer { row in
      if let start = row.baseAddress { ck_active().pointee.measure(start, row.count, &found) }
    }
    let bits = found.entropy / Natural.ln2
    return Measure(
      highest: found.maximum, best: max(Int(found.argmax), 0), logTotal: found.log_sum, entropy: bits > 0 ? bits : 0)
  }

  /// The rank of the logit at `index`, from 1. Higher logits come before it, and equal ones at lower indices.
  static func rank(of index: Int, in logits: [Float]) -> Int {
    logits.withUnsafeBufferPointer { row in
      guard let start = row.baseAddress else { return 1 }
      return ck_active().pointee.rank(start, row.count, index) + 1
    }
  }

  /// The highest logit of a row without NaN; -infinity for an empty row.
  static func highest(of logits: [Float]) -> Float {
    logits.withUnsafeBufferPointer { row in
      var lanes = SIMD8<Float>(repeating: -.infinity)
      var index = 0
      while index + 8 <= row.count {
        let next = SIMD8(
          row[index], row[index + 1], row[index + 2], row[index + 3], row[index + 4], row[index + 5], row[index + 6],
          row[index + 7])
        lanes.replace(with: next, where: next .> lanes)
        index += 8
      }
      return row[index...].reduce(lanes.max()) { $1 > $0 ? $1 : $0 }
    }
  }

  /// Writes e^(logit - highest) of each logit to `weights`, resized to the length of `logits`, and returns their sum.
  ///
  /// The sum has a fixed order: four double-precision lanes by index modulo 4, added as (0 + 1) + (2 + 3).
  static func exponentials(of logits: [Float], highest: Float, into weights: inout [Float]) -> Double {
    weights.removeAll(keepingCapacity: true)
    weights.append(contentsOf: logits)
    return weights.withUnsafeMutableBufferPointer { row in
      guard let start = row.baseAddress else { return 0 }
      for index in row.indices { row[index] -= highest }
      ck_active().pointee.exp(start, start, row.count)
      return sum(UnsafeBufferPointer(row))
    }
  }

  /// The sum of weights, in the order of ``exponentials(of:highest:into:)``.
  static func sum(_ row: UnsafeBufferPointer<Float>) -> Double {
    var lanes = SIMD4<Double>.zero
    var index = 0
    while index + 4 <= row.count {
      lanes += SIMD4(Double(row[index]), Double(row[index + 1]), Double(row[index + 2]), Double(row[index + 3]))
      index += 4
    }
    for lane in 0..<(row.count - index) { lanes[lane] += Double(row[index + lane]) }
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
  }
}

/// Why a row of raw logits has no valid distribution.
public enum LogitFlaw: Sendable, Hashable {
  /// The logit of an id is NaN; the lowest such id.
  case notANumber(id: Int)
  /// The logit of an id is +infinity; the lowest such id.
  case infinite(id: Int)
  /// Every logit is -infinity.
  case nothingFinite

  /// The flaw of a row; `nil` if it has none. A NaN takes precedence over an infinity. -infinity is valid: it means
  /// probability 0.
  static func of(_ row: [Float]) -> LogitFlaw? {
    if let id = row.firstIndex(where: \.isNaN) { return .notANumber(id: id) }
    if let id = row.firstIndex(of: .infinity) { return .infinite(id: id) }
    return row.contains { $0 > -.infinity } ? nil : .nothingFinite
  }
}

/// Natural exponential and logarithm in double precision, with the same bits on every machine (those of C libraries
/// differ).
package enum Natural {
  /// The natural logarithm of 2.
  package static let ln2 = 0x1.62e42fefa39efp-1

  /// e to the power `x`.
  package static func exp(_ x: Double) -> Double { ck_exp(x) }

  /// The natural logarithm of `x`; -infinity for 0, NaN for negative numbers.
  package static func log(_ x: Double) -> Double { ck_log(x) }

  /// `base` to the power of a non-negative integer, by repeated squaring.
  static func integerPower(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }

  /// `base` (positive) to the power `exponent`; exact for the exponents 0, 1 and -1.
  package static func power(_ base: Double, _ exponent: Double) -> Double {
    switch exponent {
    case 0: 1
    case 1: base
    case -1: 1 / base
    default: exp(exponent * log(base))
    }
  }
}
