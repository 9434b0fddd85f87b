/// A trainable parameter: the master values of one named tensor of a checkpoint in single precision, and their
/// gradient.
///
/// Models do not hold parameters. They hold panels (``ParameterPanels``) and tensors made from the values. Recorded
/// operations refer to these, and their memory identifies the parameters they were made from. So a model used only for
/// inference has no master values, and a model in training is an immutable value too.
///
/// Not `Sendable`: a training run stays in one isolation domain.
public final class Parameter {
  /// The full name in the checkpoint.
  public let name: String
  /// The shape in the checkpoint.
  public let shape: Shape
  /// True if training does not change the values: the optimizer skips the parameter, and no gradient is kept.
  public var isFrozen = false
  /// The number of updates so far.
  public private(set) var version = 0
  private var memory: PooledMemory
  private var gradientMemory: PooledMemory?

  /// A parameter with a copy of the given values.
  public init(name: String, _ values: Tensor) {
    self.name = name
    shape = values.shape
    memory = values.detached().storage
  }

  /// The number of elements.
  public var count: Int { shape.numbers }

  /// The current values. Later updates do not change the returned tensor.
  public var value: Tensor { Tensor(sharing: memory, offset: 0, shape: shape) }

  /// Updates the values in place; copies them first if a tensor or model still uses them.
  public func update(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    if !isKnownUniquelyReferenced(&memory) { memory = value.detached().storage }
    body(UnsafeMutableBufferPointer(start: memory.pointer, count: count))
    version += 1
  }

  /// The gradient, of the same shape as the values; `nil` if none was added since it was cleared.
  public var gradient: Tensor? { gradientMemory.map { Tensor(sharing: $0, offset: 0, shape: shape).detached() } }

  /// Calls `body` with the gradient, if there is one.
  public func withGradient<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R? {
    guard let memory = gradientMemory else { return nil }
    return try body(UnsafeMutableBufferPointer(start: memory.pointer, count: count))
  }

  /// Calls `body` with the gradient, initially zero, to add to it. Does nothing for a frozen parameter.
  public func addToGradient(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    guard !isFrozen else { return }
    let memory = gradientMemory ?? Tensor.zeros(shape).detached().storage
    gradientMemory = memory
    body(UnsafeMutableBufferPointer(start: memory.pointer, count: count))
  }

  /// Sets an existing gradient to zero and keeps its memory for the next sum.
  public func zeroGradient() {
    guard let memory = gradientMemory else { return }
    memory.pointer.update(repeating: 0, count: count)
  }
}

/// A packed matrix made from parameters: one, or several with the same inputs, concatenated along the outputs (queries,
/// keys, values).
public final class ParameterPanels {
  /// The parameters, in the order of their outputs.
  public let parts: [Parameter]
  /// The layout of the parameters' matrices.
  public let layout: WeightLayout
  private var packed: PackedMatrix
  private var versions: [Int]

  /// Packs the parameters' values.
  public init(_ parts: [Parameter], layout: WeightLayout, format: NumberFormat) {
    self.parts = parts
    self.layout = layout
    versions = parts.map(\.version)
    packed = PackedMatrix(parts.map(\.stored), layout: layout, format: format)
  }

  /// The packed current values. Packs again if a parameter was updated, reusing the memory if no model shares it.
  public func matrix() -> PackedMatrix {
    let now = parts.map(\.version)
    guard now != versions else { return packed }
    packed.repack(parts.map(\.stored), layout: layout)
    versions = now
    return packed
  }
}

extension Parameter {
  /// The values as a stored tensor of the checkpoint's shape.
  var stored: StoredTensor {
    guard let stored = try? StoredTensor(value) else { preconditionFailure("a parameter of shape \(shape)") }
    return stored
  }
}
