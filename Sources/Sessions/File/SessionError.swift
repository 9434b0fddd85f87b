import JSONText
import Terms

/// Why a session file cannot be opened, read or written.
public enum SessionError: ExplainedError, Equatable {
  /// The file could not be opened or read.
  case unreadable(path: String, reason: SystemReason)
  /// The file could not be created or written. What was not written is kept.
  case unwritable(path: String, reason: SystemReason)
  /// The file is not a session.
  case foreign(path: String, found: String)
  /// A later version of the program wrote the file.
  case newer(path: String, format: Int)
  /// A line is invalid or does not fit the lines before it. Lines count from 1.
  case damaged(path: String, line: Int, expected: String, found: String)
  /// Another process is writing the session, or the file is write-protected.
  case readOnly(path: String)

  /// The parts of ``description``.
  public var facts: ErrorFacts {
    switch self {
    case .unreadable(let path, let reason):
      ErrorFacts("cannot read the session", at: path, expected: "a readable file", found: "\(reason)")
    case .unwritable(let path, let reason):
      ErrorFacts("cannot save the session", at: path, expected: "a file that can be written", found: "\(reason)")
    case .foreign(let path, let found):
      ErrorFacts("not a session", at: path, expected: "a file that begins with {\"type\":\"session\",…", found: found)
    case .newer(let path, let format):
      ErrorFacts(
        "the session is of a later version", at: path, expected: "format \(SessionFile.format) or lower",
        found: "format \(format)")
    case .damaged(let path, let line, let expected, let found):
      ErrorFacts("the session is damaged", at: "\(path) line \(line)", expected: expected, found: found)
    case .readOnly(let path):
      ErrorFacts(
        "the session is open for reading only", at: path, expected: "no other program that writes it",
        found: "another program, or a write-protected file")
    }
  }

  /// The problem in few words, for a list that names the file.
  public var brief: String {
    switch self {
    case .unreadable(_, let reason): "can't be read: \(reason)"
    case .unwritable(_, let reason): "can't be written: \(reason)"
    case .foreign: "not a session"
    case .newer(_, let format): "of a later version: format \(format)"
    case .damaged(_, let line, let expected, let found): "damaged at line \(line): expected \(expected), found \(found)"
    case .readOnly: "open for reading only"
    }
  }

  /// Whether the file is a session, or may be one: no file of another kind and no folder.
  public var isOfASession: Bool {
    switch self {
    case .foreign: false
    case .unreadable(_, let reason): reason.code != nil
    case .unwritable, .newer, .damaged, .readOnly: true
    }
  }

  /// A suggestion for the user, if there is one.
  public var hint: String? {
    switch self {
    case .unreadable(_, let reason): reason.hint(.reading)
    case .unwritable(_, let reason): reason.hint(.writing)
    case .foreign: "give another file: a session is never written over a file of another kind"
    case .newer: "open it with the version of the program that wrote it, or a later one"
    case .damaged(_, let line, _, _): "the lines before line \(line) can be read: copy them to a new file"
    case .readOnly: "close the other program, or give another file"
    }
  }
}
