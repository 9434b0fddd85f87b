import TerminalUI

/// A table of a model card. Columns have their natural widths if they fit; otherwise the widest ones are narrowed and
/// their cells wrap.
struct CardTable {
  /// The maximum number of columns that are shown.
  private static let most = 16
  private static let gap = 2

  private let rows: [[[Span]]]
  private let hasHead: Bool

  /// A table of rows of cells in Markdown; the first row is its head, left out where it is empty.
  init(_ rows: [[String]]) {
    hasHead = rows.first?.contains { !$0.isEmpty } ?? false
    self.rows = (hasHead ? rows : Array(rows.dropFirst())).enumerated().map { number, row in
      row.prefix(CardTable.most).map { cell in
        let isHead = number == 0 && rows.first?.contains { !$0.isEmpty } ?? false
        return CardInline.spans(cell, base: isHead ? Style(.heading, .bold) : .plain)
      }
    }
  }

  /// Splits a line into cells at `|`, except where it is escaped by a backslash or inside code.
  static func cells(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isEscaped = false
    var isCode = false
    for character in line {
      switch character {
      case "|" where isEscaped:
        cell.removeLast()
        cell.append("|")
      case "|" where !isCode:
        cells.append(cell)
        cell = ""
      default: cell.append(character)
      }
      if character == "`" { isCode.toggle() }
      isEscaped = character == "\\" && !isEscaped
    }
    if cell == "\\" { cell = "" }
    cells.append(cell)
    var trimmed = cells.map { $0.split(separator: " ").joined(separator: " ") }
    if trimmed.first?.isEmpty == true { trimmed.removeFirst() }
    if trimmed.last?.isEmpty == true { trimmed.removeLast() }
    return trimmed
  }

  /// Whether cells are the line under a table's head: `---`, `:-:`.
  static func isRule(_ cells: [String]) -> Bool {
    !cells.isEmpty && cells.allSatisfy { cell in cell.contains("-") && cell.allSatisfy { $0 == "-" || $0 == ":" } }
  }

  /// The table as lines of a width.
  func lines(width: Int) -> [CardLine] {
    let columns = rows.map(\.count).max() ?? 0
    guard columns > 0 else { return [] }
    let wanted = (0..<columns).map { column in
      rows.map { row in
        column < row.count
          ? row[column].reduce(0) { $0 + $1.text.split(separator: "\n").reduce(0) { max($0, $1.columnWidth) } } : 0
      }.max() ?? 0
    }
    let widths = CardTable.fit(wanted, in: width - CardTable.gap * (columns - 1))
    // Columns that are too narrow to read become running text.
    guard zip(widths, wanted).allSatisfy({ $0 >= min($1, 6) }) else { return running(width: width) }
    return rows.flatMap { row in
      let cells = widths.indices.map { column in
        column < row.count && !row[column].isEmpty ? CardText.wrap(row[column], width: widths[column]) : []
      }
      return (0..<(cells.map(\.count).max() ?? 0)).map { line in
        var spans: [Span] = []
        var behind = 0
        for (column, cell) in cells.enumerated() {
          let content = line < cell.count ? cell[line] : CardLine(spans: [])
          if column > 0 { spans.append(Span(String(repeating: " ", count: CardTable.gap + behind))) }
          spans += content.spans
          behind = max(0, widths[column] - content.text.columnWidth)
        }
        return CardLine(spans: CardText.trimmed(spans))
      }
    }
  }

  /// The widths of the columns: the natural widths, or, if these do not fit, the widest ones reduced to a common
  /// maximum.
  private static func fit(_ wanted: [Int], in room: Int) -> [Int] {
    guard wanted.reduce(0, +) > room else { return wanted }
    var low = 0
    var high = wanted.max() ?? 0
    while low < high {
      let middle = (low + high + 1) / 2
      if wanted.reduce(0, { $0 + min($1, middle) }) <= room { low = middle } else { high = middle - 1 }
    }
    return wanted.map { min($0, low) }
  }

  private func running(width: Int) -> [CardLine] {
    rows.flatMap { row in
      let cells = row.filter { !$0.isEmpty }
      return CardText.wrap(Array(cells.joined(separator: [Span(" \u{B7} ", Style(.dim))])), width: width)
    }
  }
}
