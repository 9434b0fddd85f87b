import TerminalUI

/// Rows of cells in columns that line up, whatever the width of their characters.
struct Table {
  /// One column.
  struct Column {
    let title: String
    let isRightAligned: Bool

    /// A column of text.
    static func left(_ title: String) -> Column { Column(title: title, isRightAligned: false) }
    /// A column of numbers.
    static func right(_ title: String) -> Column { Column(title: title, isRightAligned: true) }
  }

  /// One cell: a text and what it means.
  struct Cell: ExpressibleByStringLiteral {
    let text: String
    let role: Role?

    init(_ text: String, _ role: Role? = nil) {
      self.text = text
      self.role = role
    }

    init(stringLiteral value: String) { self.init(value) }
  }

  private let columns: [Column]
  private var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  /// The lines, a heading first, without spaces at their ends.
  func lines(_ ink: Ink) -> [String] {
    let heading = columns.map { Cell($0.title, .dim) }
    let all = [heading] + rows
    let widths = columns.indices.map { column in all.map { $0[column].text.columnWidth }.max() ?? 0 }
    return all.map { row in
      let last = row.lastIndex { !$0.text.isEmpty } ?? -1
      let cells = row.indices.prefix(last + 1).map { index in
        let cell = row[index]
        let space = String(repeating: " ", count: widths[index] - cell.text.columnWidth)
        let text = cell.role.map { ink(cell.text, $0) } ?? cell.text
        if columns[index].isRightAligned { return space + text }
        return index == last ? text : text + space
      }
      return cells.joined(separator: "  ")
    }
  }
}
