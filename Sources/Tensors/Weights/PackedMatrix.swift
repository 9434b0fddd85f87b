import CKernels
import Terms

/// Weights packed into panels of 16 outputs, in the order in which a matrix product reads them.
///
/// Matrix-vector and matrix-matrix products over the same panels sum in the same order, so decoding token by token and
/// processing a whole prompt give the same bits. Copies share the weights.
public struct PackedMatrix: Sendable {
  /// Outputs of the product for each row; for an embedding, the number of ids.
  public let outputs: Int
  /// Inputs of the product for each row; for an embedding, the width.
  public let inputs: Int
  /// The number format of the weights.
  public var format: NumberFormat { panels.format }
  private(set) var panels: PanelMemory

  /// Packs a stored matrix with two axes.
  public init(_ stored: StoredTensor, layout: WeightLayout, format: NumberFormat = .f32) {
    self.init([stored], layout: layout, format: format)
  }

  /// Packs several stored matrices with the same inputs as one, concatenated along the outputs (queries, keys, values).
  ///
  /// Runs on the thread team. Each owner is told which bytes it may discard as soon as they are packed, so that memory
  /// holds little more than the packed weights at any time.
  public init(_ parts: [StoredTensor], layout: WeightLayout, format: NumberFormat = .f32) {
    let sources = parts.map { PackingSource($0, layout) }
    inputs = sources.first?.inputs ?? 0
    precondition(sources.allSatisfy { [inputs] in $0.inputs == inputs }, "stacked matrices with different inputs")
    outputs = sources.reduce(0) { $0 + $1.outputs }
    panels = PanelMemory(outputs: outputs, inputs: inputs, format: format)
    Self.pack(sources, into: panels)
  }

  /// Packs other weights of the same sizes into this matrix, reusing its memory if no copy of the matrix shares it.
  mutating func repack(_ parts: [StoredTensor], layout: WeightLayout) {
    let sources = parts.map { PackingSource($0, layout) }
    precondition(
      sources.allSatisfy { $0.inputs == inputs } && sources.reduce(0) { $0 + $1.outputs } == outputs,
      "weights of other sizes")
    if !isKnownUniquelyReferenced(&panels) {
      panels = PanelMemory(outputs: outputs, inputs: inputs, format: format)
    }
    Self.pack(sources, into: panels)
  }

  private static func pack(_ sources: [PackingSource], into panels: PanelMemory) {
    var first = 0
    for source in sources {
      source.pack(into: panels, firstOutput: first)
      first += source.outputs
    }
  }

  /// Packs a tensor whose axes are ordered as `layout` says.
  public init(_ tensor: Tensor, layout: WeightLayout, format: NumberFormat = .f32) {
    guard let stored = try? StoredTensor(tensor) else { preconditionFailure("a tensor of shape \(tensor.shape)") }
    self.init(stored, layout: layout, format: format)
  }

  /// Bytes of the packed weights.
  public var byteCount: Int { panels.byteCount }

  /// The weights of one output in single precision, as rounded by the format.
  public func row(_ output: Int) -> [Float] {
    precondition(output >= 0 && output < outputs, "output \(output) of \(outputs)")
    return Array(unsafeUninitializedCapacity: inputs) { buffer, count in
      if let base = buffer.baseAddress { panels.unpack(output, inputs: inputs, to: base) }
      count = inputs
    }
  }
}

/// Access to packed weights as bytes, for files that store weights already packed.
extension PackedMatrix {
  /// The version of the panel layout that this program reads and writes. Increase it whenever the panels of any format
  /// change: a file with another version is then refused instead of misread.
  public static let arrangement = 1

  /// Outputs in one panel. The last panel is padded with zeros.
  public static let panelOutputs = Int(CK_LANES)

  /// The number of panels for `outputs` outputs.
  public static func panelCount(outputs: Int) -> Int {
    outputs / panelOutputs + (outputs.isMultiple(of: panelOutputs) ? 0 : 1)
  }

  /// Bytes of the panels of a matrix; `nil` if the size is not positive or overflows. Sizes may come from a malformed
  /// file.
  public static func byteCount(outputs: Int, inputs: Int, format: NumberFormat) -> Int? {
    guard outputs > 0, inputs > 0, inputs < Int.max / 512 else { return nil }
    let panelBytes = ck_panel_bytes(format.kernelCode, inputs)
    let (bytes, overflow) = panelCount(outputs: outputs).multipliedReportingOverflow(by: panelBytes)
    return overflow ? nil : bytes
  }

  /// Copies stored panels, on the thread team.
  ///
  /// A copy lies on huge pages and stays valid if the file is truncated later.
  /// - Parameter stored: exactly ``byteCount(outputs:inputs:format:)`` bytes.
  public init(panels stored: StoredTensor, outputs: Int, inputs: Int, format: NumberFormat) {
    self.outputs = outputs
    self.inputs = inputs
    panels = PanelMemory(outputs: outputs, inputs: inputs, format: format)
    precondition(stored.bytes.count == panels.byteCount, "\(stored.bytes.count) bytes for \(panels.byteCount)")
    guard let source = stored.bytes.baseAddress else { return }
    let (target, total) = (panels.pointer, panels.byteCount)
    ThreadTeam.parallel((total + Self.bytesAtOnce - 1) / Self.bytesAtOnce, grain: 1) { range in
      let part = range.lowerBound * Self.bytesAtOnce..<min(range.upperBound * Self.bytesAtOnce, total)
      (target + part.lowerBound).copyMemory(from: source + part.lowerBound, byteCount: part.count)
      stored.owner.discard(UnsafeRawBufferPointer(rebasing: stored.bytes[part]))
    }
  }

  /// Bytes that one thread copies before it tells the owner to discard them.
  private static let bytesAtOnce = 1 << 20

  /// Calls `body` with the bytes of the panels.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(panels) {} }
    return try body(UnsafeRawBufferPointer(start: panels.pointer, count: panels.byteCount))
  }
}

extension NumberFormat {
  /// The element type under which a file stores the panels: the format's own type, or bytes if codes and scales are
  /// interleaved.
  public var panelElementType: ElementType {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .q8, .q4: .u8
    }
  }

  /// Consecutive inputs stored together in a panel: one, a pair, or a block with a common scale.
  public var blockInputs: Int {
    switch self {
    case .f32: 1
    case .bf16: 2
    case .q8, .q4: Int(CK_QUANTUM)
    }
  }
}

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
      if stored.isPlain {
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
      &weights, panels.format.kernelCode, firstOutput, packed.lowerBound, packed.upperBound, panels.pointer)
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
          &weights, panels.format.kernelCode, firstOutput + rows.lowerBound, panel, panel + 1, panels.pointer)
      }
    }
  }
}

/// The memory of packed weights, outside of the buffer pool; on huge pages if it is large.
///
/// Sendable without a lock: written while it is packed, only read afterwards.
final class PanelMemory: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  let format: NumberFormat

  /// Memory for the panels of `outputs` × `inputs` weights. Lanes beyond the last output are zero.
  init(outputs: Int, inputs: Int, format: NumberFormat) {
    let lanes = Int(CK_LANES)
    let panels = outputs / lanes + (outputs % lanes == 0 ? 0 : 1)
    // At most four bytes per weight, plus the padding of a short row to whole blocks.
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

  /// Writes the weights of one output to `out`, in single precision.
  func unpack(_ output: Int, inputs: Int, to out: UnsafeMutablePointer<Float>) {
    ck_unpack_weights(pointer, format.kernelCode, inputs, output, out)
  }

  deinit { ck_free(pointer, byteCount) }
}
