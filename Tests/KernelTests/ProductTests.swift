import CKernels
import TestSupport
import Testing

@Suite("Matrix products equal their naive twin bit for bit")
struct ProductTests {
  /// The product of a table's kernels over inputs that it packs itself, on the whole or in pieces.
  private func product(
    _ kernels: ck_kernels, _ x: [Float], rows: Int, depth: Int, panels: [Float], outputs: Int, bias: [Float]?,
    residual: [Float]?, activation: Int = Int(CK_IDENTITY), panelsAtOnce: Int = .max
  ) -> [Float] {
    let packed = written(rows * depth) { kernels.pack_rows(x, depth, rows, depth, $0) }
    let blocks = (rows + kernels.row_block - 1) / kernels.row_block
    let panelCount = (outputs + 15) / 16
    return packed.withUnsafeBufferPointer { packed in
      panels.withUnsafeBufferPointer { panels in
        withOptional(bias) { bias in
          withOptional(residual) { residual in
            written(rows * outputs) { out in
              guard let inputs = packed.baseAddress ?? panels.baseAddress, let weights = panels.baseAddress else {
                return out.update(repeating: 0, count: rows * outputs)
              }
              var product = ck_product(
                inputs: inputs, rows: rows, depth: depth, weights: weights, format: UInt32(CK_FORMAT_F32),
                outputs: outputs, bias: bias, activation: UInt32(activation), residual: residual,
                residual_stride: outputs, out: out, out_stride: outputs)
              for panel in stride(from: 0, to: panelCount, by: min(panelsAtOnce, max(1, panelCount))) {
                kernels.multiply_f32(&product, panel, min(panelCount, panel + min(panelsAtOnce, panelCount)), 0, blocks)
              }
            }
          }
        }
      }
    }
  }

  private func withOptional<R>(_ numbers: [Float]?, _ body: (UnsafePointer<Float>?) -> R) -> R {
    guard let numbers else { return body(nil) }
    return numbers.withUnsafeBufferPointer { body($0.baseAddress) }
  }

  private func randomPanels(depth: Int, outputs: Int) -> [Float] {
    randomNumbers(max(1, (outputs + 15) / 16 * 16 * depth), seed: 21)
  }

  @Test("every length", arguments: InstructionSet.available, awkwardLengths)
  func lengths(_ set: InstructionSet, _ depth: Int) {
    for outputs in awkwardLengths where outputs > 0 && outputs * depth < 300_000 {
      let panels = randomPanels(depth: depth, outputs: outputs)
      let bias = randomNumbers(outputs, seed: 22)
      for rows in [1, 3] {
        let x = randomNumbers(rows * depth, seed: 23)
        let residual = randomNumbers(rows * outputs, seed: 24)
        let fast = product(
          set.kernels, x, rows: rows, depth: depth, panels: panels, outputs: outputs, bias: bias, residual: residual,
          activation: Int(CK_GELU_TANH))
        let slow = product(
          InstructionSet.naive, x, rows: rows, depth: depth, panels: panels, outputs: outputs, bias: bias,
          residual: residual, activation: Int(CK_GELU_TANH))
        #expect(sameBits(fast, slow), "\(rows) × \(depth) × \(outputs)")
      }
    }
  }

  @Test("every number of rows, every grouping of panels", arguments: InstructionSet.available, 1...19)
  func rows(_ set: InstructionSet, _ rows: Int) {
    let (depth, outputs) = (67, 16 * 13 - 3)
    let panels = randomPanels(depth: depth, outputs: outputs)
    let x = randomNumbers(rows * depth, seed: 25)
    let bias = randomNumbers(outputs, seed: 22)
    let slow = product(
      InstructionSet.naive, x, rows: rows, depth: depth, panels: panels, outputs: outputs, bias: bias, residual: nil)
    for panelsAtOnce in [1, 2, 3, 4, 5, .max] {
      let fast = product(
        set.kernels, x, rows: rows, depth: depth, panels: panels, outputs: outputs, bias: bias, residual: nil,
        panelsAtOnce: panelsAtOnce)
      #expect(sameBits(fast, slow), "\(panelsAtOnce) panels at once")
    }
  }

  @Test("a row does not depend on the rows beside it", arguments: InstructionSet.available)
  func rowInvariance(_ set: InstructionSet) {
    let (rows, depth, outputs) = (23, 100, 49)
    let panels = randomPanels(depth: depth, outputs: outputs)
    let x = randomNumbers(rows * depth, seed: 26)
    let together = product(
      set.kernels, x, rows: rows, depth: depth, panels: panels, outputs: outputs, bias: nil, residual: nil)
    for row in 0..<rows {
      let alone = product(
        set.kernels, Array(x[row * depth..<(row + 1) * depth]), rows: 1, depth: depth, panels: panels, outputs: outputs,
        bias: nil, residual: nil)
      #expect(sameBits(alone, Array(together[row * outputs..<(row + 1) * outputs])))
    }
  }

  @Test("the sum is the sum")
  func value() {
    let (depth, outputs) = (50, 20)
    let panels = randomPanels(depth: depth, outputs: outputs)
    let x = randomNumbers(depth, seed: 27)
    let out = product(
      ck_active().pointee, x, rows: 1, depth: depth, panels: panels, outputs: outputs, bias: nil, residual: nil)
    for output in 0..<outputs {
      let exact = (0..<depth).reduce(0.0) {
        $0 + Double(x[$1]) * Double(panels[output / 16 * 16 * depth + $1 * 16 + output % 16])
      }
      #expect(abs(Double(out[output]) - exact) < 1e-4)
    }
  }
}
