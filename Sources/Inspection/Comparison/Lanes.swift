// Functions of eight double-precision lanes, from basic operations only, so that results have the same bits on every
// machine. Fused multiply-adds are not used, because processors without them would be slow.

typealias Lanes = SIMD8<Double>

private let log2e = 0x1.71547652b82fep+0
private let ln2High = 0x1.62e42feep-1
private let ln2Low = 0x1.a39ef35793c76p-33
/// 1.5 * 2^52. Adding it leaves the nearest integer in the low bits.
private let shift = 0x1.8p52

/// e^x for x up to 0, within 2 units in the last place; 0 below -708.
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
  let shifted = x * log2e + shift
  let whole = shifted - shift
  // The product with the high part is exact.
  let r = (x - whole * ln2High) - whole * ln2Low
  // The Taylor series up to r^13, |r| <= 0.347.
  var p = Lanes(repeating: 1.0 / 6_227_020_800)
  p = p * r + 1.0 / 479_001_600
  p = p * r + 1.0 / 39_916_800
  p = p * r + 1.0 / 3_628_800
  p = p * r + 1.0 / 362_880
  p = p * r + 1.0 / 40_320
  p = p * r + 1.0 / 5_040
  p = p * r + 1.0 / 720
  p = p * r + 1.0 / 120
  p = p * r + 1.0 / 24
  p = p * r + 1.0 / 6
  p = p * r + 0.5
  p = p * r + 1
  p = p * r + 1
  let bits = unsafeBitCast(shifted, to: SIMD8<Int64>.self)
  let power = unsafeBitCast((bits &+ 1023) &<< 52, to: Lanes.self)
  return (p * power).replacing(with: 0, where: .!(x .>= -708))
}

/// The natural logarithm of normal positive numbers, within 2 units in the last place; of anything else, some number
/// or NaN.
@inline(__always)
func logarithm(_ x: Lanes) -> Lanes {
  // The exponent for which the fraction is in [sqrt(1/2), sqrt(2)).
  let bits = unsafeBitCast(x, to: SIMD8<Int64>.self)
  let exponent = (bits &- 0x3fe6_a09e_667f_3bcd) &>> 52
  let f = unsafeBitCast(bits &- (exponent &<< 52), to: Lanes.self) - 1
  let whole = unsafeBitCast(exponent &+ Int64(bitPattern: shift.bitPattern), to: Lanes.self) - shift
  // log(1 + f) = 2 artanh(s) with s = f / (2 + f), |s| <= 0.1716: the series up to s^19. Computed as f minus a small
  // correction, so that the rounding of s has no visible effect.
  let s = f / (2 + f)
  let z = s * s
  var p = Lanes(repeating: 2.0 / 19)
  p = p * z + 2.0 / 17
  p = p * z + 2.0 / 15
  p = p * z + 2.0 / 13
  p = p * z + 2.0 / 11
  p = p * z + 2.0 / 9
  p = p * z + 2.0 / 7
  p = p * z + 2.0 / 5
  p = p * z + 2.0 / 3
  let half = 0.5 * f * f
  let tail = s * (p * z + half) + whole * ln2Low
  return whole * ln2High + (f - (half - tail))
}

extension Lanes {
  /// The fixed reduction tree: adds lanes i and i + 4, then i + 2, i + 1.
  var treeSum: Double {
    let fours = lowHalf + highHalf
    let twos = fours.lowHalf + fours.highHalf
    return twos[0] + twos[1]
  }
}
