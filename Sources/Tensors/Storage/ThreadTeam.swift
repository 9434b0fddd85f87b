import CKernels

/// The threads shared by all operations of the process.
///
/// Results never depend on the number of threads. One caller uses the team at a time; a concurrent caller does its work
/// on its own thread.
public enum ThreadTeam {
  /// The number of threads, including the caller's. Default: the physical cores allowed by CPU affinity and quota.
  public static var threadCount: Int { ck_team_size() }

  /// Sets the number of threads (at most 256); 0 for the number of physical cores. Waits for work in progress.
  public static func setThreadCount(_ count: Int) { ck_team_resize(max(0, count)) }

  /// The instruction set in use: `generic`, `avx2`, `avx512` or `neon`.
  public static var instructionSet: String { String(cString: kernels.name) }

  /// The kernels that this processor can run, the simplest first. Two may have the same name (AVX-512 with and without
  /// dot products).
  public static var instructionSets: [InstructionSet] {
    (UInt32(CK_ISA_GENERIC)..<UInt32(CK_ISA_COUNT)).compactMap { code in
      ck_kernels_for(code).map { InstructionSet(code: code, name: String(cString: $0.pointee.name)) }
    }
  }

  /// The kernels in use. Changing them changes no result, so this is allowed while other threads compute.
  public static var activeSet: InstructionSet {
    get { InstructionSet(code: kernels.isa, name: instructionSet) }
    set { ck_activate(newValue.code) }
  }

  /// The read bandwidth of the team over a buffer of `bytes`, in bytes per second.
  public static func measureBandwidth(bytes: Int = 512 << 20) -> Double { ck_measure_bandwidth(bytes) }

  /// The arithmetic rate of the team in FLOP per second; a multiply-add counts as two.
  public static func measureArithmetic() -> Double { ck_measure_flops() }

  /// Calls `body` on several threads with ranges that partition `0..<count`, each at most `grain` long.
  package static func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    // A single piece runs on the calling thread and needs no escaping copy of the closure.
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

/// One implementation of all kernels, for one instruction set.
public struct InstructionSet: Sendable, Hashable {
  let code: UInt32
  /// `generic`, `avx2`, `avx512` or `neon`.
  public let name: String
}

/// The kernels in use.
var kernels: ck_kernels { ck_active().pointee }
