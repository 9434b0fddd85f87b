import CKernels

/// The memory of packed weights: on huge pages where it is large, outside of the buffer pool.
///
/// Sendable without a lock: written while it is packed, only read afterwards.
final class PanelMemory: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let byteCount: Int

  /// Room for the panels of `outputs` × `inputs` numbers; lanes beyond the last output are zero.
  init(outputs: Int, inputs: Int) {
    let lanes = Int(CK_LANES)
    let panels = (outputs + lanes - 1) / lanes
    let (floats, overflow) = (panels * lanes).multipliedReportingOverflow(by: inputs)
    precondition(!overflow && floats <= Int.max / 8, "weights beyond memory: \(outputs) × \(inputs)")
    byteCount = floats * MemoryLayout<Float>.stride
    pointer = BufferPool.allocate(byteCount).bindMemory(to: Float.self, capacity: floats)
    if outputs % lanes != 0 {
      (pointer + (panels - 1) * lanes * inputs).update(repeating: 0, count: lanes * inputs)
    }
  }

  deinit { ck_free(pointer, byteCount) }
}
