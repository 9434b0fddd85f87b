import CKernels

/// The number formats of weights, as the kernels know them.
enum ProductFormat: String, CaseIterable, Sendable {
  case f32, bf16, q8, q4

  var code: UInt32 {
    switch self {
    case .f32: UInt32(CK_FORMAT_F32)
    case .bf16: UInt32(CK_FORMAT_BF16)
    case .q8: UInt32(CK_FORMAT_Q8)
    case .q4: UInt32(CK_FORMAT_Q4)
    }
  }

  /// How far a sum of 320 products of numbers up to 2 may lie from the exact one: several standard deviations of the
  /// format's rounding errors.
  var tolerance: Double {
    switch self {
    case .f32: 1e-3
    case .bf16: 0.3
    case .q8: 0.8
    case .q4: 12
    }
  }
}

/// Random weights in panels.
struct PackedWeights {
  let format: ProductFormat
  let depth: Int
  let outputs: Int
  /// `[outputs, depth]`
  let numbers: [Float]
  let panels: [Float]

  init(_ format: ProductFormat, depth: Int, outputs: Int, numbers: [Float]? = nil) {
    let numbers = numbers ?? randomNumbers(outputs * depth, seed: 21)
    let panelCount = (outputs + 15) / 16
    var panels = [Float](repeating: 0, count: panelCount * ck_panel_bytes(format.code, depth) / 4 + 16)
    panels.withUnsafeMutableBytes { panels in
      numbers.withUnsafeBytes { numbers in
        guard let base = numbers.baseAddress, let target = panels.baseAddress else { return }
        var weights = ck_weights(
          bytes: base, type: UInt32(CK_F32), output_stride: depth, input_stride: 1, outputs: outputs, depth: depth)
        ck_pack_weights(&weights, format.code, 0, 0, panelCount, target)
      }
    }
    (self.format, self.depth, self.outputs, self.numbers, self.panels) = (format, depth, outputs, numbers, panels)
  }
}

/// A product that different tables compute.
struct ProductCase {
  let weights: PackedWeights
  var x: [Float] = []
  var rows = 1
  var bias: [Float]?
  var residual: [Float]?
  var activation = Int(CK_IDENTITY)

  init(_ weights: PackedWeights) { self.weights = weights }

  /// All outputs, from inputs that the table packs itself, so many panels in one call.
  func run(_ kernels: ck_kernels, panelsAtOnce: Int = 1000) -> [Float] {
    let blocks = (rows + kernels.row_block - 1) / kernels.row_block
    let panelCount = (weights.outputs + 15) / 16
    let (pack, multiply) = functions(kernels)
    // Room for the largest packing of any table, and never empty.
    let room = rows * (weights.depth + 32) * 4 + 16
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: room) { packed in
      guard let inputs = packed.baseAddress else { return [] }
      pack(x, weights.depth, rows, weights.depth, inputs)
      return weights.panels.withUnsafeBytes { panels in
        withOptional(bias) { bias in
          withOptional(residual) { residual in
            written(rows * weights.outputs) { out in
              guard let panels = panels.baseAddress else { return }
              var product = ck_product(
                inputs: inputs, rows: rows, depth: weights.depth, weights: panels, outputs: weights.outputs, bias: bias,
                activation: UInt32(activation), residual: residual, residual_stride: weights.outputs, out: out,
                out_stride: weights.outputs, panels_to_next: 0)
              for panel in stride(from: 0, to: panelCount, by: panelsAtOnce) {
                multiply(&product, panel, min(panelCount, panel + panelsAtOnce), 0, blocks)
              }
            }
          }
        }
      }
    }
  }

  private func functions(_ kernels: ck_kernels) -> (ck_pack, ck_multiply_panels) {
    switch weights.format {
    case .f32: (kernels.pack_f32, kernels.multiply_f32)
    case .bf16: (kernels.pack_bf16, kernels.multiply_bf16)
    case .q8: (kernels.pack_8bit, kernels.multiply_q8)
    case .q4: (kernels.pack_8bit, kernels.multiply_q4)
    }
  }

  private func withOptional<R>(_ numbers: [Float]?, _ body: (UnsafePointer<Float>?) -> R) -> R {
    guard let numbers else { return body(nil) }
    return numbers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
