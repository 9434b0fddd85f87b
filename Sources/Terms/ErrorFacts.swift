/// The parts of an error. They are joined to a sentence only when the error is shown.
public struct ErrorFacts: Sendable, Hashable {
  /// What went wrong.
  public var what: String
  /// Where it went wrong: a path, a tensor, a position, an option.
  public var place: String?
  /// What was expected.
  public var expected: String?
  /// What was found.
  public var found: String?
  /// A suggestion for the user.
  public var hint: String?

  /// An error with these parts.
  public init(
    _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil, hint: String? = nil
  ) {
    self.what = what
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// The same parts with another `what`.
  public func renamed(_ what: String) -> ErrorFacts {
    var facts = self
    facts.what = what
    return facts
  }

  /// One sentence without the hint: `WHAT, WHERE: expected EXPECTED, found FOUND`. Missing parts are left out.
  public var sentence: String {
    var text = what
    if let place { text += ", \(place)" }
    let facts = [expected.map { "expected \($0)" }, found.map { "found \($0)" }].compactMap(\.self)
    if !facts.isEmpty { text += ": " + facts.joined(separator: ", ") }
    return text
  }
}

/// An error that consists of parts; its description joins them to a sentence.
public protocol ExplainedError: Error, Sendable, CustomStringConvertible {
  /// What went wrong, where, what was expected and what was found.
  var facts: ErrorFacts { get }
  /// A suggestion for the user, if there is one.
  var hint: String? { get }
}

extension ExplainedError {
  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String { facts.sentence }

  /// The parts including the hint.
  public var explanation: ErrorFacts {
    var facts = facts
    facts.hint = hint
    return facts
  }
}
