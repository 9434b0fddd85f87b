import CKernels
import Tensors

/// The kernels in use.
var kernels: ck_kernels { ck_active().pointee }

/// Elements in one task of an elementwise operation.
private let elementsPerTask = 16384

/// Calls `body` with ranges of `count` elements on the threads of the team.
func elementwise(_ count: Int, _ body: (Range<Int>) -> Void) {
  ThreadTeam.parallel(count, grain: elementsPerTask, body)
}

/// Adds `count` elements to a sum.
func addElements(_ x: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ count: Int) {
  elementwise(count) { range in
    let target = sum + range.lowerBound
    kernels.add(target, x + range.lowerBound, target, range.count)
  }
}

/// Calls `body` with ranges of rows of `width` elements.
func rowWise(_ rows: Int, width: Int, _ body: (Range<Int>) -> Void) {
  ThreadTeam.parallel(rows, grain: max(1, 8192 / max(1, width)), body)
}

/// Calls `body` with ranges of columns: for sums over rows, which threads must not split.
func columnWise(_ columns: Int, rows: Int, _ body: (Range<Int>) -> Void) {
  // Whole vectors and cache lines for each thread.
  let blocks = (columns + 63) / 64
  ThreadTeam.parallel(blocks, grain: max(1, elementsPerTask / 64 / max(1, rows))) { range in
    body(range.lowerBound * 64..<min(columns, range.upperBound * 64))
  }
}
