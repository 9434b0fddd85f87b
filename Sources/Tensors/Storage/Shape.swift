/// The lengths of a tensor's axes, outermost first: four at the most, kept in place, so that a shape costs no
/// allocation.
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// Axes that a shape may have.
  public static let mostAxes = 4

  private var lengths: SIMD4<Int> = .one
  /// How many axes there are; none of a single number.
  public private(set) var count = 0

  /// The shape of a single number.
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

  /// The same shape with another length of the first axis.
  func withFirst(_ length: Int) -> Shape {
    var shape = self
    shape.lengths[0] = length
    shape.count = Swift.max(count, 1)
    return shape
  }

  /// Numbers in a tensor of this shape.
  public var numbers: Int { lengths[0] * lengths[1] * lengths[2] * lengths[3] }

  /// Numbers in one step of the first axis.
  var width: Int { lengths[1] * lengths[2] * lengths[3] }

  /// The first axis.
  public var startIndex: Int { 0 }
  /// One past the last axis.
  public var endIndex: Int { count }

  /// The length of an axis.
  public subscript(axis: Int) -> Int {
    precondition(axis >= 0 && axis < count, "axis \(axis) of \(count)")
    return lengths[axis]
  }

  /// As an array: `[2, 3]`.
  public var description: String { Array(self).description }
}
