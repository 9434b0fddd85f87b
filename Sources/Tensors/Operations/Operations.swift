import CKernels

/// `activation(x · weightsᵀ + bias) + residual`, `[rows, inputs]` → `[rows, outputs]`.
///
/// Each output is summed over the inputs in order, regardless of the number of rows and threads. Bias, activation and
/// residual follow, each rounded, so the result has the same bits as separate operations.
public func linear(
  _ x: Tensor, _ weights: PackedMatrix, bias: Tensor? = nil, activation: Activation = .linear, residual: Tensor? = nil
) -> Tensor {
  guard let recorder = x.recorder ?? residual?.recorder else {
    return product(x, weights, bias, activation, residual)
  }
  // The gradient needs the input of the activation, so product, activation and residual are recorded separately.
  let joined = activation == .linear ? residual : nil
  var sums = product(x, weights, bias, .linear, joined).noted(by: recorder) {
    .product(
      input: x.unrecorded, weights: weights, bias: bias?.unrecorded, residual: joined?.unrecorded, output: $0)
  }
  if let branches = recorder.branches { sums = branches.added(to: sums, x, weights, recorder) }
  guard activation != .linear else { return sums }
  let activated = activate(sums, activation)
  return residual.map { add(activated, $0.reshaped(activated.shape)) } ?? activated
}

private func product(
  _ x: Tensor, _ weights: PackedMatrix, _ bias: Tensor?, _ activation: Activation, _ residual: Tensor?
) -> Tensor {
  let rows = x.rowCount
  precondition(x.width == weights.inputs, "inputs \(x.shape) for weights of \(weights.inputs)")
  precondition(
    bias == nil || bias?.count == weights.outputs, "bias \(bias?.shape ?? []) for \(weights.outputs) outputs")
  precondition(
    residual == nil || residual?.count == rows * weights.outputs,
    "residual \(residual?.shape ?? []) for \([rows, weights.outputs])")
  return withExtendedLifetime((x, bias, residual, weights.groups)) {
    Tensor(uninitialized: Shape(rows, weights.outputs)) { out in
      let kernels = ck_active()
      var first = 0
      for group in weights.groups {
        let size = group.size
        let product = ck_product(
          inputs: x.pointer, rows: rows, depth: size.inputs, weights: group.pointer, outputs: size.outputs,
          bias: bias.map { UnsafePointer($0.pointer + first) }, activation: activation.kernelCode,
          residual: residual.map { UnsafePointer($0.pointer + first) }, residual_stride: weights.outputs,
          out: out + first, out_stride: weights.outputs, continues: false, panels_to_next: 0)
        let bytes = ck_multiply_scratch(kernels, size.format, rows, size.inputs)
        withScratch((bytes + 3) / 4) { ck_multiply(kernels, size.format, product, x.pointer, size.inputs, $0) }
        first += size.outputs
      }
    }
  }
}

/// Looks up the rows of a table by id: `[ids, width]`.
/// - Parameter recorder: attached to the result if gradients are wanted.
public func embedding(_ ids: [Int], _ table: PackedMatrix, recorder: Recorder? = nil) -> Tensor {
  precondition(ids.allSatisfy { $0 >= 0 && $0 < table.outputs }, "an id beyond the table's \(table.outputs) rows")
  let width = table.inputs
  let rows = withExtendedLifetime(table.groups) {
    Tensor(uninitialized: Shape(ids.count, width)) { out in
      ThreadTeam.parallel(ids.count, grain: max(1, 16384 / max(1, width))) { range in
        for i in range { table.unpack(ids[i], to: out + i * width) }
      }
    }
  }
  return rows.noted(by: recorder) { .embedding(ids: ids, table: table, output: $0) }
}

/// Elements in one task of an elementwise operation. If one task is enough, the calling thread runs it.
private let elementsPerTask = 16384

/// The elementwise sum of two tensors of the same shape.
public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "sum of \(a.shape) and \(b.shape)")
  let sum = withExtendedLifetime((a, b)) {
    elementwise(a.shape) { range, out in
      kernels.add(a.pointer + range.lowerBound, b.pointer + range.lowerBound, out, range.count)
    }
  }
  return sum.noted(by: a.recorder ?? b.recorder) { .sum(a.unrecorded, b.unrecorded, output: $0) }
}

/// The elementwise product of two tensors of the same shape.
public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "product of \(a.shape) and \(b.shape)")
  let product = withExtendedLifetime((a, b)) {
    elementwise(a.shape) { range, out in
      kernels.multiply(a.pointer + range.lowerBound, b.pointer + range.lowerBound, out, range.count)
    }
  }
  return product.noted(by: a.recorder ?? b.recorder) {
    .elementwiseProduct(a.unrecorded, b.unrecorded, output: $0)
  }
}

/// Multiplies every element by `factor`.
public func scale(_ x: Tensor, _ factor: Float) -> Tensor {
  let scaled = withExtendedLifetime(x) {
    elementwise(x.shape) { range, out in kernels.scale(x.pointer + range.lowerBound, factor, out, range.count) }
  }
  return scaled.noted(by: x.recorder) { .scale(input: x.unrecorded, factor: factor, output: $0) }
}

/// Applies an activation to every element.
public func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
  let activated = withExtendedLifetime(x) {
    elementwise(x.shape) { range, out in
      kernels.activate(activation.kernelCode, x.pointer + range.lowerBound, out, range.count)
    }
  }
  return activated.noted(by: x.recorder) { .activation(input: x.unrecorded, activation, output: $0) }
}

/// `activation(left half) · right half` of each row: a gated activation whose gate and values are the two halves of one
/// layer's output. `[rows, 2 · width]` → `[rows, width]`
///
/// A recorder notes the halves, the activation and the product.
public func gate(_ x: Tensor, _ activation: Activation) -> Tensor {
  precondition(x.width.isMultiple(of: 2), "halves of \(x.shape)")
  let width = x.width / 2
  guard x.recorder == nil else {
    return multiply(activate(x.columns(0..<width), activation), x.columns(width..<2 * width))
  }
  return withExtendedLifetime(x) {
    Tensor(uninitialized: Shape(x.rowCount, width)) { out in
      ThreadTeam.parallel(x.rowCount, grain: max(1, elementsPerTask / max(1, width))) { range in
        for row in range {
          let (source, target) = (x.pointer + row * 2 * width, out + row * width)
          kernels.activate(activation.kernelCode, source, target, width)
          kernels.multiply(target, source + width, target, width)
        }
      }
    }
  }
}

private func elementwise(
  _ shape: Shape, _ body: (_ range: Range<Int>, _ out: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  Tensor(uninitialized: shape) { out in
    ThreadTeam.parallel(shape.numbers, grain: elementsPerTask) { body($0, out + $0.lowerBound) }
  }
}

/// (x − mean) / √(variance + epsilon) · weight + bias over each row of the last axis (Ba, Kiros, Hinton 2016).
public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
  precondition(weight.count == x.lastAxis && bias.count == x.lastAxis, "norm of \(x.shape) with \(weight.shape)")
  guard let recorder = x.recorder else {
    return withExtendedLifetime((weight, bias)) {
      rowWise(x) { kernels.layer_norm($1, weight.pointer, bias.pointer, epsilon, $2, $3, nil) }
    }
  }
  let (normed, statistics) = withStatistics(of: x, 2) { statistics in
    withExtendedLifetime((weight, bias)) {
      rowWise(x) { row, x, out, count in
        kernels.layer_norm(x, weight.pointer, bias.pointer, epsilon, out, count, statistics + 2 * row)
      }
    }
  }
  return normed.noted(by: recorder) {
    .layerNorm(
      input: x.unrecorded, weight: weight.unrecorded, bias: bias.unrecorded, statistics: statistics, output: $0)
  }
}

/// x / √(mean of squares + epsilon) · weight over each row of the last axis (Zhang, Sennrich 2019).
public func rmsNorm(_ x: Tensor, weight: Tensor, epsilon: Float) -> Tensor {
  precondition(weight.count == x.lastAxis, "norm of \(x.shape) with \(weight.shape)")
  let rows = x.reshaped(Shape(x.count / max(1, x.lastAxis), x.lastAxis))
  return rmsNorm(TensorColumns(rows), weight: weight, epsilon: epsilon).reshaped(x.shape)
}

/// The same over each group of `weight.count` neighboring columns: the heads of a projection, or all columns of it.
/// `[rows, width]` → `[rows, width]`
public func rmsNorm(_ x: TensorColumns, weight: Tensor, epsilon: Float) -> Tensor {
  let group = weight.count
  precondition(group > 0 ? x.width % group == 0 : x.width == 0, "norm of \(x.width) columns with \(weight.shape)")
  guard let recorder = x.tensor.recorder else { return rmsNorm(x, weight, epsilon, statistics: nil) }
  let statistics = Tensor.zeros(Shape(x.rowCount * (x.width / max(1, group)), 1))
  let normed = withExtendedLifetime(statistics) {
    rmsNorm(x, weight, epsilon, statistics: statistics.storage.pointer)
  }
  return normed.noted(by: recorder) {
    .rmsNorm(input: x.unrecorded, weight: weight.unrecorded, statistics: statistics, output: $0)
  }
}

private func rmsNorm(
  _ x: TensorColumns, _ weight: Tensor, _ epsilon: Float, statistics: UnsafeMutablePointer<Float>?
) -> Tensor {
  let (group, width) = (weight.count, x.width)
  return withExtendedLifetime((x, weight)) {
    Tensor(uninitialized: Shape(x.rowCount, width)) { out in
      guard width > 0 else { return }
      let groups = width / group
      ThreadTeam.parallel(x.rowCount * groups, grain: max(1, 8192 / group)) { range in
        for index in range {
          let (row, first) = (index / groups, index % groups * group)
          kernels.rms_norm(
            x.pointer + row * x.stride + first, weight.pointer, epsilon, out + row * width + first, group,
            statistics.map { $0 + index })
        }
      }
    }
  }
}

/// Softmax over the last axis: exp(x) / Σ exp(x).
public func softmax(_ x: Tensor) -> Tensor {
  rowWise(x) { kernels.softmax($1, $2, $3) }.noted(by: x.recorder) { .softmax(input: x.unrecorded, output: $0) }
}

/// Log-softmax over the last axis: x − log Σ exp(x).
public func logSoftmax(_ x: Tensor) -> Tensor {
  rowWise(x) { kernels.log_softmax($1, $2, $3) }
    .noted(by: x.recorder) { .logSoftmax(input: x.unrecorded, output: $0) }
}

/// The result of `body`, and a tensor `[rows, numbers]` into which `body` writes statistics of each row.
private func withStatistics(
  of x: Tensor, _ numbers: Int, _ body: (_ statistics: UnsafeMutablePointer<Float>) -> Tensor
) -> (result: Tensor, statistics: Tensor) {
  let statistics = Tensor.zeros(Shape(x.count / max(1, x.lastAxis), numbers))
  return (withExtendedLifetime(statistics) { body(statistics.storage.pointer) }, statistics)
}

extension Tensor {
  /// Length of the last axis; 1 for a scalar.
  var lastAxis: Int { shape.last ?? 1 }
}

private func rowWise(
  _ x: Tensor,
  _ body: (_ row: Int, _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int) -> Void
) -> Tensor {
  let width = x.lastAxis
  return withExtendedLifetime(x) {
    Tensor(uninitialized: x.shape) { out in
      guard width > 0 else { return }
      ThreadTeam.parallel(x.count / width, grain: max(1, 8192 / width)) { range in
        for row in range { body(row, x.pointer + row * width, out + row * width, width) }
      }
    }
  }
}
