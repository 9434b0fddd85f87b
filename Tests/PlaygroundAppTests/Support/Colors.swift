import TerminalUI

extension CellGrid {
  /// The screen as text with its colors: each row is followed by one with a sign for the role of each cell.
  ///
  /// Plain text has a space; `0` to `9` are positions on the heat scale, from expected to surprising; `.` dim, `a`
  /// accent, `-` a border and `=` that of the focus, `t` a title, `k` a key, `A` to `D` the colors of streams, `w` a
  /// warning, `s` success, `e` an error. A capital `S` marks a selected row, `C` the cursor.
  var coloredText: String {
    (0..<size.height).map { y in
      let cells = (0..<size.width).map { self[Point($0, y)] }.filter { !$0.isContinuation }
      let signs = cells.map { Self.sign($0) }.joined()
      return [cells.map(\.text).joined(), signs].map(Self.trimmed).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// A row without the spaces at its end.
  private static func trimmed(_ row: String) -> String {
    var row = row[...]
    while row.last == " " { row.removeLast() }
    return String(row)
  }

  private static func sign(_ cell: Cell) -> String {
    let sign: String =
      switch cell.style.role {
      case .heat(let place), .bar(let place): String(Int(place) * 10 / 256)
      case .dim: "."
      case .accent: "a"
      case .border: "-"
      case .focusedBorder: "="
      case .title, .heading: "t"
      case .key: "k"
      case .warning: "w"
      case .success: "s"
      case .error: "e"
      case .streamA: "A"
      case .streamB: "B"
      case .streamC: "C"
      case .streamD: "D"
      case .text, .selection, .cursor, .tokenShade, .panel, .background: " "
      }
    switch cell.style.background {
    case .selection: return sign == " " ? "S" : sign
    case .cursor: return "C"
    default: return cell.text == " " && sign != "=" && sign != "-" ? " " : sign
    }
  }
}
