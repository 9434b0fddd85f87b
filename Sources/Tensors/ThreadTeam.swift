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

  /// Reading rate of the team over a buffer of `bytes`, in bytes per second.
  public static func measureBandwidth(bytes: Int = 512 << 20) -> Double { ck_measure_bandwidth(bytes) }

  /// Multiply-adds of the team, counted twice, per second.
  public static func measureArithmetic() -> Double { ck_measure_flops() }

  /// Calls `body` with ranges that together are `0..<count`, on several threads, each range at most `grain` long.
  static func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
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

/// The kernels in use.
var kernels: ck_kernels { ck_active().pointee }
