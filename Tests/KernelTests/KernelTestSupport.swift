import CKernels
import TestSupport
import WideKernels

/// The kernel tables that are compared with the naive reference kernels.
enum InstructionSet: String, CaseIterable, Sendable {
  case generic, avx2, avx2VNNI, avx512, avx512VNNI, avx512BF16, neon, neonDot
  /// The AVX-512 kernels emulated on other processors.
  case wide, wideDot

  static let available = allCases.filter { $0.table != nil }

  private var table: UnsafePointer<ck_kernels>? {
    switch self {
    case .generic: ck_kernels_for(UInt32(CK_ISA_GENERIC))
    case .avx2: ck_kernels_for(UInt32(CK_ISA_AVX2))
    case .avx2VNNI: ck_kernels_for(UInt32(CK_ISA_AVX2_VNNI))
    case .avx512: ck_kernels_for(UInt32(CK_ISA_AVX512))
    case .avx512VNNI: ck_kernels_for(UInt32(CK_ISA_AVX512_VNNI))
    case .avx512BF16: ck_kernels_for(UInt32(CK_ISA_AVX512_BF16))
    case .neon: ck_kernels_for(UInt32(CK_ISA_NEON))
    case .neonDot: ck_kernels_for(UInt32(CK_ISA_NEON_DOT))
    case .wide: wide_kernels()
    case .wideDot: wide_dot_kernels()
    }
  }

  /// The kernels of an available instruction set.
  var kernels: ck_kernels { (table ?? ck_active()).pointee }

  /// The naive reference kernels.
  static var naive: ck_kernels { (ck_kernels_for(UInt32(CK_ISA_NAIVE)) ?? ck_active()).pointee }
}

/// Lengths around the number of lanes, and one long enough to enter every loop.
let awkwardLengths = [0, 1, 7, 15, 16, 17, 1023]

/// Seeded random numbers in -range ... range.
func randomNumbers(_ count: Int, seed: UInt64, range: Float = 2) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in Float.random(in: -range...range, using: &generator) }
}

/// Special values and branch points of the elementary functions, followed by random numbers of all magnitudes.
func hardNumbers(_ count: Int, seed: UInt64) -> [Float] {
  let special: [Float] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNormalMagnitude,
    .greatestFiniteMagnitude,
    88.72, 88.73, -87.33, -103.9, -104.1, 0.625, -0.62499994, 0.99999994, 3.95, -4, 20, -20, 6, 3, -3, 10.5, 0.5,
    1.4142135, 0.70710678, 1e-38, 1e38, -745,
  ]
  var generator = SplitMix64(seed: seed)
  let random = (0..<count).map { _ in
    Float.random(in: -1...1, using: &generator)
      * Float(sign: .plus, exponent: Int.random(in: -30...8, using: &generator), significand: 1)
  }
  return Array((count < 40 ? random : special + random).prefix(count))
}

/// Whether two arrays are equal bit for bit. All NaNs count as equal.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

/// The array that a kernel writes; NaN where it writes nothing.
func written(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
  var out = [Float](repeating: .nan, count: count + 1)
  out.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
  // One extra element detects writes beyond the end.
  precondition(out[count].isNaN, "a kernel wrote beyond its end")
  return Array(out.prefix(count))
}
