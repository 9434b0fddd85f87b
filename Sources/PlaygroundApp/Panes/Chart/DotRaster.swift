import TerminalUI

/// Dots on a grid of cells: each cell has two columns and four rows of them, as a braille character has.
struct DotRaster: Sendable, Equatable {
  /// Columns and rows of cells.
  let size: Size
  /// The dots of each cell, as the bits of a braille character.
  private var dots: [UInt8]
  /// The number of the line that drew last in each cell; -1 for none.
  private var owners: [Int]

  /// An empty raster.
  init(_ size: Size) {
    self.size = size
    dots = Array(repeating: 0, count: size.width * size.height)
    owners = Array(repeating: -1, count: size.width * size.height)
  }

  /// Columns and rows of dots.
  var dotSize: Size { Size(size.width * 2, size.height * 4) }

  /// The bits of a braille character by row and column.
  private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

  /// Sets a dot, counted from the upper left; a dot outside is left out.
  ///
  /// - Parameter alone: whether the dots of other lines are removed from the cell.
  mutating func set(_ x: Int, _ y: Int, owner: Int, alone: Bool = false) {
    guard x >= 0, y >= 0, x < dotSize.width, y < dotSize.height else { return }
    let cell = y / 4 * size.width + x / 2
    if alone, owners[cell] != owner { dots[cell] = 0 }
    dots[cell] |= DotRaster.bits[y % 4][x % 2]
    owners[cell] = owner
  }

  /// Sets the dots of a straight line (Bresenham).
  mutating func line(from start: Point, to end: Point, owner: Int, alone: Bool = false) {
    var (x, y) = (start.x, start.y)
    let (dx, dy) = (abs(end.x - start.x), -abs(end.y - start.y))
    let (stepX, stepY) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
    var error = dx + dy
    while true {
      set(x, y, owner: owner, alone: alone)
      if x == end.x, y == end.y { return }
      let double = 2 * error
      if double >= dy {
        error += dy
        x += stepX
      }
      if double <= dx {
        error += dx
        y += stepY
      }
    }
  }

  /// The number of the line that drew last in a cell; `nil` for an empty cell.
  func owner(_ cell: Point) -> Int? {
    let owner = owners[cell.y * size.width + cell.x]
    return owner < 0 ? nil : owner
  }

  /// The character of a cell.
  func text(_ cell: Point, glyphs: Glyphs) -> String {
    let bits = dots[cell.y * size.width + cell.x]
    guard bits != 0 else { return " " }
    if glyphs.isASCII {
      let (upper, lower) = (bits & 0x1B != 0, bits & 0xE4 != 0)
      return upper && lower ? ":" : upper ? "'" : "."
    }
    return Unicode.Scalar(0x2800 + UInt32(bits)).map { String(Character($0)) } ?? " "
  }
}
