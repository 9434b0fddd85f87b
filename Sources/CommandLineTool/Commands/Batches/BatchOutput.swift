import EngineAPI
import JSONText
import Sessions

/// Where the answers of a batch go: standard output, or a file that is continued if it has answers already.
///
/// Each answer is one line. A file is locked while answers are written (``LineFile``). If the program ends in the
/// middle of a line, the next run drops this line and goes on from there.
final class BatchOutput: Sendable {
  /// The answers that the file had when it was opened.
  let earlier: [JSONValue]
  /// The path; `nil` for standard output.
  var path: String? { file?.path }
  private let file: LineFile?
  private let console: Console

  /// Standard output.
  init(_ console: Console) {
    (file, earlier) = (nil, [])
    self.console = console
  }

  /// A file, created if it is missing.
  init(_ path: String, _ console: Console) throws(CommandError) {
    do throws(LineFile.Problem) {
      file = try LineFile(path, .writing(permissions: 0o666))
    } catch {
      throw Self.unwritable(path, error.reason)
    }
    self.console = console
    earlier = try file.map { file throws(CommandError) in try Self.take(file) } ?? []
  }

  /// Writes an answer as a line.
  func write(_ answer: JSONObject) throws(CommandError) {
    guard let file else { return try console.write(answer) }
    file.append(answer)
    do throws(LineFile.Problem) {
      try file.flush()
    } catch {
      throw Self.unwritable(file.path, error.reason)
    }
  }

  /// Reads the answers of a file, and drops an incomplete last line.
  private static func take(_ file: LineFile) throws(CommandError) -> [JSONValue] {
    guard file.isLocked else { throw unwritable(file.path, "another program that is writing it") }
    var answers: [JSONValue] = []
    var splitter = LineSplitter()
    var offset = 0
    while true {
      let part: [UInt8]
      do throws(LineFile.Problem) {
        part = try file.part(from: offset)
      } catch {
        throw unwritable(file.path, error.reason)
      }
      guard !part.isEmpty else { break }
      offset += part.count
      try splitter.add(part) { (line) throws(CommandError) in
        answers.append(try answer(Array(line), at: "\(file.path) line \(answers.count + 1)"))
      }
      guard splitter.rest.count <= SessionFile.mostLineBytes else {
        throw foreign(
          "\(file.path) line \(answers.count + 1)", found: "a line of more than \(SessionFile.mostLineBytes) bytes")
      }
    }
    do throws(LineFile.Problem) {
      try file.cut(to: splitter.wholeBytes)
    } catch {
      throw unwritable(file.path, error.reason)
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

extension LineFile.Problem {
  /// What the system said.
  fileprivate var reason: SystemReason {
    switch self {
    case .unreadable(let reason), .unwritable(let reason): reason
    }
  }
}
