/// Reads sentences with tags: a word on each line, its tags behind it, separated by tabs or spaces. An empty line ends
/// a sentence. Lines that begin with `-DOCSTART-` are left out.
struct ConllReader {
  let path: String
  let names: [String]?

  func read(_ bytes: [UInt8]) throws(CorpusError) -> [CorpusRecord] {
    var records: [CorpusRecord] = []
    var columns: [[String]] = []
    var first = 1
    var names = names
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let fields = Self.fields(line)
      if fields.isEmpty || fields[0] == "-DOCSTART-" {
        close(&columns, names ?? [], first, &records)
        continue
      }
      let known = names ?? Self.defaultNames(fields.count)
      names = known
      guard fields.count == known.count else {
        throw CorpusError(
          "wrong number of columns", at: "\(path) line \(number + 1)", expected: "\(known.count)",
          found: "\(fields.count)", hint: "a word and its tags are separated by a tab or a space")
      }
      if columns.isEmpty {
        first = number + 1
        columns = [[String]](repeating: [], count: fields.count)
      }
      for (index, field) in fields.enumerated() { columns[index].append(field) }
    }
    close(&columns, names ?? [], first, &records)
    return records
  }

  private func close(_ columns: inout [[String]], _ names: [String], _ line: Int, _ records: inout [CorpusRecord]) {
    guard !columns.isEmpty else { return }
    records.append(CorpusRecord(line: line, fields: zip(names, columns).map { (name: $0, value: .list($1)) }))
    columns = []
  }

  /// The parts of a line. With tabs, only tabs separate, so that a word may contain spaces.
  private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
    let hasTabs = line.contains(0x09)
    return line.split { $0 == 0x09 || $0 == 0x0D || !hasTabs && $0 == 0x20 }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  static func defaultNames(_ count: Int) -> [String] {
    (0..<count).map { $0 == 0 ? "tokens" : $0 == count - 1 ? "tags" : "column\($0 + 1)" }
  }
}
