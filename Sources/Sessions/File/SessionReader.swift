import JSONText
import Platform

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
    _ descriptor: Int32, into session: inout Session, while goesOn: (Int, Session) -> Bool = { _, _ in true }
  ) throws(SessionError) {
    var buffer: [UInt8] = []
    var offset = 0
    let size = 1 << 16
    while true {
      var reason: SystemReason?
      let before = buffer.count
      buffer += [UInt8](unsafeUninitializedCapacity: size) { (chunk, filled) in
        var count = pread(descriptor, chunk.baseAddress, size, off_t(offset))
        while count < 0, errno == EINTR { count = pread(descriptor, chunk.baseAddress, size, off_t(offset)) }
        if count < 0 { reason = .last }
        filled = max(0, count)
      }
      if let reason { throw .unreadable(path: path, reason: reason) }
      guard buffer.count > before else { break }
      offset += buffer.count - before
      buffer.removeFirst(try take(buffer, from: before, &session))
      // Do not search a large foreign file for its first line break.
      if lines == 0, buffer.count > 4_096 || buffer.first != UInt8(ascii: "{") {
        throw .foreign(path: path, found: found(buffer))
      }
      guard buffer.count <= SessionFile.mostLineBytes else {
        throw problem(
          RecordProblem(expected: "lines of at most \(SessionFile.mostLineBytes) bytes", found: "a longer one"))
      }
      guard goesOn(offset, session) else { return }
    }
    // In a session that was just created, even the first line may be incomplete.
    if lines == 0, !isStart(buffer) { throw .foreign(path: path, found: found(buffer)) }
  }

  /// Applies the complete lines of a buffer that has no line break before `start`. Returns their size in bytes.
  private mutating func take(_ buffer: [UInt8], from start: Int, _ session: inout Session) throws(SessionError) -> Int {
    var taken = 0
    var next = start
    while let end = buffer[next...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = buffer[taken..<end]
      taken = end + 1
      next = taken
      if lines == 0 { try readHeader(line, &session) } else { try readLine(line, &session) }
      lines += 1
      wholeBytes += line.count + 1
    }
    return taken
  }

  private func readHeader(_ line: ArraySlice<UInt8>, _ session: inout Session) throws(SessionError) {
    guard let object = try? JSONValue(parsing: Array(line)).object, object["type"]?.string == "session",
      let format = object["format"]?.int
    else { throw .foreign(path: path, found: found(Array(line))) }
    guard format <= SessionFile.format else { throw .newer(path: path, format: format) }
    session.created = object["created"]?.string
  }

  private func readLine(_ line: ArraySlice<UInt8>, _ session: inout Session) throws(SessionError) {
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
