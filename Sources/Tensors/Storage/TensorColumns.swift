/// A run of the columns of a tensor `[rows, width]`, read where it lies: queries, keys and values of one stacked
/// projection.
public struct TensorColumns: Sendable {
  let tensor: Tensor
  let first: Int
  /// How many columns there are.
  public let width: Int
  /// The rows of the tensor that are meant.
  let rows: Range<Int>

  private init(_ tensor: Tensor, columns: Range<Int>, rows: Range<Int>) {
    self.tensor = tensor
    first = columns.lowerBound
    width = columns.count
    self.rows = rows
  }

  /// All columns.
  public init(_ tensor: Tensor) { self.init(tensor, columns: 0..<tensor.width, rows: 0..<tensor.rowCount) }

  /// Some columns, and some rows of them.
  public init(_ tensor: Tensor, _ columns: Range<Int>) {
    precondition(columns.lowerBound >= 0 && columns.upperBound <= tensor.width, "columns \(columns) of \(tensor.shape)")
    self.init(tensor, columns: columns, rows: 0..<tensor.rowCount)
  }

  /// How many rows there are.
  public var rowCount: Int { rows.count }

  /// The same columns of some rows, counted from the first of these.
  public func rows(_ range: Range<Int>) -> TensorColumns {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    let first = rows.lowerBound
    return TensorColumns(
      tensor, columns: self.first..<self.first + width, rows: first + range.lowerBound..<first + range.upperBound)
  }

  /// The given rows in the given order, as a tensor of their own; rows may repeat. `[indices, width]`
  public func gatherRows(_ indices: [Int]) -> Tensor {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rowCount }, "a row beyond \(rowCount)")
    return withExtendedLifetime(self) {
      Tensor(uninitialized: Shape(indices.count, width)) { out in
        for (i, row) in indices.enumerated() { (out + i * width).update(from: pointer + row * stride, count: width) }
      }
    }
  }

  /// From one row to the next, in floats.
  var stride: Int { tensor.width }

  /// Valid as long as the tensor is kept alive.
  var pointer: UnsafePointer<Float> { tensor.pointer + rows.lowerBound * stride + first }
}
