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

  /// One sentence: `WHAT, WHERE: EXPECTED, FOUND`.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read the file, \(path): expected a readable file, found \(reason)"
    case .tooLarge(let path, let bytes, let limit):
      "JSON is too large, \(path ?? "text"): expected at most \(limit) bytes, found \(bytes)"
    case .tooDeep(let position, let limit):
      "JSON nests too deep, \(position): expected at most \(limit) levels, found more"
    case .malformed(let position, let expected, let found):
      "malformed JSON, \(position): expected \(expected), found \(found)"
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
