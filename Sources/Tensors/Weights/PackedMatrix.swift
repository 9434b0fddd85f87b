import CKernels

/// Weights packed into panels of 16 outputs, in the order in which a product reads them.
///
/// A matrix-vector and a matrix-matrix product over the same panels sum in the same order, so one token at a time and a
/// whole prompt give the same bits. Copies share the weights.
public struct PackedMatrix: Sendable {
  /// Numbers that a product gives for each row; for an embedding the ids.
  public let outputs: Int
  /// Numbers that a product takes for each row; for an embedding the width.
  public let inputs: Int
  /// How the weights are written.
  public var format: NumberFormat { panels.format }
  let panels: PanelMemory

  /// Packs a stored matrix of two axes.
  public init(_ stored: StoredTensor, layout: WeightLayout, format: NumberFormat = .f32) {
    self.init([stored], layout: layout, format: format)
  }

  /// Packs several stored matrices with the same inputs as one, their outputs one after another (queries, keys,
  /// values).
  ///
  /// Runs on the thread team, and tells each owner what it may drop as soon as that is packed, so that hardly more than
  /// the packed weights are in memory at any time.
  public init(_ parts: [StoredTensor], layout: WeightLayout, format: NumberFormat = .f32) {
    let sources = parts.map { PackingSource($0.inFloatingPoint(), layout) }
    inputs = sources.first?.inputs ?? 0
    precondition(sources.allSatisfy { [inputs] in $0.inputs == inputs }, "stacked matrices with different inputs")
    outputs = sources.reduce(0) { $0 + $1.outputs }
    panels = PanelMemory(outputs: outputs, inputs: inputs, format: format)
    var first = 0
    for source in sources {
      source.pack(into: panels, firstOutput: first)
      first += source.outputs
    }
  }

  /// Packs a tensor `[outputs, inputs]` or, in the other layout, `[inputs, outputs]`.
  public init(_ tensor: Tensor, layout: WeightLayout, format: NumberFormat = .f32) {
    guard let stored = try? StoredTensor(tensor) else { preconditionFailure("a tensor of shape \(tensor.shape)") }
    self.init(stored, layout: layout, format: format)
  }

  /// Bytes that the packed weights take.
  public var byteCount: Int { panels.byteCount }

  /// The weights of one output as the format holds them, in single precision.
  public func row(_ output: Int) -> [Float] {
    precondition(output >= 0 && output < outputs, "output \(output) of \(outputs)")
    return Array(unsafeUninitializedCapacity: inputs) { buffer, count in
      if let base = buffer.baseAddress { panels.unpack(output, inputs: inputs, to: base) }
      count = inputs
    }
  }
}
