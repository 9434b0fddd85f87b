import CKernels
import Models
import Tensors

// Gradients of matrix products: dX = dY · W and dW = dYᵀ · X, by the kernels of the forward pass. A sum continues from
// the number at its destination: that of dX over the outputs in order, that of dW over the rows in order.
extension BackwardPass {
  /// Outputs whose weights are packed at once for the gradient of the inputs.
  private static let outputsAtOnce = 2048
  /// Rows of the weights' gradient that are computed at once.
  private static let gradientRowsAtOnce = 4096

  mutating func propagate(through weights: PackedMatrix, input: Tensor, _ dy: UnsafePointer<Float>) {
    let rows = input.rowCount
    guard rows > 0 else { return }
    precondition(weights.format == .f32, "training with weights in \(weights.format)")
    let values = parameters.values(weights.memory)
    if needsGradient(input) {
      add(input) { sum in
        for part in values {
          Self.addInputs(dy + part.range.lowerBound, rows: rows, weights, part, to: sum)
        }
      }
    }
    guard parameters.isTrained(weights.memory) else { return }
    Self.addWeights(dy, input, weights, parameters.sums(use(weights.memory)))
  }

  /// Adds dY · W to the gradient of the inputs, for the outputs of one parameter.
  private static func addInputs(
    _ dy: UnsafePointer<Float>, rows: Int, _ weights: PackedMatrix, _ part: ParameterPart,
    to sum: UnsafeMutablePointer<Float>
  ) {
    let (inputs, outputs) = (weights.inputs, part.range.count)
    let isByOutput = part.layout == .outputsByInputs
    let value = part.parameter.value
    for first in stride(from: 0, to: outputs, by: outputsAtOnce) {
      let depth = min(outputsAtOnce, outputs - first)
      withScratch(panelFloats(inputs, depth)) { panels in
        let source = value.pointer + (isByOutput ? first * inputs : first)
        ck_lay_panels(source, isByOutput ? 1 : outputs, isByOutput ? inputs : 1, inputs, depth, 0, depth, panels)
        let product = ck_product(
          inputs: dy, rows: rows, depth: depth, weights: panels, outputs: inputs, bias: nil,
          activation: UInt32(CK_IDENTITY), residual: nil, residual_stride: 0, out: sum, out_stride: inputs,
          continues: true, panels_to_next: 0)
        let bytes = ck_multiply_scratch(ck_active(), UInt32(CK_FORMAT_F32), rows, depth)
        withScratch((bytes + 3) / 4) {
          ck_multiply(ck_active(), UInt32(CK_FORMAT_F32), product, dy + first, weights.outputs, $0)
        }
      }
    }
    withExtendedLifetime(value) {}
  }

  /// Adds dYᵀ · X to the gradients of the weights.
  private static func addWeights(
    _ dy: UnsafePointer<Float>, _ input: Tensor, _ weights: PackedMatrix, _ parts: [ParameterGradients.Part]
  ) {
    let (rows, inputs) = (input.rowCount, weights.inputs)
    let x = input.pointer
    if parts.contains(where: { $0.layout == .outputsByInputs }) {
      withScratch(panelFloats(inputs, rows)) { panels in
        ck_lay_panels(x, 1, inputs, inputs, rows, 0, rows, panels)
        for part in parts where part.layout == .outputsByInputs {
          part.add { sum in
            multiply(dy + part.range.lowerBound, weights.outputs, part.range.count, rows, panels, inputs, sum)
          }
        }
      }
    }
    for part in parts where part.layout == .inputsByOutputs {
      withScratch(panelFloats(part.range.count, rows)) { panels in
        ck_lay_panels(
          dy + part.range.lowerBound, 1, weights.outputs, part.range.count, rows, 0, rows, panels)
        part.add { sum in multiply(x, inputs, inputs, rows, panels, part.range.count, sum) }
      }
    }
    withExtendedLifetime(input) {}
  }

  /// Adds aᵀ · b to a sum `[columns, outputs]`: a is `[depth, columns]`, with rows `stride` apart; b is packed.
  private static func multiply(
    _ a: UnsafePointer<Float>, _ stride: Int, _ columns: Int, _ depth: Int, _ panels: UnsafePointer<Float>,
    _ outputs: Int, _ sum: UnsafeMutablePointer<Float>
  ) {
    for first in Swift.stride(from: 0, to: columns, by: gradientRowsAtOnce) {
      let rows = min(gradientRowsAtOnce, columns - first)
      let product = ck_product(
        inputs: a, rows: rows, depth: depth, weights: panels, outputs: outputs, bias: nil,
        activation: UInt32(CK_IDENTITY), residual: nil, residual_stride: 0, out: sum + first * outputs,
        out_stride: outputs, continues: true, panels_to_next: 0)
      withScratch(ck_multiply_columns_scratch(rows, depth) / 4 + 1) {
        ck_multiply_columns(ck_active(), product, a + first, stride, $0)
      }
    }
  }

  /// Floats of the panels of a matrix.
  private static func panelFloats(_ outputs: Int, _ depth: Int) -> Int {
    (outputs + Int(CK_LANES) - 1) / Int(CK_LANES) * Int(CK_LANES) * depth
  }
}
