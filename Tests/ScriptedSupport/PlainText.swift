import TerminalUI

extension CellGrid {
  /// The rows as text without trailing spaces, joined by newlines, to be compared with an expected screen.
  public var plainText: String {
    lines.map { line in
      String(line.prefix(upTo: line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex))
    }
    .joined(separator: "\n")
  }
}
