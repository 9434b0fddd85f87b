/// A rectangle of cells.
public struct Rect: Hashable, Sendable {
  /// The upper left cell.
  public var origin: Point
  /// Columns and rows.
  public var size: Size

  /// The rectangle whose upper left cell is (`x`, `y`); a negative width or height counts as zero.
  public init(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    origin = Point(x, y)
    size = Size(width, height)
  }

  /// The rectangle of `size` at `origin`.
  public init(origin: Point = .zero, size: Size) {
    self.origin = origin
    self.size = size
  }

  /// The first column.
  public var x: Int { origin.x }
  /// The first row.
  public var y: Int { origin.y }
  /// The number of columns.
  public var width: Int { size.width }
  /// The number of rows.
  public var height: Int { size.height }
  /// The column after the last one.
  public var maxX: Int { origin.x + size.width }
  /// The row after the last one.
  public var maxY: Int { origin.y + size.height }
  /// Whether it holds no cell.
  public var isEmpty: Bool { size.width == 0 || size.height == 0 }

  /// Whether the cell at `point` lies inside.
  public func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < maxX && point.y >= y && point.y < maxY
  }

  /// The cells that both rectangles hold.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(left, top, min(maxX, other.maxX) - left, min(maxY, other.maxY) - top)
  }

  /// The rectangle without `columns` at its left and right and `rows` at its top and bottom.
  public func inset(columns: Int = 1, rows: Int = 1) -> Rect {
    Rect(x + min(columns, width), y + min(rows, height), width - 2 * columns, height - 2 * rows)
  }

  /// A rectangle of at most `size`, in the middle of this one.
  public func centered(_ size: Size) -> Rect {
    let inner = Size(min(size.width, width), min(size.height, height))
    return Rect(
      origin: Point(x + (width - inner.width) / 2, y + (height - inner.height) / 2), size: inner)
  }

  /// Row `index` of the rectangle, counted from its top; empty when there is no such row.
  public func row(_ index: Int) -> Rect {
    index >= 0 && index < height ? Rect(x, y + index, width, 1) : Rect(x, y, width, 0)
  }
}
