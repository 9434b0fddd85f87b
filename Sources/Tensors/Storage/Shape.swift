/// The lengths of a tensor's axes, outermost first: at most four, stored inline so that a shape needs no allocation.
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The maximum number of axes.
  public static let mostAxes = 4

  private var lengths: SIMD4<Int> = .one
  /// The number of axes; 0 for a scalar.
  public private(set) var count = 0

  /// The shape of a scalar.
  public init() {}

  /// The shape of a vector.
  public init(_ length: Int) {
    lengths[0] = length
    count = 1
  }

  /// The shape of a matrix.
  public init(_ rows: Int, _ columns: Int) {
    lengths[0] = rows
    lengths[1] = columns
    count = 2
  }

  /// A shape of the given lengths.
  public init(_ lengths: some Sequence<Int>) {
    for length in lengths {
      precondition(count < Self.mostAxes, "a shape of more than \(Self.mostAxes) axes")
      self.lengths[count] = length
      count += 1
    }
  }

  /// A shape of the given lengths.
  public init(arrayLiteral lengths: Int...) { self.init(lengths) }

  /// The same shape with the first axis replaced by `length`.
  func withFirst(_ length: Int) -> Shape {
    var shape = self
    shape.lengths[0] = length
    shape.count = Swift.max(count, 1)
    return shape
  }

  /// The number of elements in a tensor of this shape.
  public var numbers: Int { lengths[0] * lengths[1] * lengths[2] * lengths[3] }

  /// The product of all axes but the first.
  var width: Int { lengths[1] * lengths[2] * lengths[3] }

  /// The index of the first axis.
  public var startIndex: Int { 0 }
  /// One past the last axis.
  public var endIndex: Int { count }

  /// The length of an axis.
  public subscript(axis: Int) -> Int {
    precondition(axis >= 0 && axis < count, "axis \(axis) of \(count)")
    return lengths[axis]
  }

  /// The lengths as an array, such as `[2, 3]`.
  public var description: String { Array(self).description }
}
