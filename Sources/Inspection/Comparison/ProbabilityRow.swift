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
    var highest = -Float.infinity
    for logit in logits where logit > highest { highest = logit }
    let (count, top) = (count, Double(highest))
    logarithms.withUnsafeMutableBufferPointer { logarithms in
      probabilities.withUnsafeMutableBufferPointer { probabilities in
        for id in 0..<count { logarithms[id] = Double(logits[id]) - top }
        for id in count..<padded { logarithms[id] = -.infinity }
        let (from, to) = (UnsafeMutableRawPointer(logarithms.baseAddress), probabilities.baseAddress)
        guard let from, let to = UnsafeMutableRawPointer(to) else { return }
        let size = MemoryLayout<Double>.stride
        var sum = Lanes.zero
        for start in stride(from: 0, to: padded, by: 8) {
          let e = exponential(from.loadUnaligned(fromByteOffset: start * size, as: Lanes.self))
          to.storeBytes(of: e, toByteOffset: start * size, as: Lanes.self)
          sum += e
        }
        let total = sum.treeSum
        let logTotal = Natural.log(total)
        for start in stride(from: 0, to: padded, by: 8) {
          let place = start * size
          let e = to.loadUnaligned(fromByteOffset: place, as: Lanes.self)
          to.storeBytes(of: e / total, toByteOffset: place, as: Lanes.self)
          let x = from.loadUnaligned(fromByteOffset: place, as: Lanes.self)
          from.storeBytes(of: x - logTotal, toByteOffset: place, as: Lanes.self)
        }
      }
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
