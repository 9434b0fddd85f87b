import CKernels

/// The threads that all operations of the process share.
///
/// Results never depend on their number. Work is done by one caller at a time; another caller that comes meanwhile
/// works alone.
public enum ThreadTeam {
  /// Threads that work together, the calling one included. At first: the physical cores that affinity and quota leave.
  public static var threadCount: Int { ck_team_size() }

  /// Sets the number of threads (at most 256); 0 means the physical cores. Waits for work in progress.
  public static func setThreadCount(_ count: Int) { ck_team_resize(max(0, count)) }

  /// The instruction set in use: `generic`, `avx2`, `avx512` or `neon`.
  public static var instructionSet: String { String(cString: kernels.name) }

  /// The kernels that this processor can run, the plainest first; two may have one name (AVX-512 with and without dot
  /// products).
  public static var instructionSets: [InstructionSet] {
    (UInt32(CK_ISA_GENERIC)..<UInt32(CK_ISA_COUNT)).compactMap { code in
      ck_kernels_for(code).map { InstructionSet(code: code, name: String(cString: $0.pointee.name)) }
    }
  }

  /// The kernels in use. Another choice changes no number, so it may be made while others compute.
  public static var activeSet: InstructionSet {
    get { InstructionSet(code: kernels.isa, name: instructionSet) }
    set { ck_activate(newValue.code) }
  }

  /// Reading rate of the team over a buffer of `bytes`, in bytes per second.
  public static func measureBandwidth(bytes: Int = 512 << 20) -> Double { ck_measure_bandwidth(bytes) }

  /// Multiply-adds of the team, counted twice, per second.
  public static func measureArithmetic() -> Double { ck_measure_flops() }

  /// Calls `body` with ranges that together are `0..<count`, on several threads, each range at most `grain` long.
  static func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    // One piece needs no team, and no copy of the closure that could be handed to it.
    guard count > grain else { return count > 0 ? body(0..<count) : () }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        let call: ck_body = { context, begin, end, _ in
          context.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee(begin..<end)
        }
        ck_parallel(count, grain, call, UnsafeMutableRawPointer(mutating: pointer))
      }
    }
  }
}

/// One implementation of all kernels.
public struct InstructionSet: Sendable, Hashable {
  let code: UInt32
  /// `generic`, `avx2`, `avx512` or `neon`.
  public let name: String
}

/// The kernels in use.
var kernels: ck_kernels { ck_active().pointee }
