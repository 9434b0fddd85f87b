/// The weights under one name of a checkpoint, as training changes them: master values in single precision, and their
/// gradient.
///
/// A model does not hold parameters. It holds what products and norms read: panels (``ParameterPanels``) and tensors
/// made of the values. A forward pass notes these, and their memory leads back to the parameters they were made of. So a
/// model that is only used for inference has no master values, and a model that is being trained is an immutable value
/// like any other.
///
/// Not `Sendable`: the compiler keeps a training run in one place.
public final class Parameter {
  /// The whole name in the checkpoint.
  public let name: String
  /// The shape in the checkpoint.
  public let shape: Shape
  /// Whether the values stay as they are: an optimizer leaves them out, and no gradient is needed.
  public var isFrozen = false
  /// How often the values have been changed.
  public private(set) var version = 0
  private var memory: PooledMemory
  private var gradientMemory: PooledMemory?

  /// A parameter of the given values, copied.
  public init(name: String, _ values: Tensor) {
    self.name = name
    shape = values.shape
    memory = values.detached().storage
  }

  /// How many numbers there are.
  public var count: Int { shape.numbers }

  /// The values as they are now; later changes do not touch the tensor.
  public var value: Tensor { Tensor(sharing: memory, offset: 0, shape: shape) }

  /// Changes the values. They are copied before if a tensor or a model still uses them.
  public func update(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    if !isKnownUniquelyReferenced(&memory) { memory = value.detached().storage }
    body(UnsafeMutableBufferPointer(start: memory.pointer, count: count))
    version += 1
  }

  /// The gradient, of the values' shape; `nil` where none has been added since it was cleared.
  public var gradient: Tensor? { gradientMemory.map { Tensor(sharing: $0, offset: 0, shape: shape).detached() } }

  /// Calls `body` with the gradient, to be added to; zeros at first. A frozen parameter has none, and `body` is not
  /// called.
  public func addToGradient(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    guard !isFrozen else { return }
    let memory = gradientMemory ?? Tensor.zeros(shape).detached().storage
    gradientMemory = memory
    body(UnsafeMutableBufferPointer(start: memory.pointer, count: count))
  }

  /// Forgets the gradient, and gives its memory back.
  public func clearGradient() { gradientMemory = nil }
}

/// A packed matrix of the values of parameters: of one, or of several with the same inputs whose outputs lie side by
/// side (queries, keys, values).
public final class ParameterPanels {
  /// The parameters, in the order of their outputs.
  public let parts: [Parameter]
  /// How the parameters' matrices lie.
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

  /// The panels of the values as they are now: packed again if a parameter has been changed, in the same memory if no
  /// model uses it any more.
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
