import Terms

/// Why JSON text could not be read.
public enum JSONError: ExplainedError, Equatable {
  /// The file could not be opened or read. `reason` is the system's error.
  case unreadable(path: String, reason: SystemReason)
  /// The text is larger than the limit.
  case tooLarge(path: String?, bytes: Int, limit: Int)
  /// Arrays and objects are nested more deeply than the limit.
  case tooDeep(JSONPosition, limit: Int)
  /// A syntax error.
  case malformed(JSONPosition, expected: String, found: String)

  /// The parts of ``description``.
  public var facts: ErrorFacts {
    switch self {
    case .unreadable(let path, let reason):
      ErrorFacts("cannot read the file", at: path, expected: "a readable file", found: "\(reason)")
    case .tooLarge(let path, let bytes, let limit):
      ErrorFacts("JSON is too large", at: path ?? "text", expected: "at most \(limit) bytes", found: "\(bytes)")
    case .tooDeep(let position, let limit):
      ErrorFacts("JSON nests too deep", at: "\(position)", expected: "at most \(limit) levels", found: "more")
    case .malformed(let position, let expected, let found):
      ErrorFacts("malformed JSON", at: "\(position)", expected: expected, found: found)
    }
  }

  /// A suggestion for the user, if there is one.
  public var hint: String? {
    switch self {
    case .unreadable(_, let reason): reason.hint(.reading)
    case .malformed: "the file may be cut off; copy or download it again"
    case .tooLarge, .tooDeep: nil
    }
  }
}

/// A position in JSON text.
public struct JSONPosition: Sendable, Equatable, CustomStringConvertible {
  /// The file that the text came from, if any.
  public var path: String?
  /// The offset in bytes.
  public var offset: Int
  /// The line, counted from 1.
  public var line: Int
  /// The column in bytes, counted from 1.
  public var column: Int

  /// The position `offset` bytes into the text.
  public init(path: String? = nil, offset: Int, in text: UnsafeBufferPointer<UInt8>) {
    self.path = path
    self.offset = offset
    let before = text[..<min(offset, text.count)]
    line = 1 + before.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
  }

  /// For example `config.json line 3 column 5 (byte 41)`.
  public var description: String { (path.map { $0 + " " } ?? "") + "line \(line) column \(column) (byte \(offset))" }
}

/// Limits on the JSON text that is accepted.
public struct JSONLimits: Sendable, Equatable {
  /// The maximum nesting depth of arrays and objects, at most ``deepest``, because the reader is recursive.
  public var depth: Int

  /// The maximum size in bytes.
  public var bytes: Int

  /// The upper bound of ``depth``.
  public static let deepest = 512

  /// The defaults accept every file that comes with a known model (the largest tokenizer has 35 MB).
  public init(depth: Int = 128, bytes: Int = 512 << 20) {
    self.depth = min(max(depth, 0), Self.deepest)
    self.bytes = max(bytes, 0)
  }
}
