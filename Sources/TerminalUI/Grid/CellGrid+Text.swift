extension CellGrid {
  /// The rows as text, each as wide as the grid; a wide character stands once.
  public var lines: [String] {
    (0..<size.height).map { y in cells[(y * size.width)..<((y + 1) * size.width)].map(\.text).joined() }
  }

  /// The rows as text without the spaces at their ends, joined by newlines: what a test holds against a drawing.
  public var plainText: String {
    lines.map { line in
      String(line.prefix(upTo: line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex))
    }
    .joined(separator: "\n")
  }

  /// One letter for each cell, by its style: what a test holds against a drawing of the colours. Both cells of a wide
  /// character get a letter. Spaces at the ends of rows are dropped.
  public func styleMap(_ letter: (Style) -> Character) -> String {
    (0..<size.height).map { y in
      var row = cells[(y * size.width)..<((y + 1) * size.width)].map { letter($0.style) }
      while row.last == " " { row.removeLast() }
      return String(row)
    }.joined(separator: "\n")
  }
}
