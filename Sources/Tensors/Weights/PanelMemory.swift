import CKernels

/// The memory of packed weights: on huge pages where it is large, outside of the buffer pool.
///
/// Sendable without a lock: written while it is packed, only read afterwards.
final class PanelMemory: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  let format: NumberFormat

  /// Room for the panels of `outputs` × `inputs` numbers; lanes beyond the last output are zero.
  init(outputs: Int, inputs: Int, format: NumberFormat) {
    let lanes = Int(CK_LANES)
    let panels = outputs / lanes + (outputs % lanes == 0 ? 0 : 1)
    // Four bytes a number at most, and what rounding up to whole blocks adds to a short row.
    precondition(inputs < Int.max / 512, "weights beyond memory: \(outputs) × \(inputs)")
    let panelBytes = ck_panel_bytes(format.kernelCode, inputs)
    let (bytes, overflow) = panels.multipliedReportingOverflow(by: panelBytes)
    precondition(!overflow, "weights beyond memory: \(outputs) × \(inputs)")
    byteCount = bytes
    pointer = BufferPool.allocate(bytes)
    self.format = format
    if outputs % lanes != 0 {
      (pointer + (panels - 1) * panelBytes).initializeMemory(as: UInt8.self, repeating: 0, count: panelBytes)
    }
  }

  /// One output's weights in single precision.
  func unpack(_ output: Int, inputs: Int, to out: UnsafeMutablePointer<Float>) {
    ck_unpack_weights(pointer, format.kernelCode, inputs, output, out)
  }

  deinit { ck_free(pointer, byteCount) }
}
