import CKernels
import WideKernels

/// The tables that are held against the naive twins.
enum InstructionSet: String, CaseIterable, Sendable {
  case generic, avx2, avx2VNNI, avx512, avx512VNNI, avx512BF16, neon, neonDot
  /// As AVX-512, on processors without it.
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

  /// The table of an available instruction set.
  var kernels: ck_kernels { (table ?? ck_active()).pointee }

  /// Plain loops: what every table must equal.
  static var naive: ck_kernels { (ck_kernels_for(UInt32(CK_ISA_NAIVE)) ?? ck_active()).pointee }
}

/// Around the sixteen lanes, and long enough for every loop.
let awkwardLengths = [0, 1, 7, 15, 16, 17, 1023]
