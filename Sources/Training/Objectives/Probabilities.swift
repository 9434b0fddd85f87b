import Tensors

/// Probabilities of logits, in double precision: the same bits on every machine.
enum Probabilities {
  /// The probabilities of a row.
  static func softmax(_ row: [Float]) -> [Double] {
    let most = Double(row.max() ?? 0)
    let powers = row.map { exponential(Double($0) - most) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The log-probabilities of a row.
  static func logSoftmax(_ row: [Float]) -> [Double] {
    let most = Double(row.max() ?? 0)
    let sum = row.reduce(0.0) { $0 + exponential(Double($1) - most) }
    let total = most + logarithm(sum)
    return row.map { Double($0) - total }
  }

  /// 1 / (1 + e⁻ˣ)
  static func sigmoid(_ x: Double) -> Double {
    let small = exponential(-abs(x))
    return x >= 0 ? 1 / (1 + small) : small / (1 + small)
  }

  /// The class with the highest logit; the first of several.
  static func best(_ row: [Float]) -> Int {
    var best = 0
    for index in row.indices where row[index] > row[best] { best = index }
    return best
  }
}
