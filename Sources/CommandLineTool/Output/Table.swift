import EngineAPI
import Platform
import Synchronization
import TerminalUI

/// Tracks whether the text on a terminal ends in the middle of a line, so that notices start on a new one.
final class TextLine: Sendable {
  private let isShared: Bool
  private let open = Mutex(false)

  /// - Parameter isShared: Whether standard output and standard error are both terminals. Otherwise no line counts as
  ///   open.
  init(isShared: Bool) { self.isShared = isShared }

  /// Whether the last line is not ended yet.
  var isOpen: Bool { open.withLock { $0 } }

  /// Records written text.
  func note(_ text: String) {
    guard isShared, let last = Self.lastByte(of: text) else { return }
    open.withLock { $0 = last != UInt8(ascii: "\n") }
  }

  /// Returns whether a line is open. From here on it counts as ended.
  func end() -> Bool {
    open.withLock { open in
      defer { open = false }
      return open
    }
  }

  /// The last byte that is not part of a color sequence (`ESC [ … m`).
  private static func lastByte(of text: String) -> UInt8? {
    var bytes = Substring(text).utf8
    while bytes.last == UInt8(ascii: "m"), let start = bytes.lastIndex(of: 0x1B),
      bytes[start...].dropFirst(2).dropLast().allSatisfy({ $0 == UInt8(ascii: ";") || (0x30...0x39).contains($0) })
    {
      bytes = bytes[..<start]
    }
    return bytes.last
  }
}

/// A table with columns aligned by character width.
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

  /// A cell: a text and its role.
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

  /// The lines, starting with the heading, without trailing spaces.
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

/// Cells for tables of tokens.
enum Cells {
  /// The maximum columns of a token; longer ones are truncated.
  private static let tokenWidth = 28

  /// A token with its spaces and control characters made visible.
  static func token(_ token: TokenValue, glyphs: Glyphs, logprob: Double? = nil) -> Table.Cell {
    let text = visible(bytes: token.bytes, glyphs: glyphs).fitted(to: tokenWidth, mark: glyphs.ellipsis)
    return Table.Cell(text, logprob.flatMap(heat))
  }

  /// A log probability as a percentage, `-` if there is none.
  static func percent(_ logprob: Double?) -> Table.Cell {
    guard let logprob else { return "-" }
    return Table.Cell(NumberText.percent(exp(logprob)).trimmed, heat(logprob))
  }

  /// A probability as a percentage.
  static func percent(probability: Double) -> Table.Cell { Table.Cell(NumberText.percent(probability).trimmed) }

  /// A cell of a value that the engine may not know.
  static func known<Value>(_ value: Value?, _ cell: (Value) -> Table.Cell) -> Table.Cell {
    value.map(cell) ?? Table.Cell("not known", .dim)
  }

  /// A number with two decimals, `-` if there is none.
  static func number(_ value: Double?) -> Table.Cell {
    guard let value else { return "-" }
    return Table.Cell(NumberText.fixed(value, decimals: 2))
  }

  /// A whole number with commas, `-` if there is none.
  static func count(_ value: Int?) -> Table.Cell { Table.Cell(value.map(NumberText.grouped) ?? "-", .dim) }

  /// A bar whose length shows a probability.
  static func bar(_ logprob: Double?, glyphs: Glyphs) -> Table.Cell {
    guard let logprob else { return "" }
    return Table.Cell(Bar.text(exp(logprob), width: 20, glyphs: glyphs), heat(logprob))
  }

  /// The role of a log probability on the heat scale.
  static func heat(_ logprob: Double) -> Role? {
    logprob.isNaN ? nil : .heat(fraction: HeatPlace.probability(exp(logprob)))
  }
}

extension String {
  /// Without the spaces that `NumberText` pads with.
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}

extension StringProtocol {
  /// The text with everything that acts on a terminal spelled out: `\x1b`, `\u{202e}`. Newlines and tabs stay.
  ///
  /// Besides control characters these are line and paragraph separators, directional marks and invisible characters,
  /// with which a model could make a line read as something else.
  var safeForTerminal: String {
    guard unicodeScalars.contains(where: { $0.needsSpelling && $0 != "\n" && $0 != "\t" }) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      text += scalar.needsSpelling && scalar != "\n" && scalar != "\t" ? scalar.spelled : String(scalar)
    }
  }

  /// A JSON text with these characters as JSON escapes; the value is the same.
  var safeJSONForTerminal: String {
    guard unicodeScalars.contains(where: \.needsSpelling) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      guard scalar.needsSpelling else { return text.unicodeScalars.append(scalar) }
      for unit in String(scalar).utf16 {
        let hex = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
      }
    }
  }

  /// The text on one line, for errors and notices: newlines and tabs are spelled out too.
  var onOneLine: String {
    guard unicodeScalars.contains(where: \.needsSpelling) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      default: text += scalar.needsSpelling ? scalar.spelled : String(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var needsSpelling: Bool {
    if isTerminalControl { return true }
    switch value {
    // Separators, directional marks and overrides.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return true
    // Invisible: zero-width spaces, invisible operators, tags. Joiners (U+200C, U+200D) are parts of words.
    case 0x200B, 0x2060...0x2065, 0xFEFF, 0xE0000...0xE007F: return true
    default: return false
    }
  }

  fileprivate var spelled: String {
    let hex = String(value, radix: 16)
    return value < 0x100 ? "\\x" + (hex.utf8.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
  }
}
