import Corpora
import EngineAPI
import JSONText
import Terms

/// The records of a file of examples, as ``Corpora`` reads them.
struct ExampleFile {
  let path: String
  /// At least one record.
  let rows: [CorpusRecord]
  /// The columns of all records, in the order of the file. Those of a table without names are `1`, `2` and so on.
  let columns: [String]
  /// The lines that are not UTF-8 and were left out, counted from 1.
  let skippedLines: [Int]
  /// A checksum of the contents, decompressed.
  let checksum: UInt32

  /// Reads a file, whose format follows from its name.
  /// - Throws: ``TrainingError`` that names the line.
  init(path: String, _ options: TrainingOptions) throws(TrainingError) {
    self.path = path
    let file: CorpusFile
    let contents: CorpusContents
    do throws(CorpusError) {
      file = try CorpusFile(path: path)
      var reading = CorpusReading()
      // Objects with texts; a conversation is not an example of any objective.
      if CorpusFormat(path: path) == .chat { reading.format = .jsonl }
      reading.boundary = options.lineByLine ? .line : .file
      reading.skipsInvalidLines = options.skipInvalidLines
      reading.columnNames = options.columnNames
      if options.columnNames == nil, let first = try file.firstRow(reading), !Self.isHeader(first, options) {
        reading.columnNames = (1...first.count).map(String.init)
      }
      contents = try file.read(reading)
    } catch {
      throw TrainingError(.data, error)
    }
    rows = contents.records
    skippedLines = contents.skippedLines
    checksum = Checksum.crc(file.bytes)
    guard !rows.isEmpty else {
      throw Self.failure(path, expected: "examples", found: file.bytes.isEmpty ? "an empty file" : "none")
    }
    var seen: Set<String> = []
    columns = rows.flatMap(\.fields).map(\.name).filter { seen.insert($0).inserted }
  }

  /// Whether the first row of a table has the names of its columns: if it has all names that options mention, or two
  /// usual ones.
  private static func isHeader(_ row: [String], _ options: TrainingOptions) -> Bool {
    let named = [
      options.textColumn, options.labelColumn, options.sourceColumn, options.targetColumn, options.pairColumn,
    ].compactMap(\.self).filter { Int($0) == nil }
    if !named.isEmpty, named.allSatisfy(row.contains) { return true }
    return Set(row).intersection(CorpusFile.usualColumns).count >= min(2, row.count)
  }

  /// A remark on the lines that were left out.
  var skipped: String? {
    guard !skippedLines.isEmpty else { return nil }
    let shown =
      skippedLines.prefix(10).map(String.init).joined(separator: ", ") + (skippedLines.count > 10 ? ", …" : "")
    let what =
      skippedLines.count == 1 ? "1 line that is not UTF-8 was" : "\(skippedLines.count) lines that are not UTF-8 were"
    return "\(path): \(what) left out: \(shown)"
  }

  /// Where a row is, for errors.
  func place(_ row: CorpusRecord) -> String { "\(path) line \(row.line)" }

  /// A column's text in each row.
  /// - Throws: if a row lacks it.
  func texts(_ column: String) throws(TrainingError) -> [String] {
    var texts: [String] = []
    for row in rows {
      guard let text = row.plainText(column) else { throw missing(column, in: row) }
      texts.append(text)
    }
    return texts
  }

  /// A row has no text, or no list of words, in a column.
  func missing(_ column: String, in row: CorpusRecord, expected: String = "a text") -> TrainingError {
    let names = row.fields.map(\.name)
    let isConversation = names.contains("messages") || names.contains("conversations")
    return Self.failure(
      place(row), expected: "\(expected) in column '\(column)'",
      found: names.isEmpty ? "no columns" : "columns \(names.joined(separator: ", "))",
      hint: isConversation ? "write each conversation as a text, with the model's chat template" : nil)
  }

  /// A column that an option names is in no row.
  func checkColumn(_ name: String?) throws(TrainingError) {
    guard let name, !columns.contains(name) else { return }
    throw Self.failure(
      path, expected: "a column '\(name)'", found: "columns \(columns.joined(separator: ", "))",
      hint: columns.first == "1" ? "name the columns of a file without a line of names with column_names" : nil)
  }

  static func failure(_ place: String, expected: String, found: String, hint: String? = nil) -> TrainingError {
    TrainingError(.data, "can't read the examples", at: place, expected: expected, found: found, hint: hint)
  }
}

extension CorpusRecord {
  /// The text of a column; `nil` for lists and other values.
  func plainText(_ column: String) -> String? {
    if case .text(let text)? = self[column] { text } else { nil }
  }

  /// The words of a column: a list, or a text with commas between; `nil` for other values.
  func words(_ column: String) -> [String]? {
    switch self[column] {
    case .list(let words)?: words
    case .text(let text)?: text.split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty }
    case .json(.array(let elements))?: elements.map { $0.string ?? $0.serialized() }
    case .json?, nil: nil
    }
  }

  /// The text without the white space around it.
  private static func trimmed(_ text: Substring) -> String {
    let rest = text.drop(while: \.isWhitespace)
    guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(rest[...last])
  }
}
