/// Numbers in single precision with a shape: the value that operations take and give.
///
/// Rows come first and lie one after another (row-major). A tensor never changes; copies and `rows(_:)` share storage.
public struct Tensor: Sendable {
  /// Length of each axis, outermost first. An empty shape is a single number.
  public let shape: Shape
  let storage: PooledMemory
  /// Where the first number lies in the storage.
  let offset: Int

  /// A tensor of the given numbers in row-major order; there must be as many as the shape has.
  public init(_ shape: Shape, _ scalars: [Float]) {
    self.init(uninitialized: shape) { pointer in
      precondition(scalars.count == shape.numbers, "\(scalars.count) numbers for the shape \(shape)")
      scalars.withUnsafeBufferPointer { if let base = $0.baseAddress { pointer.update(from: base, count: $0.count) } }
    }
  }

  /// A tensor whose numbers `body` writes, all of them, in row-major order.
  public init(uninitialized shape: Shape, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    self.shape = shape
    storage = BufferPool.memory(shape.numbers)
    offset = 0
    body(storage.pointer)
  }

  init(sharing storage: PooledMemory, offset: Int, shape: Shape) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
  }

  /// Zeros.
  public static func zeros(_ shape: Shape) -> Tensor {
    Tensor(uninitialized: shape) { $0.update(repeating: 0, count: shape.numbers) }
  }

  /// Numbers in the tensor.
  public var count: Int { shape.numbers }

  /// Length of the first axis; 1 for a single number.
  public var rowCount: Int { shape.first ?? 1 }

  /// Numbers in one row: the product of all axes but the first.
  public var width: Int { shape.width }

  /// The numbers in row-major order, copied.
  public var scalars: [Float] { withUnsafeScalars { Array($0) } }

  /// One row, copied.
  public func row(_ index: Int) -> [Float] { rows(index..<index + 1).scalars }

  /// A run of rows; shares storage.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(shape)")
    return Tensor(
      sharing: storage, offset: offset + range.lowerBound * width, shape: shape.withFirst(range.count))
  }

  /// The same numbers under another shape of the same size; shares storage.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.numbers == count, "\(self.shape) as \(shape)")
    return Tensor(sharing: storage, offset: offset, shape: shape)
  }

  /// Calls `body` with the numbers in row-major order.
  public func withUnsafeScalars<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    // The storage must outlive the closure; the pointer alone does not keep it.
    try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: pointer, count: count)) }
  }

  /// Valid as long as the tensor is kept alive.
  var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer + offset) }
}
