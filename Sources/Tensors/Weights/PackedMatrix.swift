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
  public let format: NumberFormat
  /// The panels, at least one group. Stacked matrices of different types are several groups, in the order of their
  /// outputs.
  private(set) var groups: [PanelMemory]

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
    let inputs = sources.first?.inputs ?? 0
    precondition(sources.allSatisfy { $0.inputs == inputs }, "stacked matrices with different inputs")
    let sizes = PanelMemory.Size.groups(of: sources, format)
    outputs = sizes.reduce(0) { $0 + $1.outputs }
    self.inputs = inputs
    self.format = format
    groups = sizes.map(PanelMemory.init)
    Self.pack(sources, into: groups)
  }

  /// Packs other weights of the same sizes into this matrix, reusing its memory if no copy of the matrix shares it.
  mutating func repack(_ parts: [StoredTensor], layout: WeightLayout) {
    let sources = parts.map { PackingSource($0, layout) }
    precondition(
      sources.allSatisfy { $0.inputs == inputs } && sources.reduce(0) { $0 + $1.outputs } == outputs,
      "weights of other sizes")
    let sizes = PanelMemory.Size.groups(of: sources, format)
    var isOwn = sizes == groups.map(\.size)
    for index in groups.indices where isOwn { isOwn = isKnownUniquelyReferenced(&groups[index]) }
    if !isOwn { groups = sizes.map(PanelMemory.init) }
    Self.pack(sources, into: groups)
  }

  private static func pack(_ sources: [PackingSource], into groups: [PanelMemory]) {
    var (group, first) = (0, 0)
    for source in sources {
      if first == groups[group].size.outputs, group + 1 < groups.count { (group, first) = (group + 1, 0) }
      source.pack(into: groups[group], firstOutput: first)
      first += source.outputs
    }
  }

  /// Packs a tensor whose axes are ordered as `layout` says.
  public init(_ tensor: Tensor, layout: WeightLayout, format: NumberFormat = .f32) {
    guard let stored = try? StoredTensor(tensor) else { preconditionFailure("a tensor of shape \(tensor.shape)") }
    self.init(stored, layout: layout, format: format)
  }

  /// Bytes of the packed weights.
  public var byteCount: Int { groups.reduce(0) { $0 + $1.byteCount } }

  /// The weights of one output in single precision, as rounded by the format.
  public func row(_ output: Int) -> [Float] {
    precondition(output >= 0 && output < outputs, "output \(output) of \(outputs)")
    return Array(unsafeUninitializedCapacity: inputs) { buffer, count in
      if let base = buffer.baseAddress { unpack(output, to: base) }
      count = inputs
    }
  }

  /// Writes the weights of one output to `out`, in single precision.
  func unpack(_ output: Int, to out: UnsafeMutablePointer<Float>) {
    var index = output
    for group in groups {
      guard index >= group.size.outputs else { return group.unpack(index, to: out) }
      index -= group.size.outputs
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
  /// - Parameter type: the type in which the matrix is stored; only `NumberFormat.stored` depends on it.
  public static func byteCount(
    outputs: Int, inputs: Int, format: NumberFormat, storedAs type: ElementType = .f32
  ) -> Int? {
    guard outputs > 0, inputs > 0, inputs < Int.max / 512 else { return nil }
    let panelBytes = ck_panel_bytes(format.kernelCode(of: type), inputs)
    let (bytes, overflow) = panelCount(outputs: outputs).multipliedReportingOverflow(by: panelBytes)
    return overflow ? nil : bytes
  }

  /// Copies stored panels, on the thread team.
  ///
  /// A copy is on huge pages and stays valid if the file is truncated later.
  /// - Parameters:
  ///   - stored: exactly ``byteCount(outputs:inputs:format:storedAs:)`` bytes.
  ///   - format: one of ``NumberFormat/uniform``.
  public init(panels stored: StoredTensor, outputs: Int, inputs: Int, format: NumberFormat) {
    self.outputs = outputs
    self.inputs = inputs
    self.format = format
    let panels = PanelMemory(.init(outputs: outputs, inputs: inputs, format: format.kernelCode(of: .f32)))
    groups = [panels]
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

  /// Calls `body` with the bytes of the panels. Only for matrices whose panels have one format.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    precondition(groups.count == 1, "panels of \(groups.count) formats")
    let panels = groups[0]
    defer { withExtendedLifetime(panels) {} }
    return try body(UnsafeRawBufferPointer(start: panels.pointer, count: panels.byteCount))
  }
}

extension NumberFormat {
  /// The element type under which a file of packed weights stores the panels: the format's own type, or bytes if codes
  /// and scales are interleaved. Such files have one of the ``uniform`` formats.
  public var panelElementType: ElementType {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .q8, .q4, .stored: .u8
    }
  }

  /// Consecutive inputs stored together in a panel: one, a pair, or a block with a common scale. For ``stored``, 1.
  public var blockInputs: Int {
    switch self {
    case .f32, .stored: 1
    case .bf16: 2
    case .q8, .q4: Int(CK_QUANTUM)
    }
  }
}
