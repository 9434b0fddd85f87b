import JSONText
import Terms

/// The rows of a file of examples: text lines, JSON Lines, tab- or comma-separated columns, or words with tags.
struct ExampleFile {
  /// A value of a column.
  enum Field: Hashable {
    case text(String)
    case number(Double)
    case list([String])
  }

  /// A row with its line in the file, from 1.
  struct Row {
    let line: Int
    var fields: [String: Field]

    func text(_ column: String) -> String? {
      switch fields[column] {
      case .text(let text)?: text
      case .number(let number)?: number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
      default: nil
      }
    }
  }

  let path: String
  /// Names of the columns. Columns of a file without names are `1`, `2` and so on.
  private(set) var columns: [String] = []
  private(set) var rows: [Row] = []
  /// The whole text of a text file.
  private(set) var text = ""

  /// The largest file, in bytes.
  private static let most = 1 << 32

  /// Reads a file. Its kind follows from its name: `.jsonl`, `.tsv`, `.csv`, `.conll`; others are text.
  /// - Parameter named: names of columns that options mention. If the first row of a table has all of them, it is its
  ///   header.
  init(path: String, named: [String]) throws(TrainingError) {
    self.path = path
    let bytes: [UInt8]
    do throws(JSONError) { bytes = try FileBytes.read(path, limit: Self.most) } catch {
      throw TrainingError(.data, error)
    }
    guard !bytes.isEmpty else { throw Self.failure(path, expected: "examples", found: "an empty file") }
    guard let content = String(validating: bytes, as: UTF8.self) else {
      throw Self.failure("\(path), line \(Self.invalidLine(bytes))", expected: "UTF-8", found: "other bytes")
    }
    let lines = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    if path.hasSuffix(".jsonl") || path.hasSuffix(".json") {
      try readObjects(lines)
    } else if path.hasSuffix(".tsv") {
      try readTable(lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }, named)
    } else if path.hasSuffix(".csv") {
      try readTable(lines.map(Self.commaFields), named)
    } else if path.hasSuffix(".conll") {
      readWords(lines)
    } else {
      text = content
      columns = ["text"]
      rows = lines.enumerated().filter { !$1.allSatisfy(\.isWhitespace) }.map {
        Row(line: $0 + 1, fields: ["text": .text($1)])
      }
    }
    guard !rows.isEmpty else { throw Self.failure(path, expected: "examples", found: "none") }
  }

  /// True for a file of running text.
  var isText: Bool { !text.isEmpty }

  /// Where a row is, for errors.
  func place(_ row: Row) -> String { "\(path), line \(row.line)" }

  /// A column's text in each row.
  /// - Throws: if a row lacks it.
  func texts(_ column: String) throws(TrainingError) -> [String] {
    var texts: [String] = []
    for row in rows {
      guard let text = row.text(column) else {
        throw Self.failure(
          place(row), expected: "a text in column '\(column)'",
          found: "columns \(row.fields.keys.sorted().joined(separator: ", "))")
      }
      texts.append(text)
    }
    return texts
  }

  static func failure(_ place: String, expected: String, found: String, hint: String? = nil) -> TrainingError {
    TrainingError(.data, "can't read the examples", at: place, expected: expected, found: found, hint: hint)
  }

  private mutating func readObjects(_ lines: [String]) throws(TrainingError) {
    var seen: Set<String> = []
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let value: JSONValue
      do throws(JSONError) { value = try JSONValue(parsing: Array(line.utf8)) } catch {
        throw Self.failure("\(path), line \(index + 1)", expected: "a JSON object", found: error.description)
      }
      guard let object = value.object else {
        throw Self.failure("\(path), line \(index + 1)", expected: "a JSON object", found: value.kind)
      }
      var row = Row(line: index + 1, fields: [:])
      for (key, value) in object.members {
        let name = key.description
        if seen.insert(name).inserted { columns.append(name) }
        if let text = value.string {
          row.fields[name] = .text(text)
        } else if let number = value.double {
          row.fields[name] = .number(number)
        } else if let list = value.array {
          row.fields[name] = .list(list.map { $0.string ?? $0.serialized() })
        }
      }
      rows.append(row)
    }
  }

  private mutating func readTable(_ lines: [[String]], _ named: [String]) throws(TrainingError) {
    guard let first = lines.first else { return }
    let usual: Set<String> = ["text", "label", "source", "target", "sentence"]
    let names = named.filter { Int($0) == nil }
    let hasHeader =
      names.isEmpty ? first.count > 1 && first.allSatisfy { usual.contains($0) } : names.allSatisfy(first.contains)
    columns = hasHeader ? first : (1...first.count).map(String.init)
    for (index, fields) in lines.enumerated().dropFirst(hasHeader ? 1 : 0) {
      guard fields.contains(where: { !$0.isEmpty }) else { continue }
      guard fields.count >= columns.count else {
        throw Self.failure(
          "\(path), line \(index + 1)", expected: "\(columns.count) columns", found: "\(fields.count)")
      }
      rows.append(
        Row(line: index + 1, fields: Dictionary(zip(columns, fields.map(Field.text))) { first, _ in first }))
    }
  }

  /// The fields of a line of comma-separated values, which may be quoted.
  private static func commaFields(_ line: String) -> [String] {
    var (fields, field, isQuoted) = ([String](), "", false)
    var rest = line[...]
    while let character = rest.popFirst() {
      if isQuoted {
        if character == "\"", rest.first == "\"" {
          field.append("\"")
          rest.removeFirst()
        } else if character == "\"" {
          isQuoted = false
        } else {
          field.append(character)
        }
      } else if character == "\"", field.isEmpty {
        isQuoted = true
      } else if character == "," {
        fields.append(field)
        field = ""
      } else {
        field.append(character)
      }
    }
    return fields + [field]
  }

  /// Words and tags, one pair a line, the tag last; sentences are separated by empty lines.
  private mutating func readWords(_ lines: [String]) {
    columns = ["words", "tags"]
    var (words, tags, start) = ([String](), [String](), 1)
    for (index, line) in (lines + [""]).enumerated() {
      let parts = line.split(whereSeparator: \.isWhitespace).map(String.init)
      if let word = parts.first, let tag = parts.last, parts.count > 1, word != "-DOCSTART-" {
        if words.isEmpty { start = index + 1 }
        words.append(word)
        tags.append(tag)
      } else if !words.isEmpty {
        rows.append(Row(line: start, fields: ["words": .list(words), "tags": .list(tags)]))
        (words, tags) = ([], [])
      }
    }
  }

  private static func invalidLine(_ bytes: [UInt8]) -> Int {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
  }
}
