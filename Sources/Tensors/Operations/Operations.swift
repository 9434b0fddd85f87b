import CKernels

/// `activation(x · weightsᵀ + bias) + residual`, `[rows, inputs]` → `[rows, outputs]`.
///
/// Each output is one chain of sums over the inputs in order, whatever the number of rows and threads; then bias,
/// activation and residual follow, each rounded: the same bits as separate operations.
public func linear(
  _ x: Tensor, _ weights: PackedMatrix, bias: Tensor? = nil, activation: Activation = .linear, residual: Tensor? = nil
) -> Tensor {
  let rows = x.rowCount
  precondition(x.width == weights.inputs, "inputs \(x.shape) for weights of \(weights.inputs)")
  precondition(
    bias == nil || bias?.count == weights.outputs, "bias \(bias?.shape ?? []) for \(weights.outputs) outputs")
  precondition(
    residual == nil || residual?.count == rows * weights.outputs,
    "residual \(residual?.shape ?? []) for \([rows, weights.outputs])")
  return withExtendedLifetime((x, bias, residual, weights.panels)) {
    Tensor(uninitialized: Shape(rows, weights.outputs)) { out in
      let product = ck_product(
        inputs: x.pointer, rows: rows, depth: weights.inputs, weights: weights.panels.pointer,
        outputs: weights.outputs, bias: bias?.pointer, activation: activation.kernelCode, residual: residual?.pointer,
        residual_stride: weights.outputs, out: out, out_stride: weights.outputs, panels_to_next: 0)
      let (kernels, format) = (ck_active(), weights.format.kernelCode)
      let bytes = ck_multiply_scratch(kernels, format, rows, weights.inputs)
      withScratch((bytes + 3) / 4) { ck_multiply(kernels, format, product, x.pointer, weights.inputs, $0) }
    }
  }
}

/// The rows of a table that belong to the ids: `[ids, width]`.
public func embedding(_ ids: [Int], _ table: PackedMatrix) -> Tensor {
  precondition(ids.allSatisfy { $0 >= 0 && $0 < table.outputs }, "an id beyond the table's \(table.outputs) rows")
  let width = table.inputs
  return withExtendedLifetime(table.panels) {
    Tensor(uninitialized: Shape(ids.count, width)) { out in
      ThreadTeam.parallel(ids.count, grain: max(1, 16384 / max(1, width))) { range in
        for i in range { table.panels.unpack(ids[i], inputs: width, to: out + i * width) }
      }
    }
  }
}

/// Numbers that one thread takes at a time; fewer than two such pieces stay on the calling thread.
private let piece = 16384

/// The elementwise sum of two tensors of one shape.
public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "sum of \(a.shape) and \(b.shape)")
  return withExtendedLifetime((a, b)) {
    elementwise(a.shape) { range, out in
      kernels.add(a.pointer + range.lowerBound, b.pointer + range.lowerBound, out, range.count)
    }
  }
}

/// The elementwise product of two tensors of one shape.
public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "product of \(a.shape) and \(b.shape)")
  return withExtendedLifetime((a, b)) {
    elementwise(a.shape) { range, out in
      kernels.multiply(a.pointer + range.lowerBound, b.pointer + range.lowerBound, out, range.count)
    }
  }
}

/// Every number times `factor`.
public func scale(_ x: Tensor, _ factor: Float) -> Tensor {
  withExtendedLifetime(x) {
    elementwise(x.shape) { range, out in kernels.scale(x.pointer + range.lowerBound, factor, out, range.count) }
  }
}

/// The function of every number.
public func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
  withExtendedLifetime(x) {
    elementwise(x.shape) { range, out in
      kernels.activate(activation.kernelCode, x.pointer + range.lowerBound, out, range.count)
    }
  }
}

private func elementwise(
  _ shape: Shape, _ body: (_ range: Range<Int>, _ out: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  Tensor(uninitialized: shape) { out in
    ThreadTeam.parallel(shape.numbers, grain: piece) { body($0, out + $0.lowerBound) }
  }
}

/// (x − mean) / √(variance + epsilon) · weight + bias over each row of the last axis (Ba, Kiros, Hinton 2016).
public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
  precondition(weight.count == x.lastAxis && bias.count == x.lastAxis, "norm of \(x.shape) with \(weight.shape)")
  return withExtendedLifetime((weight, bias)) {
    rowWise(x) { kernels.layer_norm($0, weight.pointer, bias.pointer, epsilon, $1, $2) }
  }
}

/// x / √(mean of squares + epsilon) · weight over each row of the last axis (Zhang, Sennrich 2019).
public func rmsNorm(_ x: Tensor, weight: Tensor, epsilon: Float) -> Tensor {
  precondition(weight.count == x.lastAxis, "norm of \(x.shape) with \(weight.shape)")
  return withExtendedLifetime(weight) {
    rowWise(x) { kernels.rms_norm($0, weight.pointer, epsilon, $1, $2) }
  }
}

/// exp(x) over its sum, in each row of the last axis.
public func softmax(_ x: Tensor) -> Tensor { rowWise(x) { kernels.softmax($0, $1, $2) } }

/// x − log Σ exp(x), in each row of the last axis.
public func logSoftmax(_ x: Tensor) -> Tensor { rowWise(x) { kernels.log_softmax($0, $1, $2) } }

extension Tensor {
  /// Length of the last axis; 1 for a single number.
  var lastAxis: Int { shape.last ?? 1 }
}

private func rowWise(
  _ x: Tensor, _ body: (_ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int) -> Void
) -> Tensor {
  let width = x.lastAxis
  return withExtendedLifetime(x) {
    Tensor(uninitialized: x.shape) { out in
      guard width > 0 else { return }
      ThreadTeam.parallel(x.count / width, grain: max(1, 8192 / width)) { range in
        for row in range { body(x.pointer + row * width, out + row * width, width) }
      }
    }
  }
}

/// How the two numbers of a pair lie in a head whose pairs are rotated.
public enum RotationPairs: Sendable, Hashable {
  /// Number i and number i + pairs: GPT-NeoX, Llama in Hugging Face's layout.
  case halves
  /// Number 2 i and number 2 i + 1: GPT-J, Llama as published.
  case interleaved
}

/// Cosines and sines of rows of angles: `[rows, 2 × pairs]`, the cosines first.
///
/// Angle i of a row is `position · frequencies[i]`, rounded to single precision, as in the reference; its cosine and
/// sine are our own polynomials in double precision, rounded and multiplied by `factor`: the same bits on every machine.
public func rotations(_ positions: [Int], frequencies: [Float], factor: Float = 1) -> Tensor {
  let pairs = frequencies.count
  return Tensor(uninitialized: Shape(positions.count, 2 * pairs)) { out in
    ThreadTeam.parallel(positions.count, grain: max(1, 256 / max(1, pairs))) { range in
      for row in range {
        let (cosines, sines) = (out + row * 2 * pairs, out + row * 2 * pairs + pairs)
        for pair in 0..<pairs {
          let angle = Double(Float(positions[row]) * frequencies[pair])
          cosines[pair] = Float(ck_cos(angle)) * factor
          sines[pair] = Float(ck_sin(angle)) * factor
        }
      }
    }
  }
}

/// Rotates the pairs of each head by its row's angles (Su et al. 2021, arXiv:2104.09864).
///
/// - Parameters:
///   - x: `[rows, heads * headWidth]`.
///   - angles: of ``rotations(_:frequencies:factor:)``, for each row; numbers of a head beyond its pairs stay as they
///     are.
/// - Returns: `[rows, heads * headWidth]`. x cos − y sin and y cos + x sin, each product rounded.
public func rotate(_ x: TensorColumns, angles: Tensor, headWidth: Int, pairs layout: RotationPairs) -> Tensor {
  let pairs = angles.width / 2
  precondition(angles.rowCount == x.rowCount, "angles of \(angles.rowCount) rows for \(x.rowCount)")
  precondition(x.width % headWidth == 0 && 2 * pairs <= headWidth, "\(pairs) pairs in heads of \(headWidth)")
  return withExtendedLifetime((x, angles)) {
    Tensor(uninitialized: Shape(x.rowCount, x.width)) { out in
      ThreadTeam.parallel(x.rowCount, grain: max(1, 16384 / max(1, x.width))) { range in
        for row in range {
          let (source, target) = (x.pointer + row * x.stride, out + row * x.width)
          let cosines = angles.pointer + row * 2 * pairs
          for start in stride(from: 0, to: x.width, by: headWidth) {
            kernels.rotate(
              source + start, cosines, cosines + pairs, pairs, layout == .interleaved, target + start)
            (target + start + 2 * pairs).update(from: source + start + 2 * pairs, count: headWidth - 2 * pairs)
          }
        }
      }
    }
  }
}

/// e^(−exponent · log base): the frequencies of rotations are powers of a base; in double precision, the same bits on
/// every machine, rounded to single precision.
public func inversePower(_ base: Double, _ exponent: Double) -> Float { Float(ck_exp(-exponent * ck_log(base))) }
