/// An array of single-precision numbers with a shape: the input and output of all operations.
///
/// Row-major and immutable. Copies and `rows(_:)` share storage.
public struct Tensor: Sendable {
  /// Length of each axis, outermost first. Empty for a scalar.
  public let shape: Shape
  let storage: PooledMemory
  /// Index of the first element in the storage.
  let offset: Int
  /// Records the operations on the tensor; `nil` unless gradients are wanted.
  package let recorder: Recorder?

  /// A tensor of the given elements in row-major order; `scalars.count` must equal the number of elements of the shape.
  public init(_ shape: Shape, _ scalars: [Float]) {
    self.init(uninitialized: shape) { pointer in
      precondition(scalars.count == shape.numbers, "\(scalars.count) numbers for the shape \(shape)")
      scalars.withUnsafeBufferPointer { if let base = $0.baseAddress { pointer.update(from: base, count: $0.count) } }
    }
  }

  /// A tensor whose elements `body` must write, all of them, in row-major order.
  public init(uninitialized shape: Shape, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    self.shape = shape
    storage = BufferPool.memory(shape.numbers)
    offset = 0
    recorder = nil
    body(storage.pointer)
  }

  init(sharing storage: PooledMemory, offset: Int, shape: Shape, recorder: Recorder? = nil) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
    self.recorder = recorder
  }

  /// The same tensor with `recorder` attached: it records every operation on the tensor and on tensors computed from
  /// it. With `nil` nothing is recorded any more.
  public func recorded(by recorder: Recorder?) -> Tensor {
    Tensor(sharing: storage, offset: offset, shape: shape, recorder: recorder)
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor {
    Tensor(uninitialized: shape) { $0.update(repeating: 0, count: shape.numbers) }
  }

  /// The number of elements.
  public var count: Int { shape.numbers }

  /// Length of the first axis; 1 for a scalar.
  public var rowCount: Int { shape.first ?? 1 }

  /// Elements in one row: the product of all axes but the first.
  public var width: Int { shape.width }

  /// The elements in row-major order, copied.
  public var scalars: [Float] { withUnsafeScalars { Array($0) } }

  /// One row, copied.
  public func row(_ index: Int) -> [Float] { rows(index..<index + 1).scalars }

  /// A range of rows; shares storage.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(shape)")
    return Tensor(
      sharing: storage, offset: offset + range.lowerBound * width, shape: shape.withFirst(range.count),
      recorder: recorder)
  }

  /// The same elements with another shape of the same size; shares storage.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.numbers == count, "\(self.shape) as \(shape)")
    return Tensor(sharing: storage, offset: offset, shape: shape, recorder: recorder)
  }

  /// Calls `body` with the elements in row-major order.
  public func withUnsafeScalars<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    // The storage must outlive the closure; the pointer alone does not keep it.
    try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: pointer, count: count)) }
  }

  /// Valid as long as the tensor is kept alive.
  package var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer + offset) }

  /// The elements, for sums such as gradients. The caller must hold the only reference to the storage in use.
  package var sums: UnsafeMutablePointer<Float> { storage.pointer + offset }
}

extension Tensor {
  /// The given rows in the given order; rows may repeat.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    let width = width
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rowCount }, "a row beyond \(rowCount)")
    let result = Tensor(uninitialized: shape.withFirst(indices.count)) { out in
      withUnsafeScalars { x in
        guard let base = x.baseAddress else { return }
        ThreadTeam.parallel(indices.count, grain: rowsPerTask(width)) { range in
          for i in range { (out + i * width).update(from: base + indices[i] * width, count: width) }
        }
      }
    }
    return result.noted(by: recorder) { .rows(of: TensorColumns(unrecorded), indices: indices, output: $0) }
  }

  /// A range of the columns of `[rows, columns]`, copied.
  public func columns(_ range: Range<Int>) -> Tensor {
    TensorColumns(self, range).gatherRows(Array(0..<rowCount))
  }

  /// A copy outside of the buffer pool, for values that are kept long. It has no recorder.
  public func detached() -> Tensor {
    let memory = PooledMemory(capacity: max(1, count) * MemoryLayout<Float>.stride)
    withUnsafeScalars { if let base = $0.baseAddress { memory.pointer.update(from: base, count: $0.count) } }
    return Tensor(sharing: memory, offset: 0, shape: shape)
  }

  /// Concatenates tensors of the same width along the first axis.
  public static func stackingRows(_ parts: [Tensor]) -> Tensor {
    if parts.count == 1 { return parts[0] }
    let shape = parts.first?.shape ?? [0]
    precondition(
      parts.allSatisfy { $0.shape.withFirst(0) == shape.withFirst(0) }, "rows of different shapes")
    let rows = parts.reduce(0) { $0 + $1.rowCount }
    let result = Tensor(uninitialized: shape.withFirst(rows)) { out in
      var next = out
      for part in parts {
        part.withUnsafeScalars { x in
          if let base = x.baseAddress { next.update(from: base, count: x.count) }
          next += x.count
        }
      }
    }
    let recorder = parts.lazy.compactMap(\.recorder).first
    return result.noted(by: recorder) { .stack(parts: parts.map(\.unrecorded), output: $0) }
  }
}

/// Rows in one thread's piece of a copy.
private func rowsPerTask(_ width: Int) -> Int { max(1, 32768 / max(1, width)) }

extension Tensor: Equatable {
  /// True if the shapes and all elements are equal (NaN is equal to nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.withUnsafeScalars { x in b.withUnsafeScalars { y in x.elementsEqual(y) } }
  }
}

/// A view of a range of columns of a tensor `[rows, width]`, without a copy: queries, keys and values of a stacked
/// projection.
public struct TensorColumns: Sendable {
  let tensor: Tensor
  let first: Int
  /// The number of columns.
  public let width: Int
  /// The rows of the tensor that belong to the view.
  let rows: Range<Int>

  private init(_ tensor: Tensor, columns: Range<Int>, rows: Range<Int>) {
    self.tensor = tensor
    first = columns.lowerBound
    width = columns.count
    self.rows = rows
  }

  /// All columns.
  public init(_ tensor: Tensor) { self.init(tensor, columns: 0..<tensor.width, rows: 0..<tensor.rowCount) }

  /// The given columns, all rows.
  public init(_ tensor: Tensor, _ columns: Range<Int>) {
    precondition(columns.lowerBound >= 0 && columns.upperBound <= tensor.width, "columns \(columns) of \(tensor.shape)")
    self.init(tensor, columns: columns, rows: 0..<tensor.rowCount)
  }

  /// The number of rows.
  public var rowCount: Int { rows.count }

  /// The same columns of a range of rows; `range` is relative to the view.
  public func rows(_ range: Range<Int>) -> TensorColumns {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    let first = rows.lowerBound
    return TensorColumns(
      tensor, columns: self.first..<self.first + width, rows: first + range.lowerBound..<first + range.upperBound)
  }

  /// The given rows in the given order, as a tensor of their own; rows may repeat. `[indices, width]`
  public func gatherRows(_ indices: [Int]) -> Tensor {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rowCount }, "a row beyond \(rowCount)")
    let result = withExtendedLifetime(self) {
      Tensor(uninitialized: Shape(indices.count, width)) { out in
        for (i, row) in indices.enumerated() { (out + i * width).update(from: pointer + row * stride, count: width) }
      }
    }
    return result.noted(by: tensor.recorder) { .rows(of: unrecorded, indices: indices, output: $0) }
  }

  /// The same rows and columns of another tensor of the same shape.
  func replacing(_ tensor: Tensor) -> TensorColumns {
    TensorColumns(tensor, columns: first..<first + width, rows: rows)
  }

  /// Distance from one row to the next, in floats.
  package var stride: Int { tensor.width }

  /// Valid as long as the tensor is kept alive.
  package var pointer: UnsafePointer<Float> { tensor.pointer + rows.lowerBound * stride + first }
}
