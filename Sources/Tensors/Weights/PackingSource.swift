import CKernels

/// One stored matrix on its way into panels.
struct PackingSource {
  let stored: StoredTensor
  let layout: WeightLayout
  let outputs: Int
  let inputs: Int

  /// Bytes of the file that one thread converts before it tells the owner that they may be dropped.
  private static let stretch = 4 << 20

  init(_ stored: StoredTensor, _ layout: WeightLayout) {
    precondition(stored.shape.count == 2, "a weight matrix of shape \(stored.shape)")
    self.stored = stored
    self.layout = layout
    switch layout {
    case .outputsByInputs: (outputs, inputs) = (stored.shape[0], stored.shape[1])
    case .inputsByOutputs: (outputs, inputs) = (stored.shape[1], stored.shape[0])
    }
  }

  /// Writes the lanes `firstOutput ..< firstOutput + outputs` of the panels.
  func pack(into panels: PanelMemory, firstOutput: Int) {
    guard let base = stored.bytes.baseAddress, outputs > 0, inputs > 0 else { return }
    let weights = ck_weights(
      bytes: base, type: stored.kernelType, output_stride: layout == .outputsByInputs ? inputs : 1,
      input_stride: layout == .outputsByInputs ? 1 : outputs, outputs: outputs, depth: inputs)
    let lanes = Int(CK_LANES)
    let firstPanel = firstOutput / lanes
    let lastPanel = (firstOutput + outputs + lanes - 1) / lanes
    let panelBytes = lanes * inputs * stored.type.byteCount
    ThreadTeam.parallel(lastPanel - firstPanel, grain: max(1, PackingSource.stretch / panelBytes)) { range in
      let packed = firstPanel + range.lowerBound..<firstPanel + range.upperBound
      withUnsafePointer(to: weights) {
        ck_pack_weights(
          $0, panels.format.kernelCode, firstOutput, packed.lowerBound, packed.upperBound, panels.pointer)
      }
      if layout == .outputsByInputs {
        let rows =
          max(0, packed.lowerBound * lanes - firstOutput)..<min(outputs, packed.upperBound * lanes - firstOutput)
        let rowBytes = inputs * stored.type.byteCount
        let part = stored.bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
        stored.owner.discard(UnsafeRawBufferPointer(rebasing: part))
      }
    }
    if layout == .inputsByOutputs { stored.owner.discard(stored.bytes) }
  }
}
