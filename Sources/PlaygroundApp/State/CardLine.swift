import TerminalUI

/// A line of a model card as it is shown: wrapped, and with nothing in it that could disturb the terminal.
struct CardLine: Sendable, Equatable {
  /// The text.
  var text: String
  /// Whether it belongs to a heading.
  var isHeading = false

  /// The bytes of a card that are shown; nobody reads on beyond.
  static let longest = 1 << 16

  /// What stands in place of a card that is not there.
  static let none = "no card: the folder has no README.md"

  /// The lines of a card in Markdown: headings keep their marks, rows of a table lose their bars.
  /// - Parameter limit: the most lines that are made.
  static func lines(of card: String?, width: Int, limit: Int = .max) -> [CardLine] {
    var lines: [CardLine] = []
    let card = card.map { $0.utf8.count > longest ? String(decoding: $0.utf8.prefix(longest), as: UTF8.self) : $0 }
    for paragraph in (card ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      guard lines.count < limit else { break }
      guard let row = row(of: paragraph) else { continue }
      // Empty lines at the beginning, and one after another, say nothing.
      if row.isEmpty, lines.last?.text.isEmpty ?? true { continue }
      let text = visible(row, keepsSpaces: true)
      lines += WrappedText(text, width: width).lines.map { line in
        let bytes = text.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count)
        // The space where a line breaks may reach beyond the width.
        let end = bytes.lastIndex { $0 != UInt8(ascii: " ") }
        let shown = end.map { bytes[...$0] } ?? bytes.prefix(0)
        return CardLine(text: String(decoding: shown, as: UTF8.self), isHeading: row.hasPrefix("#"))
      }
    }
    while lines.last?.text.isEmpty == true { lines.removeLast() }
    return lines.isEmpty ? [CardLine(text: none)] : lines
  }

  /// A paragraph without the white space at its end, tabs as spaces; of a table the cells of a row, and nothing of the
  /// line under its head.
  private static func row(of paragraph: Substring) -> String? {
    var text = paragraph.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ")
    while text.last?.isWhitespace == true { text.removeLast() }
    guard text.count > 1, text.hasPrefix("|"), text.hasSuffix("|") else { return text }
    let cells = text.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
    let isRule = cells.allSatisfy { cell in cell.allSatisfy { $0 == "-" || $0 == ":" } }
    return isRule ? nil : cells.filter { !$0.isEmpty }.joined(separator: " · ")
  }
}
