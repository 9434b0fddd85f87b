import CKernels
import Terms

/// A stored matrix to be packed.
struct PackingSource {
  let stored: StoredTensor
  let layout: WeightLayout
  let outputs: Int
  let inputs: Int

  /// Bytes of the file that one thread converts before it tells the owner to discard them.
  private static let bytesAtOnce = 4 << 20

  init(_ tensor: StoredTensor, _ layout: WeightLayout) {
    precondition(tensor.shape.count == 2, "a weight matrix of shape \(tensor.shape)")
    // Matrices `[outputs, inputs]` are converted one panel at a time. Others that the kernels cannot read are converted
    // at once.
    stored = tensor.type.isFloatingPoint && layout == .outputsByInputs ? tensor : tensor.plain()
    self.layout = layout
    switch layout {
    case .outputsByInputs: (outputs, inputs) = (stored.shape[0], stored.shape[1])
    case .inputsByOutputs: (outputs, inputs) = (stored.shape[1], stored.shape[0])
    }
  }

  /// Writes this matrix to the panels, as outputs `firstOutput ..< firstOutput + outputs`.
  func pack(into panels: PanelMemory, firstOutput: Int) {
    guard outputs > 0, inputs > 0 else { return }
    let lanes = Int(CK_LANES)
    let firstPanel = firstOutput / lanes
    let lastPanel = (firstOutput + outputs + lanes - 1) / lanes
    let rowBytes = max(1, stored.bytes.count / outputs)
    ThreadTeam.parallel(lastPanel - firstPanel, grain: max(1, PackingSource.bytesAtOnce / (lanes * rowBytes))) {
      range in
      let packed = firstPanel + range.lowerBound..<firstPanel + range.upperBound
      if panels.size.format >= CK_FORMAT_F16 {
        packUnchanged(packed, into: panels, firstOutput: firstOutput)
      } else if stored.isPlain {
        packAsItLies(packed, into: panels, firstOutput: firstOutput)
      } else {
        packConverted(packed, into: panels, firstOutput: firstOutput)
      }
      if layout == .outputsByInputs, stored.rowOrder == .plain {
        let rows = rows(of: packed, firstOutput: firstOutput)
        let part = stored.bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
        stored.owner.discard(UnsafeRawBufferPointer(rebasing: part))
      }
    }
    if layout == .inputsByOutputs || stored.rowOrder != .plain { stored.owner.discard(stored.bytes) }
  }

  /// The rows of this matrix that belong to a range of panels.
  private func rows(of panels: Range<Int>, firstOutput: Int) -> Range<Int> {
    let lanes = Int(CK_LANES)
    return max(0, panels.lowerBound * lanes - firstOutput)..<min(outputs, panels.upperBound * lanes - firstOutput)
  }

  private func packAsItLies(_ packed: Range<Int>, into panels: PanelMemory, firstOutput: Int) {
    guard let base = stored.bytes.baseAddress else { return }
    var weights = ck_weights(
      bytes: base, type: stored.kernelType, output_stride: layout == .outputsByInputs ? inputs : 1,
      input_stride: layout == .outputsByInputs ? 1 : outputs, outputs: outputs, depth: inputs)
    ck_pack_weights(
      &weights, panels.size.format, firstOutput, packed.lowerBound, packed.upperBound, panels.pointer)
  }

  /// Copies the elements of each row into its lane.
  private func packUnchanged(_ packed: Range<Int>, into panels: PanelMemory, firstOutput: Int) {
    guard let base = stored.bytes.baseAddress else { return }
    let lanes = Int(CK_LANES)
    let isTransposed = layout == .inputsByOutputs
    let rowBytes = isTransposed ? stored.type.blockBytes : stored.bytes.count / outputs
    for panel in packed {
      let rows = rows(of: panel..<panel + 1, firstOutput: firstOutput)
      let places = rows.map { row -> UnsafeRawPointer in
        base + (isTransposed ? row : stored.rowOrder.place(of: row, among: outputs)) * rowBytes
      }
      ck_pack_stored_rows(
        places, rows.count, isTransposed ? outputs : 1, panels.size.format, inputs,
        firstOutput + rows.lowerBound - panel * lanes, panels.pointer + panel * panels.size.panelBytes)
    }
  }

  /// Converts the rows of one panel at a time to f32 and packs them, so that the whole matrix never exists in f32.
  private func packConverted(_ packed: Range<Int>, into panels: PanelMemory, firstOutput: Int) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Int(CK_LANES) * inputs) { scratch in
      guard let base = scratch.baseAddress else { return }
      for panel in packed {
        let rows = rows(of: panel..<panel + 1, firstOutput: firstOutput)
        for row in rows { stored.convert(row: row, to: base + (row - rows.lowerBound) * inputs) }
        var weights = ck_weights(
          bytes: base, type: UInt32(CK_F32), output_stride: inputs, input_stride: 1, outputs: rows.count,
          depth: inputs)
        ck_pack_weights(
          &weights, panels.size.format, firstOutput + rows.lowerBound, panel, panel + 1, panels.pointer)
      }
    }
  }
}

/// The memory of packed weights, outside of the buffer pool; on huge pages if it is large.
///
/// Sendable without a lock: written while it is packed, only read afterwards.
final class PanelMemory: @unchecked Sendable {
  /// Outputs with the same inputs, in panels of one format.
  struct Size: Equatable {
    var outputs: Int
    let inputs: Int
    /// The format's code in the kernels.
    let format: UInt32

    var panelBytes: Int { ck_panel_bytes(format, inputs) }

    /// The groups that stacked matrices form: one for each run of matrices whose panels have the same format.
    static func groups(of sources: [PackingSource], _ format: NumberFormat) -> [Size] {
      var groups: [Size] = []
      for source in sources {
        let size = Size(
          outputs: source.outputs, inputs: source.inputs, format: format.kernelCode(of: source.stored.type))
        if groups.last?.format == size.format {
          groups[groups.count - 1].outputs += size.outputs
        } else {
          groups.append(size)
        }
      }
      return groups.isEmpty ? [Size(outputs: 0, inputs: 0, format: UInt32(CK_FORMAT_F32))] : groups
    }
  }

  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  let size: Size

  /// Memory for the panels of a matrix. Lanes beyond the last output are zero.
  init(_ size: Size) {
    let (outputs, inputs) = (size.outputs, size.inputs)
    // At most four bytes per weight, plus the padding of a short row to whole blocks.
    precondition(inputs < Int.max / 512, "weights beyond memory: \(outputs) × \(inputs)")
    let panels = PackedMatrix.panelCount(outputs: outputs)
    let panelBytes = size.panelBytes
    let (bytes, overflow) = panels.multipliedReportingOverflow(by: panelBytes)
    precondition(!overflow, "weights beyond memory: \(outputs) × \(inputs)")
    byteCount = bytes
    pointer = BufferPool.allocate(bytes)
    self.size = size
    if !outputs.isMultiple(of: PackedMatrix.panelOutputs) {
      (pointer + (panels - 1) * panelBytes).initializeMemory(as: UInt8.self, repeating: 0, count: panelBytes)
    }
  }

  /// Writes the weights of one output to `out`, in single precision.
  func unpack(_ output: Int, to out: UnsafeMutablePointer<Float>) {
    ck_unpack_weights(pointer, size.format, size.inputs, output, out)
  }

  deinit { ck_free(pointer, byteCount) }
}
