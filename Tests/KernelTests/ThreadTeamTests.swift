import CKernels
import Synchronization
import Tensors
import Testing

@Suite("The thread team", .serialized)
struct ThreadTeamTests {
  /// Counts the executions of each item, without synchronization: each item has one worker, and the caller reads after
  /// all have finished. The thread sanitizer would report a violation.
  private final class Counters: @unchecked Sendable {
    let counts: UnsafeMutableBufferPointer<Int>
    let total = Atomic(0)

    init(_ count: Int) {
      counts = .allocate(capacity: count)
      counts.initialize(repeating: 0)
    }

    deinit { counts.deallocate() }

    var areAllOnce: Bool { counts.allSatisfy { $0 == 1 } }
  }

  private func run(_ count: Int, grain: Int, _ counters: Counters) {
    let body: ck_body = { context, begin, end, worker in
      let counters = Unmanaged<Counters>.fromOpaque(context).takeUnretainedValue()
      for i in begin..<end { counters.counts[i] += 1 }
    }
    withExtendedLifetime(counters) {
      ck_parallel(count, grain, body, Unmanaged.passUnretained(counters).toOpaque())
    }
  }

  @Test("every item is executed exactly once, for any team size", arguments: [1, 2, 3, 8])
  func items(_ threads: Int) {
    ThreadTeam.setThreadCount(threads)
    #expect(ThreadTeam.threadCount == threads)
    for count in [0, 1, 2, 15, 1000] {
      for grain in [1, 7, 5000] {
        for _ in 0..<20 {
          let counters = Counters(count)
          run(count, grain: grain, counters)
          #expect(counters.areAllOnce, "\(count) items by \(grain)")
        }
      }
    }
    ThreadTeam.setThreadCount(0)
  }

  @Test("concurrent callers and nested parallel loops execute every item once") func crowd() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<50).allSatisfy { _ in
            let counters = Counters(64)
            self.run(64, grain: 1, counters)
            return counters.areAllOnce
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
    let nested: ck_body = { context, begin, end, _ in
      let inner: ck_body = { context, begin, end, _ in
        let counters = Unmanaged<Counters>.fromOpaque(context).takeUnretainedValue()
        counters.total.add(end - begin, ordering: .relaxed)
      }
      for _ in begin..<end { ck_parallel(10, 1, inner, context) }
    }
    let counters = Counters(1)
    withExtendedLifetime(counters) { ck_parallel(10, 1, nested, Unmanaged.passUnretained(counters).toOpaque()) }
    #expect(counters.total.load(ordering: .relaxed) == 100)
  }

  @Test("results do not depend on the number of threads", arguments: NumberFormat.uniform)
  func invariance(_ format: NumberFormat) {
    let x = Tensor([37, 96], randomNumbers(37 * 96, seed: 61))
    let numbers = Tensor([500, 96], randomNumbers(500 * 96, seed: 62))
    let norm = Tensor([500], randomNumbers(500, seed: 63))
    func compute(_ rows: Range<Int>) -> Tensor {
      let weights = PackedMatrix(numbers, layout: .outputsByInputs, format: format)
      let y = activate(linear(x.rows(rows), weights), .gelu)
      return softmax(layerNorm(y, weight: norm, bias: norm, epsilon: 1e-5))
    }
    ThreadTeam.setThreadCount(1)
    let alone = compute(0..<37)
    for threads in [2, 3, 5] {
      ThreadTeam.setThreadCount(threads)
      #expect(compute(0..<37) == alone)
      for row in [0, 8, 36] { #expect(compute(row..<row + 1) == alone.rows(row..<row + 1)) }
      #expect(compute(5..<18) == alone.rows(5..<18))
    }
    ThreadTeam.setThreadCount(0)
  }

  @Test("at least one core and a known instruction set are detected") func cores() {
    #expect(ck_default_threads() >= 1)
    #expect(["generic", "avx2", "avx512", "neon"].contains(ThreadTeam.instructionSet))
  }
}
