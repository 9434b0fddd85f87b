/// The position of a cell: column and row from the upper left corner, which is (0, 0).
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

/// A number of columns and rows.
public struct Size: Hashable, Sendable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// A size; negative numbers count as zero.
  public init(_ width: Int, _ height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// No columns, no rows.
  public static let zero = Size(0, 0)
}

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
  /// Whether it is empty.
  public var isEmpty: Bool { size.width == 0 || size.height == 0 }

  /// Whether the cell at `point` lies inside.
  public func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < maxX && point.y >= y && point.y < maxY
  }

  /// The intersection of both rectangles.
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

/// The size of one part of a split rectangle.
public enum Length: Hashable, Sendable {
  /// A fixed number of rows or columns; fewer if the rectangle has no more.
  case cells(Int)
  /// A fraction of the whole, 0 to 1, rounded to whole cells.
  case fraction(Double)
  /// A share of the remaining space, in proportion to the weight.
  case share(Int)
  /// A share of the remaining space with weight 1.
  public static let rest = Length.share(1)
}

extension Rect {
  /// Splits the rectangle into rows, top to bottom. The heights never add up to more than the rectangle has. If space
  /// runs out, later parts shrink, down to empty rectangles.
  public func rows(_ lengths: [Length]) -> [Rect] {
    var top = y
    return Rect.resolve(lengths, total: height).map { length in
      defer { top += length }
      return Rect(x, top, width, length)
    }
  }

  /// Splits the rectangle into columns, left to right; see `rows(_:)`.
  public func columns(_ lengths: [Length]) -> [Rect] {
    var left = x
    return Rect.resolve(lengths, total: width).map { length in
      defer { left += length }
      return Rect(left, y, length, height)
    }
  }

  /// `count` columns whose widths differ by at most one; the wider ones come first.
  public func equalColumns(_ count: Int) -> [Rect] { columns(Array(repeating: .rest, count: max(0, count))) }

  /// The number of cells for each length. Cumulative rounding makes the shares add up exactly.
  static func resolve(_ lengths: [Length], total: Int) -> [Int] {
    var left = total
    var result = lengths.map { length -> Int in
      let wanted =
        switch length {
        case .cells(let count): max(0, count)
        case .fraction(let part): part.isFinite ? Int((min(max(part, 0), 1) * Double(total)).rounded()) : 0
        case .share: 0
        }
      let given = min(wanted, left)
      left -= given
      return given
    }
    let weights = lengths.map { length in if case .share(let weight) = length { max(0, weight) } else { 0 } }
    let all = weights.reduce(0, +)
    guard all > 0 else { return result }
    var seen = 0
    var handed = 0
    for (index, weight) in weights.enumerated() where weight > 0 {
      seen += weight
      let upTo = (left * seen + all - 1) / all
      result[index] = upTo - handed
      handed = upTo
    }
    return result
  }
}
