/// Why a JSON text could not be read.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be opened or read; `reason` is the system's word for it.
  case unreadable(path: String, reason: String)
  /// The text has more bytes than the limit.
  case tooLarge(path: String?, bytes: Int, limit: Int)
  /// Arrays and objects nest deeper than the limit.
  case tooDeep(JSONPosition, limit: Int)
  /// The text breaks the grammar.
  case malformed(JSONPosition, expected: String, found: String)

  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String {
    let facts = facts
    return "\(facts.what), \(facts.place): expected \(facts.expected), found \(facts.found)"
  }

  /// The parts of the sentence.
  public var facts: (what: String, place: String, expected: String, found: String) {
    switch self {
    case .unreadable(let path, let reason): ("cannot read the file", path, "a readable file", reason)
    case .tooLarge(let path, let bytes, let limit):
      ("JSON is too large", path ?? "text", "at most \(limit) bytes", "\(bytes)")
    case .tooDeep(let position, let limit):
      ("JSON nests too deep", "\(position)", "at most \(limit) levels", "more")
    case .malformed(let position, let expected, let found): ("malformed JSON", "\(position)", expected, found)
    }
  }

  /// What a person can do about it.
  public var hint: String? {
    switch self {
    case .unreadable: "check the path and its permissions"
    case .malformed: "the file may be cut off; copy or download it again"
    case .tooLarge, .tooDeep: nil
    }
  }
}
