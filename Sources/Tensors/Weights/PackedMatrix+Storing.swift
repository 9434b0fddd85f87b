import CKernels

/// Packed weights as bytes, for a file that is opened without packing anything again.
extension PackedMatrix {
  /// The number of the arrangement of panels that this program writes and reads: raised whenever any format's panels
  /// change, so that a file of older ones is refused instead of being read as other numbers.
  public static let arrangement = 1

  /// Outputs in one panel; those beyond the last output are filled up.
  public static let panelOutputs = Int(CK_LANES)

  /// How many panels hold so many outputs.
  public static func panelCount(outputs: Int) -> Int {
    outputs / panelOutputs + (outputs.isMultiple(of: panelOutputs) ? 0 : 1)
  }

  /// Bytes of the panels of a matrix; `nil` where they can't be counted. Sizes may come from a hostile file.
  public static func byteCount(outputs: Int, inputs: Int, format: NumberFormat) -> Int? {
    guard outputs > 0, inputs > 0, inputs < Int.max / 512 else { return nil }
    let panelBytes = ck_panel_bytes(format.kernelCode, inputs)
    let (bytes, overflow) = panelCount(outputs: outputs).multipliedReportingOverflow(by: panelBytes)
    return overflow ? nil : bytes
  }

  /// Weights that were packed before: a copy of their panels, made on the thread team.
  ///
  /// Copied and not used where they lie, so that they are on huge pages, and a file that is cut meanwhile does no harm
  /// later.
  /// - Parameter stored: exactly the bytes that ``byteCount(outputs:inputs:format:)`` counts.
  public init(panels stored: StoredTensor, outputs: Int, inputs: Int, format: NumberFormat) {
    self.outputs = outputs
    self.inputs = inputs
    panels = PanelMemory(outputs: outputs, inputs: inputs, format: format)
    precondition(stored.bytes.count == panels.byteCount, "\(stored.bytes.count) bytes for \(panels.byteCount)")
    guard let source = stored.bytes.baseAddress else { return }
    let (target, total) = (panels.pointer, panels.byteCount)
    ThreadTeam.parallel((total + Self.stretch - 1) / Self.stretch, grain: 1) { range in
      let part = range.lowerBound * Self.stretch..<min(range.upperBound * Self.stretch, total)
      (target + part.lowerBound).copyMemory(from: source + part.lowerBound, byteCount: part.count)
      stored.owner.discard(UnsafeRawBufferPointer(rebasing: stored.bytes[part]))
    }
  }

  /// Bytes that one thread copies before it tells the owner that they may be dropped.
  private static let stretch = 1 << 20

  /// Calls `body` with the bytes of the panels.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(panels) {} }
    return try body(UnsafeRawBufferPointer(start: panels.pointer, count: panels.byteCount))
  }
}

extension NumberFormat {
  /// The element type that a file gives the panels: the format's own numbers, or bytes where codes and scales are mixed.
  public var panelElementType: ElementType {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .q8, .q4: .u8
    }
  }

  /// Inputs that lie together in a panel: one, a pair, or those that share a scale.
  public var blockInputs: Int {
    switch self {
    case .f32: 1
    case .bf16: 2
    case .q8, .q4: Int(CK_QUANTUM)
    }
  }
}
