import CKernels

/// softmax(queries · keysᵀ · scale + bias) · values, for each head of several ranges of rows at once.
///
/// - Parameters:
///   - queries: `[rows, queryHeads * headWidth]`.
///   - runs: disjoint ranges of rows with their keys and values. Rows in no run are zero in the result.
///   - shape: heads, scale, window and soft cap. The blocks must have its key heads.
///   - slopes: ALiBi slopes, one for each query head; slope · (key − last visible key), in positions, is added to the
///     score (Press et al. 2022, arXiv:2108.12409). Empty: no ALiBi.
///   - dropout: the probabilities that are set to zero, with a key for each row and head.
///   - weights: if given, called with each run's attention probabilities, `[heads, rows, keys]`, for display.
/// - Returns: `[rows, queryHeads * headWidth]`.
///
/// A score sums over the head's width in order. The sum of exponentials uses 16 partial sums by position modulo 16. An
/// output sums over the positions in order. So no result depends on other rows or on how the sequence was split into
/// passes.
public func attention(
  queries: TensorColumns, runs: [AttentionRun], shape: AttentionShape, slopes: [Float] = [],
  dropout: DropoutMask? = nil, weights: ((_ run: Int, _ weights: Tensor) -> Void)? = nil
) -> Tensor {
  let (heads, width) = (shape.queryHeads, shape.queryWidth)
  precondition(queries.width == width, "queries of \(queries.width) for \(heads) heads of \(shape.headWidth)")
  precondition(slopes.isEmpty || slopes.count == heads, "\(slopes.count) slopes for \(heads) heads")
  precondition(dropout.map { $0.keys.count == queries.rowCount * heads } ?? true, "dropout of other rows")
  for run in runs { check(run, queries, shape) }
  let probabilities = weights == nil ? [] : runs.map { Tensor.zeros([heads, $0.rows.count, $0.keyCount]) }
  let recorder = queries.tensor.recorder
  let logSums = recorder.map { _ in Tensor.zeros(Shape(queries.rowCount, heads)) }
  let isCovered = runs.reduce(0) { $0 + $1.rows.count } == queries.rowCount
  let result = Tensor(uninitialized: Shape(queries.rowCount, width)) { out in
    if !isCovered { out.update(repeating: 0, count: queries.rowCount * width) }
    let blocks = runs.reduce(0) { $0 + $1.blocks.count }
    guard blocks > 0 else { return zero(out, runs, width) }
    let call = AttentionCall(
      queries: queries, shape: shape, slopes: slopes, probabilities: probabilities,
      logSums: logSums?.storage.pointer, out: out)
    withExtendedLifetime((queries, runs, probabilities, logSums)) {
      withScratch(of: UnsafeRawPointer.self, blocks) { bases in
        withScratch(of: ck_attention.self, runs.reduce(0) { $0 + call.taskCount($1) }) { tasks in
          DropoutMask.with(dropout, heads: heads) { mask in
            attend(UnsafeBufferPointer(rebasing: tasks[..<call.write(runs, bases, mask, tasks)]), shape.headWidth)
          }
        }
      }
    }
  }
  if let weights { for (run, tensor) in probabilities.enumerated() { weights(run, tensor) } }
  guard let recorder, let logSums else { return result }
  return result.noted(by: recorder) {
    .attention(
      RecordedAttention(
        queries: queries.unrecorded, runs: runs.map(RecordedAttention.Run.init), shape: shape, slopes: slopes,
        dropout: dropout, logSums: logSums, output: $0))
  }
}

/// Queries in one task; small enough to balance a long prompt over the threads.
private let queriesPerTask = 64

/// Multiply-adds below which the calling thread does all the work.
private let smallWork = 1 << 16

private func check(_ run: AttentionRun, _ queries: TensorColumns, _ shape: AttentionShape) {
  precondition(run.rows.lowerBound >= 0 && run.rows.upperBound <= queries.rowCount, "rows \(run.rows)")
  precondition(run.keyCount <= run.blocks.count * KeyValueGeometry.positions, "\(run.keyCount) keys")
  precondition(!run.isCausal || run.keyCount >= run.rows.count, "more queries than positions")
  precondition(
    run.bias == nil || run.bias?.count == shape.queryHeads * run.rows.count * run.keyCount, "bias of a wrong shape")
  for block in run.blocks {
    let geometry = block.geometry
    precondition(
      geometry.headWidth == shape.headWidth && geometry.heads == shape.keyHeads, "blocks of another geometry")
    precondition(geometry.format == run.blocks[0].geometry.format, "blocks of two formats")
    precondition(run.layer >= 0 && run.layer < geometry.layers, "layer \(run.layer)")
  }
}

/// Zeros the output of runs without keys.
private func zero(_ out: UnsafeMutablePointer<Float>, _ runs: [AttentionRun], _ width: Int) {
  for run in runs { (out + run.rows.lowerBound * width).update(repeating: 0, count: run.rows.count * width) }
}

/// The arguments that all tasks of one attention share.
private struct AttentionCall {
  let queries: TensorColumns
  let shape: AttentionShape
  let slopes: [Float]
  let probabilities: [Tensor]
  /// `[rows, queryHeads]`; `nil` unless the operation is recorded.
  let logSums: UnsafeMutablePointer<Float>?
  let out: UnsafeMutablePointer<Float>

  /// An upper bound of the number of tasks of a run.
  func taskCount(_ run: AttentionRun) -> Int {
    (run.rows.count + queriesPerTask - 1) / queriesPerTask * shape.queryHeads
  }

  /// Writes the tasks of all runs and the addresses of their blocks.
  /// - Returns: the number of tasks.
  func write(
    _ runs: [AttentionRun], _ bases: UnsafeMutableBufferPointer<UnsafeRawPointer>, _ mask: ck_dropout,
    _ tasks: UnsafeMutableBufferPointer<ck_attention>
  ) -> Int {
    guard var base = bases.baseAddress, let first = tasks.baseAddress else { return 0 }
    let group = shape.queryHeads / shape.keyHeads
    var task = first
    for (index, run) in runs.enumerated() {
      for (number, block) in run.blocks.enumerated() { (base + number).initialize(to: block.base(layer: run.layer)) }
      if run.rows.count == 1, group > 1, slopes.isEmpty {
        // Query heads that share a key head are processed together, as if they were rows of one head.
        for head in stride(from: 0, to: shape.queryHeads, by: group) {
          task.initialize(to: self.task(run, index, base, mask, head: head, start: 0))
          task.pointee.share(group, headWidth: shape.headWidth)
          task += 1
        }
      } else {
        for head in 0..<shape.queryHeads {
          for start in stride(from: 0, to: run.rows.count, by: queriesPerTask) {
            task.initialize(to: self.task(run, index, base, mask, head: head, start: start))
            task += 1
          }
        }
      }
      base += run.blocks.count
    }
    return task - first
  }

  private func task(
    _ run: AttentionRun, _ index: Int, _ blocks: UnsafePointer<UnsafeRawPointer>, _ mask: ck_dropout, head: Int,
    start: Int
  ) -> ck_attention {
    var mask = mask
    mask.keys = mask.keys.map { $0 + (run.rows.lowerBound + start) * shape.queryHeads + head }
    let geometry =
      run.blocks.first?.geometry
      ?? KeyValueGeometry(layers: 1, heads: shape.keyHeads, headWidth: shape.headWidth)
    let shared = head / (shape.queryHeads / shape.keyHeads)
    let sight = run.sight(shape.window)
    let firstRow = run.rows.lowerBound + start
    let column = head * shape.headWidth
    let row = (head * run.rows.count + start) * run.keyCount
    return ck_attention(
      queries: queries.pointer + firstRow * queries.stride + column, query_stride: queries.stride,
      query_count: min(queriesPerTask, run.rows.count - start), head_width: shape.headWidth, blocks: blocks,
      block_type: geometry.format.kernelCode,
      key_offset: geometry.keyOffset(head: shared), value_offset: geometry.valueOffset(head: shared),
      key_count: run.keyCount, first_limit: sight.limit + start * sight.limitStep, limit_step: sight.limitStep,
      first_begin: Int64(sight.begin + start * sight.beginStep), begin_step: sight.beginStep, scale: shape.scale,
      soft_cap: shape.softCap ?? 0, slope: slopes.isEmpty ? 0 : slopes[head],
      bias: run.bias.map { $0.pointer + row }, bias_stride: run.keyCount,
      out: out + firstRow * shape.queryWidth + column, out_stride: shape.queryWidth,
      weights: probabilities.isEmpty ? nil : probabilities[index].storage.pointer + row,
      weights_stride: run.keyCount, log_sums: logSums.map { $0 + firstRow * shape.queryHeads + head },
      log_sums_stride: shape.queryHeads, dropout: mask, scratch: out)
  }
}

extension ck_attention {
  /// Turns one row's query into the queries of a group of neighboring heads, which share their keys.
  fileprivate mutating func share(_ group: Int, headWidth: Int) {
    query_count = group
    query_stride = headWidth
    out_stride = headWidth
    log_sums_stride = 1
    dropout.stride = 1
    limit_step = 0
    begin_step = 0
  }
}

/// The tasks, as handed to a thread of the team.
private struct AttentionWork {
  let tasks: UnsafePointer<ck_attention>
  /// Scratch size in floats, enough for the task with the most keys.
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
  // Pass a pointer to a value: a closure would be copied to the heap in every layer.
  var job = AttentionWork(tasks: first, scratch: ck_attention_scratch(headWidth, longest))
  ck_parallel(
    tasks.count, grain,
    { context, begin, end, _ in context.assumingMemoryBound(to: AttentionWork.self).pointee.run(begin..<end) }, &job)
}
