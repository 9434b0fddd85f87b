import CKernels
import TestSupport

/// The formats of panels.
enum ProductFormat: String, CaseIterable, Sendable {
  case f32, bf16, q8, q4
  /// Types of files, unchanged.
  case f16, q8_0, q4_0, q4_k, q5_k, q6_k

  /// The formats that numbers are converted to.
  static let converted: [ProductFormat] = [.f32, .bf16, .q8, .q4]
  /// The formats that hold a type of files.
  static let stored: [ProductFormat] = [.f16, .q8_0, .q4_0, .q4_k, .q5_k, .q6_k]

  var code: UInt32 {
    switch self {
    case .f32: UInt32(CK_FORMAT_F32)
    case .bf16: UInt32(CK_FORMAT_BF16)
    case .q8: UInt32(CK_FORMAT_Q8)
    case .q4: UInt32(CK_FORMAT_Q4)
    case .f16: UInt32(CK_FORMAT_F16)
    case .q8_0: UInt32(CK_FORMAT_Q8_0)
    case .q4_0: UInt32(CK_FORMAT_Q4_0)
    case .q4_k: UInt32(CK_FORMAT_Q4_K)
    case .q5_k: UInt32(CK_FORMAT_Q5_K)
    case .q6_k: UInt32(CK_FORMAT_Q6_K)
    }
  }

  /// The tolerated error of a sum of 320 products of numbers up to 2: several standard deviations of the format's
  /// rounding error.
  var tolerance: Double {
    switch self {
    case .f32: 1e-3
    case .bf16: 0.3
    case .q8: 0.8
    case .q4: 12
    case .f16, .q8_0, .q4_0, .q4_k, .q5_k, .q6_k: 1e-3
    }
  }
}

/// Random weights, packed in panels.
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

  /// Packs rows of a type as a file stores them.
  init(_ format: ProductFormat, rows: StoredRows) {
    let panelBytes = ck_panel_bytes(format.code, rows.depth)
    let panelCount = (rows.outputs + 15) / 16
    var panels = [Float](repeating: 0, count: panelCount * panelBytes / 4 + 16)
    panels.withUnsafeMutableBytes { panels in
      rows.bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress, let target = panels.baseAddress else { return }
        for panel in 0..<panelCount {
          let places = (panel * 16..<min(rows.outputs, panel * 16 + 16)).map { base + $0 * rows.rowBytes }
          // In two parts, as for stacked matrices.
          let first = places.count / 3
          for (part, lane) in [(places[..<first], 0), (places[first...], first)] {
            ck_pack_stored_rows(
              Array(part), part.count, 1, format.code, rows.depth, lane, target + panel * panelBytes)
          }
        }
      }
    }
    (self.format, depth, outputs) = (format, rows.depth, rows.outputs)
    (numbers, self.panels) = (rows.numbers, panels)
  }
}

/// A matrix product to run with different kernels.
struct ProductCase {
  let weights: PackedWeights
  var x: [Float] = []
  var rows = 1
  var bias: [Float]?
  var residual: [Float]?
  var activation = Int(CK_IDENTITY)

  init(_ weights: PackedWeights) { self.weights = weights }

  /// All outputs. The inputs are packed by the kernels under test; each call computes `panelsAtOnce` panels.
  func run(_ kernels: ck_kernels, panelsAtOnce: Int = 1000) -> [Float] {
    let blocks = (rows + kernels.row_block - 1) / kernels.row_block
    let panelCount = (weights.outputs + 15) / 16
    let (pack, multiply) = functions(kernels)
    // Enough for the largest packed layout of any table, and never zero.
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
                out_stride: weights.outputs, continues: false, panels_to_next: 0)
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
    case .f16: (kernels.pack_f32, kernels.multiply_f16)
    case .q8_0: (kernels.pack_16bit, kernels.multiply_q8_0)
    case .q4_0: (kernels.pack_16bit, kernels.multiply_q4_0)
    case .q4_k: (kernels.pack_16bit, kernels.multiply_q4_k)
    case .q5_k: (kernels.pack_16bit, kernels.multiply_q5_k)
    case .q6_k: (kernels.pack_15bit, kernels.multiply_q6_k)
    }
  }

  private func withOptional<R>(_ numbers: [Float]?, _ body: (UnsafePointer<Float>?) -> R) -> R {
    guard let numbers else { return body(nil) }
    return numbers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
