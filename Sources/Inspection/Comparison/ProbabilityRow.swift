import EngineAPI
import Sampling

/// The softmax of a row of logits in double precision. Sums have a fixed order: eight lanes by index modulo 8, then one
/// tree.
///
/// A row reuses its memory when it is set to other logits.
public struct ProbabilityRow {
  /// The natural logarithms of the probabilities, padded with -infinity to a multiple of 8.
  private var logarithms: [Double] = []
  /// The probabilities, padded with 0.
  private var probabilities: [Double] = []
  /// The number of ids.
  private var count = 0

  /// A row without ids.
  public init() {}

  /// The softmax of these logits.
  public init(_ logits: [Float]) { set(logits) }

  /// The natural logarithm of an id's probability.
  public func logprob(of id: Int) -> Double { logarithms[id] }

  /// An id's probability.
  public func probability(of id: Int) -> Double { probabilities[id] }

  /// Sets the row to the softmax of raw logits by id. -infinity means probability 0.
  /// - Precondition: no logit is NaN or +infinity, and at least one is finite.
  public mutating func set(_ logits: [Float]) {
    count = logits.count
    let padded = (count + 7) / 8 * 8
    if logarithms.count != padded {
      logarithms = [Double](repeating: -.infinity, count: padded)
      probabilities = [Double](repeating: 0, count: padded)
    }
    let (count, top) = (count, Double(Self.highest(of: logits)))
    logarithms.withUnsafeMutableBytes { logarithms in
      probabilities.withUnsafeMutableBytes { probabilities in
        let size = MemoryLayout<Lanes>.stride
        let whole = count / 8
        logits.withUnsafeBytes { logits in
          for block in 0..<whole {
            let x = logits.loadUnaligned(fromByteOffset: block * size / 2, as: SIMD8<Float>.self)
            logarithms.storeBytes(of: Lanes(x) - top, toByteOffset: block * size, as: Lanes.self)
          }
        }
        if whole * 8 < padded {
          var rest = Lanes(repeating: -.infinity)
          for id in whole * 8..<count { rest[id - whole * 8] = Double(logits[id]) - top }
          logarithms.storeBytes(of: rest, toByteOffset: whole * size, as: Lanes.self)
        }
        var sum = Lanes.zero
        for place in stride(from: 0, to: logarithms.count, by: size) {
          let e = exponential(logarithms.loadUnaligned(fromByteOffset: place, as: Lanes.self))
          probabilities.storeBytes(of: e, toByteOffset: place, as: Lanes.self)
          sum += e
        }
        let total = sum.treeSum
        let (share, logTotal) = (1 / total, Natural.log(total))
        for place in stride(from: 0, to: logarithms.count, by: size) {
          let e = probabilities.loadUnaligned(fromByteOffset: place, as: Lanes.self)
          probabilities.storeBytes(of: e * share, toByteOffset: place, as: Lanes.self)
          let x = logarithms.loadUnaligned(fromByteOffset: place, as: Lanes.self)
          logarithms.storeBytes(of: x - logTotal, toByteOffset: place, as: Lanes.self)
        }
      }
    }
  }

  /// The highest of some logits, none of them NaN.
  private static func highest(of logits: [Float]) -> Float {
    logits.withUnsafeBytes { bytes in
      var lanes = SIMD8<Float>(repeating: -.infinity)
      let whole = logits.count / 8
      for block in 0..<whole {
        let next = bytes.loadUnaligned(fromByteOffset: block * MemoryLayout<SIMD8<Float>>.stride, as: SIMD8<Float>.self)
        lanes.replace(with: next, where: next .> lanes)
      }
      return logits[(whole * 8)...].reduce(lanes.max()) { $1 > $0 ? $1 : $0 }
    }
  }

  /// How far two rows over the same vocabulary are apart, in bits.
  ///
  /// Each sum runs over the ids in the same order whichever row is the first, and equal probabilities add exactly 0.
  /// - Precondition: both rows have the same number of ids.
  public func divergence(from other: ProbabilityRow) -> Divergence {
    precondition(count == other.count, "\(count) and \(other.count) ids")
    var (forward, backward, shannon, variation) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    logarithms.withUnsafeBytes { la in
      other.logarithms.withUnsafeBytes { lb in
        probabilities.withUnsafeBytes { pa in
          other.probabilities.withUnsafeBytes { pb in
            for place in stride(from: 0, to: la.count, by: MemoryLayout<Lanes>.stride) {
              let logA = la.loadUnaligned(fromByteOffset: place, as: Lanes.self)
              let logB = lb.loadUnaligned(fromByteOffset: place, as: Lanes.self)
              let a = pa.loadUnaligned(fromByteOffset: place, as: Lanes.self)
              let b = pb.loadUnaligned(fromByteOffset: place, as: Lanes.self)
              let (noA, noB) = (a .== 0, b .== 0)
              let difference = logA - logB
              forward += (a * difference).replacing(with: 0, where: noA)
              backward += (b * -difference).replacing(with: 0, where: noB)
              variation += (a - b).replacing(with: b - a, where: a .< b)
              // ln((a + b) / 2), from the sum, which is a normal number unless both are 0.
              let middle = logarithm(a + b) - Natural.ln2
              let terms =
                (a * (logA - middle)).replacing(with: 0, where: noA)
                + (b * (logB - middle)).replacing(with: 0, where: noB)
              shannon += terms.replacing(with: 0, where: logA .== logB)
            }
          }
        }
      }
    }
    return Divergence(
      forward: max(0, forward.treeSum / Natural.ln2), backward: max(0, backward.treeSum / Natural.ln2),
      jensenShannon: min(1, max(0, 0.5 * shannon.treeSum / Natural.ln2)),
      totalVariation: min(1, 0.5 * variation.treeSum))
  }
}
