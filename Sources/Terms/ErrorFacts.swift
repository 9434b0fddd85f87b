/// The parts of an error. They are joined into a sentence only where the error is shown.
public struct ErrorFacts: Sendable, Hashable {
  /// What went wrong.
  public var what: String
  /// Where: a path, a tensor, a position, an option.
  public var place: String?
  /// What was expected.
  public var expected: String?
  /// What was found.
  public var found: String?
  /// What a person can do about it.
  public var hint: String?

  /// The parts of an error.
  public init(
    _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil, hint: String? = nil
  ) {
    self.what = what
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// The same place and findings under another name.
  public func renamed(_ what: String) -> ErrorFacts {
    var facts = self
    facts.what = what
    return facts
  }

  /// One sentence, without the hint: `WHAT, WHERE: expected EXPECTED, found FOUND`. A part that is missing is left out.
  public var sentence: String {
    var text = what
    if let place { text += ", \(place)" }
    let facts = [expected.map { "expected \($0)" }, found.map { "found \($0)" }].compactMap(\.self)
    if !facts.isEmpty { text += ": " + facts.joined(separator: ", ") }
    return text
  }
}

/// An error that states its parts. Its description is the sentence that they make.
public protocol ExplainedError: Error, Sendable, CustomStringConvertible {
  /// What went wrong, where, what was expected and what was found.
  var facts: ErrorFacts { get }
  /// What a person can do about it, if there is something.
  var hint: String? { get }
}

extension ExplainedError {
  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String { facts.sentence }

  /// The facts with the hint.
  public var explanation: ErrorFacts {
    var facts = facts
    facts.hint = hint
    return facts
  }
}
