/// The format of a file of training text.
public enum CorpusFormat: String, Sendable, CaseIterable {
  /// Plain text: each document is a record with the column `text`.
  case text
  /// A JSON object on each line.
  case jsonl
  /// Comma-separated values with quotes (RFC 4180).
  case csv
  /// Tab-separated values without quotes.
  case tsv
  /// A word on each line with its tags behind it; an empty line ends a sentence (CoNLL).
  case conll
  /// A conversation on each line, an object with `messages`; or one JSON list of them.
  case chat

  /// The format that a path's ending stands for; `nil` for other endings.
  public init?(path: String) {
    let plain = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
    let ending = plain.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
    switch ending {
    case "txt", "text", "md": self = .text
    case "jsonl", "ndjson": self = .jsonl
    case "json": self = .chat
    case "csv": self = .csv
    case "tsv": self = .tsv
    case "conll", "bio", "iob", "conllu": self = .conll
    default: return nil
    }
  }
}

/// How plain text is cut into documents.
public enum DocumentBoundary: String, Sendable, CaseIterable {
  /// An empty line ends a document.
  case blank
  /// Each line that is not empty is a document.
  case line
  /// The whole file is a document.
  case file
}

/// How files are read.
public struct CorpusReading: Sendable, Equatable {
  /// The format; `nil` to decide by each path's ending, with plain text for unknown endings.
  public var format: CorpusFormat?
  /// How plain text is cut into documents.
  public var boundary = DocumentBoundary.blank
  /// The names of the columns of CSV, TSV and CoNLL files, in order. `nil` takes the first line of CSV and TSV files as
  /// names, and `tokens`, `column2`, …, `tags` for CoNLL.
  public var columnNames: [String]?
  /// The columns to keep, in this order; `nil` for all. A file without one of them is an error.
  public var columns: [String]?
  /// Whether lines that are not UTF-8 are left out; otherwise they are an error.
  public var skipsInvalidLines = false

  /// The format by each path's ending.
  public init() {}
}

/// The records of a file.
public struct CorpusContents: Sendable, Equatable {
  /// The records, in the order of the file.
  public var records: [CorpusRecord] = []
  /// The format that was read.
  public var format: CorpusFormat
  /// The lines that are not UTF-8 and were left out, counted from 1.
  public var skippedLines: [Int] = []
}

extension CorpusFile {
  /// Reads all records.
  /// - Throws: ``CorpusError`` that names the line.
  public func read(_ reading: CorpusReading = CorpusReading()) throws(CorpusError) -> CorpusContents {
    let format = reading.format ?? CorpusFormat(path: path) ?? .text
    var contents = CorpusContents(format: format)
    let text = try validText(reading, &contents)
    switch format {
    case .text: contents.records = try TextReader(path: path, boundary: reading.boundary).read(text)
    case .jsonl: contents.records = try JSONLinesReader(path: path).read(text)
    case .chat: contents.records = try ChatReader(path: path).read(text)
    case .csv: contents.records = try TableReader(path: path, names: reading.columnNames, style: .csv).read(text)
    case .tsv: contents.records = try TableReader(path: path, names: reading.columnNames, style: .tsv).read(text)
    case .conll: contents.records = try ConllReader(path: path, names: reading.columnNames).read(text)
    }
    if let columns = reading.columns { try select(columns, of: &contents.records) }
    return contents
  }

  /// Usual names of the columns of tables.
  public static let usualColumns: Set<String> = [
    "text", "label", "labels", "sentence", "source", "target", "input", "output", "summary",
  ]

  /// The values of the first row of a CSV or TSV file that were taken as the names of its columns although none of them
  /// is a usual name: the file may have no line of names. `nil` for other files.
  public func doubtfulNames(_ reading: CorpusReading) throws(CorpusError) -> [String]? {
    guard reading.columnNames == nil, let first = try firstRow(reading),
      Self.usualColumns.isDisjoint(with: first.map { $0.lowercased() })
    else { return nil }
    return first
  }

  /// The values of the first row of a CSV or TSV file, which may be names; `nil` for other formats and files without
  /// rows.
  /// - Throws: ``CorpusError`` that names the line.
  public func firstRow(_ reading: CorpusReading = CorpusReading()) throws(CorpusError) -> [String]? {
    let style: TableReader.Style
    let format = reading.format ?? CorpusFormat(path: path) ?? .text
    switch format {
    case .csv: style = .csv
    case .tsv: style = .tsv
    case .text, .jsonl, .conll, .chat: return nil
    }
    var contents = CorpusContents(format: format)
    return try TableReader(path: path, names: nil, style: style).firstRow(try validText(reading, &contents))
  }

  /// The bytes, without lines that are not UTF-8 if these are skipped. A skipped line leaves an empty one, except in
  /// tables and CoNLL files, where an empty line would mean something; there the numbers of later lines are lower.
  private func validText(
    _ reading: CorpusReading, _ contents: inout CorpusContents
  ) throws(CorpusError) -> [UInt8] {
    if String(validating: bytes, as: UTF8.self) != nil { return bytes }
    var valid: [UInt8] = []
    valid.reserveCapacity(bytes.count)
    let keepsLine = contents.format != .conll && contents.format != .csv && contents.format != .tsv
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if number > 0, keepsLine || contents.skippedLines.last != number { valid.append(0x0A) }
      if String(validating: line, as: UTF8.self) != nil {
        valid += line
        continue
      }
      guard reading.skipsInvalidLines else {
        throw CorpusError(
          "text is not UTF-8", at: "\(path) line \(number + 1)", expected: "UTF-8", found: "other bytes",
          hint: "convert the file with iconv, or skip such lines")
      }
      contents.skippedLines.append(number + 1)
    }
    return valid
  }

  private func select(_ columns: [String], of records: inout [CorpusRecord]) throws(CorpusError) {
    for index in records.indices {
      var fields: [(name: String, value: CorpusRecord.Value)] = []
      for name in columns {
        guard let value = records[index][name] else {
          let known = records[index].fields.map(\.name)
          throw CorpusError(
            "no such column", at: "\(path) line \(records[index].line)", expected: "a column \"\(name)\"",
            found: known.isEmpty ? "none" : known.map { "\"\($0.prefix(40))\"" }.joined(separator: ", "),
            hint: "name the columns of a file without a line of names")
        }
        fields.append((name, value))
      }
      records[index].fields = fields
    }
  }
}
