/// A cell's place: column and row from the upper left corner, which is (0, 0).
public struct Point: Hashable, Sendable {
  /// The column.
  public var x: Int
  /// The row.
  public var y: Int

  /// The cell in column `x` of row `y`.
  public init(_ x: Int, _ y: Int) {
    self.x = x
    self.y = y
  }

  /// The upper left corner.
  public static let zero = Point(0, 0)
}
