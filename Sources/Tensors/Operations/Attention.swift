import CKernels

/// softmax(queries · keysᵀ · scale + bias) · values, for each head of several runs of rows at once.
///
/// - Parameters:
///   - queries: `[rows, heads * headWidth]`.
///   - runs: disjoint runs of rows; rows in none of them come out as zeros.
///   - heads: heads of the queries, a multiple of the blocks' heads, of which neighbours share one.
///   - weights: when given, is handed each run's attention probabilities `[heads, rows, keys]`, for looking at.
/// - Returns: `[rows, heads * headWidth]`.
///
/// A score is one chain over the head's width, a sum of exponentials has 16 partial sums by position modulo 16, and an
/// output is one chain over the positions: none depends on the other rows or on where the sequence was cut.
public func attention(
  queries: TensorColumns, runs: [AttentionRun], heads: Int, headWidth: Int, scale: Float,
  weights: ((_ run: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  let width = heads * headWidth
  precondition(queries.width == width, "queries of \(queries.width) for \(heads) heads of \(headWidth)")
  for run in runs { check(run, queries, heads, headWidth) }
  let probabilities = weights == nil ? [] : runs.map { Tensor.zeros([heads, $0.rows.count, $0.keyCount]) }
  let isCovered = runs.reduce(0) { $0 + $1.rows.count } == queries.rowCount
  let result = Tensor(uninitialized: Shape(queries.rowCount, width)) { out in
    if !isCovered { out.update(repeating: 0, count: queries.rowCount * width) }
    let blocks = runs.reduce(0) { $0 + $1.blocks.count }
    guard blocks > 0 else { return zero(out, runs, width) }
    let call = AttentionCall(
      queries: queries, heads: heads, headWidth: headWidth, scale: scale, probabilities: probabilities, out: out)
    withExtendedLifetime((queries, runs, probabilities)) {
      withScratch(of: UnsafeRawPointer.self, blocks) { bases in
        withScratch(of: ck_attention.self, runs.reduce(0) { $0 + call.taskCount($1) }) { tasks in
          attend(UnsafeBufferPointer(rebasing: tasks[..<call.write(runs, bases, tasks)]), headWidth)
        }
      }
    }
  }
  if let weights { for (run, tensor) in probabilities.enumerated() { weights(run, tensor) } }
  return result
}

/// Queries that one thread takes at a time: few enough to share a prompt out evenly.
private let queriesPerTask = 64

/// Multiply-adds below which one thread does everything.
private let smallWork = 1 << 16

private func check(_ run: AttentionRun, _ queries: TensorColumns, _ heads: Int, _ headWidth: Int) {
  precondition(run.rows.lowerBound >= 0 && run.rows.upperBound <= queries.rowCount, "rows \(run.rows)")
  precondition(run.keyCount <= run.blocks.count * KeyValueGeometry.positions, "\(run.keyCount) keys")
  precondition(!run.isCausal || run.keyCount >= run.rows.count, "more queries than positions")
  precondition(run.bias == nil || run.bias?.count == heads * run.rows.count * run.keyCount, "bias of a wrong shape")
  for block in run.blocks {
    let geometry = block.geometry
    precondition(geometry.headWidth == headWidth && heads % geometry.heads == 0, "blocks of another geometry")
    precondition(geometry.format == run.blocks[0].geometry.format, "blocks of two formats")
    precondition(run.layer >= 0 && run.layer < geometry.layers, "layer \(run.layer)")
  }
}

/// Without a single key there is nothing to look at.
private func zero(_ out: UnsafeMutablePointer<Float>, _ runs: [AttentionRun], _ width: Int) {
  for run in runs { (out + run.rows.lowerBound * width).update(repeating: 0, count: run.rows.count * width) }
}

/// What the tasks of one attention have in common.
private struct AttentionCall {
  let queries: TensorColumns
  let heads: Int
  let headWidth: Int
  let scale: Float
  let probabilities: [Tensor]
  let out: UnsafeMutablePointer<Float>

  /// How many tasks a run is.
  func taskCount(_ run: AttentionRun) -> Int { (run.rows.count + queriesPerTask - 1) / queriesPerTask * heads }

  /// Writes the tasks of all runs, and where their blocks lie.
  /// - Returns: how many tasks there are.
  func write(
    _ runs: [AttentionRun], _ bases: UnsafeMutableBufferPointer<UnsafeRawPointer>,
    _ tasks: UnsafeMutableBufferPointer<ck_attention>
  ) -> Int {
    guard var base = bases.baseAddress, let first = tasks.baseAddress else { return 0 }
    var task = first
    for (index, run) in runs.enumerated() {
      for (number, block) in run.blocks.enumerated() { (base + number).initialize(to: block.base(layer: run.layer)) }
      for head in 0..<heads {
        for start in stride(from: 0, to: run.rows.count, by: queriesPerTask) {
          task.initialize(to: self.task(run, index, base, head: head, start: start))
          task += 1
        }
      }
      base += run.blocks.count
    }
    return task - first
  }

  private func task(
    _ run: AttentionRun, _ index: Int, _ blocks: UnsafePointer<UnsafeRawPointer>, head: Int, start: Int
  ) -> ck_attention {
    let geometry = run.blocks.first?.geometry ?? KeyValueGeometry(layers: 1, heads: heads, headWidth: headWidth)
    let shared = head / (heads / geometry.heads)
    let (first, step) = run.limits
    let firstRow = run.rows.lowerBound + start
    let column = head * headWidth
    let row = (head * run.rows.count + start) * run.keyCount
    return ck_attention(
      queries: queries.pointer + firstRow * queries.stride + column, query_stride: queries.stride,
      query_count: min(queriesPerTask, run.rows.count - start), head_width: headWidth, blocks: blocks,
      block_type: geometry.format.kernelCode,
      key_offset: geometry.keyOffset(head: shared), value_offset: geometry.valueOffset(head: shared),
      key_count: run.keyCount, first_limit: first + start * step, limit_step: step, scale: scale,
      bias: run.bias.map { $0.pointer + row }, bias_stride: run.keyCount,
      out: out + firstRow * heads * headWidth + column, out_stride: heads * headWidth,
      weights: probabilities.isEmpty ? nil : probabilities[index].storage.pointer + row,
      weights_stride: run.keyCount, scratch: out)
  }
}

/// The tasks as a thread of the team sees them.
private struct AttentionWork {
  let tasks: UnsafePointer<ck_attention>
  /// Floats of scratch that the longest of them needs.
  let scratch: Int

  func run(_ range: Range<Int>) {
    withScratch(scratch) { scratch in
      for i in range {
        var task = tasks[i]
        task.scratch = scratch
        kernels.attend(&task)
      }
    }
  }
}

private func attend(_ tasks: UnsafeBufferPointer<ck_attention>, _ headWidth: Int) {
  guard let first = tasks.baseAddress else { return }
  var work = 0
  var longest = 0
  for task in tasks {
    work += task.query_count * task.key_count * headWidth * 2
    longest = max(longest, task.key_count)
  }
  let grain = work < smallWork ? tasks.count : max(1, tasks.count * smallWork / 2 / work)
  // The team gets a pointer to a value: a closure for it would be copied to the heap in every layer.
  var job = AttentionWork(tasks: first, scratch: ck_attention_scratch(headWidth, longest))
  ck_parallel(
    tasks.count, grain,
    { context, begin, end, _ in context.assumingMemoryBound(to: AttentionWork.self).pointee.run(begin..<end) }, &job)
}
