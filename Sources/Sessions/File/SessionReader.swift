import JSONText

/// Reads a session line by line, so that only one line is in memory besides the session.
struct SessionReader {
  /// The path, for errors.
  let path: String
  /// The number of complete lines read.
  private(set) var lines = 0
  /// The size of these lines in bytes.
  private(set) var wholeBytes = 0

  init(path: String) { self.path = path }

  /// Reads a file from its start. An incomplete last line is ignored.
  ///
  /// - Parameter goesOn: whether to continue after this number of bytes; called after each part of the file.
  mutating func read(
    _ file: LineFile, into session: inout Session, while goesOn: (Int, Session) -> Bool = { _, _ in true }
  ) throws(SessionError) {
    var splitter = LineSplitter()
    var offset = 0
    while true {
      let part: [UInt8]
      do {
        part = try file.part(from: offset)
      } catch {
        throw SessionError(error, path: path)
      }
      guard !part.isEmpty else { break }
      offset += part.count
      try splitter.add(part) { (line) throws(SessionError) in
        if lines == 0 { try readHeader(line, &session) } else { try readLine(line, &session) }
        lines += 1
      }
      wholeBytes = splitter.wholeBytes
      // Do not search a large foreign file for its first line break.
      if lines == 0, splitter.rest.count > 4_096 || splitter.rest.first != UInt8(ascii: "{") {
        throw .foreign(path: path, found: found(splitter.rest))
      }
      guard splitter.rest.count <= SessionFile.mostLineBytes else {
        throw problem(
          RecordProblem(expected: "lines of at most \(SessionFile.mostLineBytes) bytes", found: "a longer one"))
      }
      guard goesOn(offset, session) else { return }
    }
    // In a session that was just created, even the first line may be incomplete.
    if lines == 0, !isStart(splitter.rest) { throw .foreign(path: path, found: found(splitter.rest)) }
  }

  private func readHeader(_ line: ArraySlice<UInt8>, _ session: inout Session) throws(SessionError) {
    guard let object = try? JSONValue(parsing: Array(line)).object, object["type"]?.string == "session",
      let format = object["format"]?.int
    else { throw .foreign(path: path, found: found(Array(line))) }
    guard format <= SessionFile.format else { throw .newer(path: path, format: format) }
    session.created = object["created"]?.string
  }

  private func readLine(_ line: ArraySlice<UInt8>, _ session: inout Session) throws(SessionError) {
    if let tokens = TokenLine(line) {
      do {
        return try session.tree.apply(tokens)
      } catch {
        throw problem(error)
      }
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: Array(line))
    } catch {
      throw problem(
        RecordProblem(expected: error.facts.expected ?? "JSON", found: error.facts.found ?? error.facts.what))
    }
    do {
      if let record = try SessionRecord(try Members(value)) { try session.apply(record) }
    } catch {
      throw problem(error)
    }
  }

  private func problem(_ problem: RecordProblem) -> SessionError {
    .damaged(path: path, line: lines + 1, expected: problem.expected, found: problem.found)
  }

  /// Whether bytes can be the incomplete first line of a session.
  private func isStart(_ bytes: [UInt8]) -> Bool {
    let start = Array("{\"type\":\"session\"".utf8)
    return bytes.count < start.count ? start.starts(with: bytes) : bytes.starts(with: start)
  }

  private func found(_ bytes: [UInt8]) -> String {
    let start = bytes.prefix { $0 != 0x0A }.prefix(24)
    if let text = String(validating: start, as: UTF8.self),
      text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    {
      return "'\(text)'"
    }
    return "\(bytes.count) bytes of another kind"
  }
}
