import TerminalUI

extension CellGrid {
  /// One letter per cell, chosen by its style. Both cells of a wide character get a letter; trailing spaces are
  /// dropped.
  public func styleMap(_ letter: (Style) -> Character) -> String {
    (0..<size.height).map { y in
      var row = (0..<size.width).map { letter(self[Point($0, y)].style) }
      while row.last == " " { row.removeLast() }
      return String(row)
    }.joined(separator: "\n")
  }
}
