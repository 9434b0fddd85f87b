/// Reads plain text as documents. Carriage returns before newlines are dropped.
struct TextReader {
  let path: String
  let boundary: DocumentBoundary

  func read(_ bytes: [UInt8]) throws(CorpusError) -> [CorpusRecord] {
    var records: [CorpusRecord] = []
    var lines: [ArraySlice<UInt8>] = []
    var first = 1
    let isBlank = { (line: ArraySlice<UInt8>) in line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    let close = { (records: inout [CorpusRecord], lines: inout [ArraySlice<UInt8>]) in
      while let last = lines.last, isBlank(last) { lines.removeLast() }
      guard !lines.isEmpty else { return }
      let text = String(decoding: Array(lines.joined(separator: [0x0A])), as: UTF8.self)
      records.append(CorpusRecord(line: first, fields: [("text", .text(text))]))
      lines.removeAll(keepingCapacity: true)
    }
    for (number, part) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let line = part.last == 0x0D ? part.dropLast() : part
      let blank = isBlank(line)
      if blank, boundary != .file || lines.isEmpty {
        close(&records, &lines)
        continue
      }
      if lines.isEmpty { first = number + 1 }
      lines.append(line)
      if boundary == .line { close(&records, &lines) }
    }
    close(&records, &lines)
    return records
  }
}
