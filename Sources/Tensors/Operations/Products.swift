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
