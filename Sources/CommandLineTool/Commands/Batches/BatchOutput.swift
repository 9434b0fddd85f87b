import EngineAPI
import JSONText
import Platform

/// Where the answers of a batch go: standard output, or a file that is continued if it has answers already.
///
/// Each answer is one line. A file is locked (`flock`) while answers are written. If the program ends in the middle of a
/// line, the next run drops this line and goes on from there.
final class BatchOutput: Sendable {
  /// The longest answer that is read again, in bytes.
  private static let mostLineBytes = 256 << 20

  /// The path; `nil` for standard output.
  let path: String?
  /// The answers that the file had when it was opened.
  let earlier: [JSONValue]
  private let descriptor: Int32
  private let console: Console

  /// Standard output.
  init(_ console: Console) {
    (path, earlier, descriptor) = (nil, [], -1)
    self.console = console
  }

  /// A file, created if it is missing.
  init(_ path: String, _ console: Console) throws(CommandError) {
    let descriptor = Platform.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o666)
    guard descriptor >= 0 else { throw Self.unwritable(path, .last) }
    do throws(CommandError) {
      earlier = try Self.take(descriptor, path)
    } catch {
      _ = close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    self.console = console
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// Writes an answer as a line.
  func write(_ answer: JSONObject) throws(CommandError) {
    guard let path else { return try console.write(answer) }
    let bytes = Array((JSONValue.object(answer).serialized() + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Platform.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.unwritable(path, .last) }
      done += count
    }
  }

  /// Locks the file, reads its answers, and drops an incomplete last line.
  private static func take(_ descriptor: Int32, _ path: String) throws(CommandError) -> [JSONValue] {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw unwritable(path, "no regular file")
    }
    var result = flock(descriptor, LOCK_EX | LOCK_NB)
    while result != 0, errno == EINTR { result = flock(descriptor, LOCK_EX | LOCK_NB) }
    guard result == 0 else { throw unwritable(path, "another program that is writing it") }
    var answers: [JSONValue] = []
    var line: [UInt8] = []
    var wholeBytes = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Platform.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unwritable(path, .last) }
      if count == 0 { break }
      var rest = buffer[..<count]
      while let end = rest.firstIndex(of: 0x0A) {
        line += rest[..<end]
        answers.append(try answer(line, at: "\(path) line \(answers.count + 1)"))
        wholeBytes += line.count + 1
        line.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      line += rest
      guard line.count <= mostLineBytes else {
        throw foreign("\(path) line \(answers.count + 1)", found: "a line of more than \(mostLineBytes) bytes")
      }
    }
    guard ftruncate(descriptor, off_t(wholeBytes)) == 0, lseek(descriptor, off_t(wholeBytes), SEEK_SET) >= 0 else {
      throw unwritable(path, .last)
    }
    return answers
  }

  private static func answer(_ line: [UInt8], at place: String) throws(CommandError) -> JSONValue {
    guard let value = try? JSONValue(parsing: line), value.object != nil else {
      throw foreign(place, found: "another text")
    }
    return value
  }

  /// The error for a file that has something else than earlier answers to the same prompts.
  static func foreign(_ place: String, expected: String = "an answer", found: String) -> CommandError {
    .engine(
      EngineError(
        .input, "the file is not an unfinished run of this one", at: place, expected: expected, found: found,
        hint: "name another file with -o, or remove this one"))
  }

  private static func unwritable(_ path: String, _ reason: SystemReason) -> CommandError {
    .engine(
      EngineError(
        .resources, "can't write the answers", at: path, expected: "a file with room for all answers",
        found: reason.description, hint: reason.code.map { _ in reason.hint(.writing) }))
  }
}
