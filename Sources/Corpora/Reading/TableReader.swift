/// Reads tables: CSV with quotes (RFC 4180), where a quoted value may contain separators, quotes (doubled) and
/// newlines; and TSV without quotes. Lines end with a newline, with or without a carriage return. Empty lines are left
/// out.
struct TableReader {
  enum Style {
    case csv
    case tsv
  }

  let path: String
  let names: [String]?
  let style: Style

  func read(_ bytes: [UInt8]) throws(CorpusError) -> [CorpusRecord] {
    var rows = TableRows(bytes, path: path, style: style)
    var names = names
    var records: [CorpusRecord] = []
    while let (line, values) = try rows.next() {
      guard let known = names else {
        names = try checked(values, line)
        continue
      }
      guard values.count == known.count else {
        throw CorpusError(
          "wrong number of columns", at: "\(path) line \(line)", expected: "\(known.count)", found: "\(values.count)",
          hint: style == .csv ? "a value with a comma or a quote needs quotes around it" : nil)
      }
      records.append(
        CorpusRecord(line: line, fields: zip(known, values).map { (name: $0, value: .text($1)) }))
    }
    return records
  }

  func firstRow(_ bytes: [UInt8]) throws(CorpusError) -> [String]? {
    var rows = TableRows(bytes, path: path, style: style)
    return try rows.next()?.values
  }

  private func checked(_ names: [String], _ line: Int) throws(CorpusError) -> [String] {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw CorpusError(
        "two columns of the same name", at: "\(path) line \(line)", expected: "different names",
        found: "\"\(name.prefix(40))\" twice", hint: "name the columns if the first line is no line of names")
    }
    return names
  }
}

/// The rows of a table.
private struct TableRows {
  private let bytes: [UInt8]
  private let path: String
  private let style: TableReader.Style
  private let separator: UInt8
  private var index = 0
  private var line = 1

  init(_ bytes: [UInt8], path: String, style: TableReader.Style) {
    self.bytes = bytes
    self.path = path
    self.style = style
    separator = style == .csv ? UInt8(ascii: ",") : 0x09
  }

  /// The next row that is not empty, and the line where it begins.
  mutating func next() throws(CorpusError) -> (line: Int, values: [String])? {
    while index < bytes.count {
      let first = line
      let values = try row()
      if values != [""] { return (first, values) }
    }
    return nil
  }

  private mutating func row() throws(CorpusError) -> [String] {
    var values: [String] = []
    while true {
      values.append(
        style == .csv && index < bytes.count && bytes[index] == UInt8(ascii: "\"") ? try quoted() : plain())
      guard index < bytes.count, bytes[index] == separator else { break }
      index += 1
    }
    // The value ended at a newline or at the end of the text.
    if index < bytes.count, bytes[index] == 0x0D { index += 1 }
    if index < bytes.count {
      index += 1
      line += 1
    }
    return values
  }

  /// Whether a line ends at an index.
  private func isEnd(_ index: Int) -> Bool {
    bytes[index] == 0x0A || bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
      || bytes[index] == 0x0D && index + 1 == bytes.count
  }

  private mutating func plain() -> String {
    let start = index
    while index < bytes.count, bytes[index] != separator, !isEnd(index) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func quoted() throws(CorpusError) -> String {
    let first = line
    index += 1
    var value: [UInt8] = []
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == 0x0A { line += 1 }
      guard byte == UInt8(ascii: "\"") else {
        value.append(byte)
        continue
      }
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        value.append(byte)
        index += 1
        continue
      }
      guard index == bytes.count || bytes[index] == separator || isEnd(index) else {
        throw CorpusError(
          "malformed CSV", at: "\(path) line \(line)", expected: "a comma or the end of the line after a quote",
          found: "other text", hint: "a quote inside a quoted value is written twice")
      }
      return String(decoding: value, as: UTF8.self)
    }
    throw CorpusError(
      "malformed CSV", at: "\(path) line \(first)", expected: "a closing quote", found: "the end of the file")
  }
}
