import Terms

/// Why a template could not be parsed or rendered.
public struct TemplateError: ExplainedError, Equatable {
  /// The kinds of failure.
  public enum Kind: String, Sendable {
    /// The text is not a valid template.
    case syntax
    /// An operation on values that do not support it.
    case runtime
    /// The template called `raise_exception`; ``TemplateError/what`` is its message.
    case raised
    /// A limit of ``TemplateLimits`` was reached.
    case limit
    /// The request to a chat template is invalid.
    case request
  }

  /// The kind of failure.
  public var kind: Kind
  /// What is wrong; for ``Kind/raised``, the message from the template.
  public var what: String
  /// The position in the template.
  public var place: TemplatePlace?
  /// What was expected.
  public var expected: String
  /// What was found.
  public var found: String
  /// A suggestion for the user, if there is one.
  public var hint: String?

  /// An error with these facts.
  public init(
    _ kind: Kind, _ what: String, at place: TemplatePlace? = nil, expected: String, found: String, hint: String? = nil
  ) {
    self.kind = kind
    self.what = what
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What is wrong; the place is the position in the template, or `chat template`.
  public var facts: ErrorFacts {
    ErrorFacts(what, at: place.map { "\($0)" } ?? "chat template", expected: expected, found: found)
  }

  /// A run-time error. The renderer adds the position.
  static func runtime(_ what: String, expected: String, found: String, hint: String? = nil) -> TemplateError {
    TemplateError(.runtime, what, expected: expected, found: found, hint: hint)
  }
}

/// A position in the text of a template.
public struct TemplatePlace: Equatable, Sendable, CustomStringConvertible {
  /// The line, counted from 1.
  public var line: Int
  /// The column in code points, counted from 1.
  public var column: Int

  /// The position of a byte in a text whose lines end with `\n`.
  init(offset: Int, in source: [UInt8]) {
    let before = source[..<min(max(offset, 0), source.count)]
    line = 1 + before.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    column = 1 + before[start...].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  /// For example `template line 3 column 5`.
  public var description: String { "template line \(line) column \(column)" }
}
