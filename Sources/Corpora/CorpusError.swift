import JSONText
import Terms

/// Why training text could not be read, prepared or written.
public struct CorpusError: ExplainedError, Equatable {
  /// The parts of ``description``.
  public var facts: ErrorFacts
  /// Whether a setting does not fit, and not a file.
  public var isUsage = false
  /// A suggestion for the user, if there is one.
  public var hint: String? { facts.hint }

  init(
    _ what: String, at place: String, expected: String, found: String, hint: String? = nil, isUsage: Bool = false
  ) {
    facts = ErrorFacts(what, at: place, expected: expected, found: found, hint: hint)
    self.isUsage = isUsage
  }

  init(_ error: some ExplainedError) { facts = error.explanation }

  static func setting(_ name: String, expected: String, found: String, hint: String? = nil) -> Self {
    Self("setting does not fit", at: name, expected: expected, found: found, hint: hint, isUsage: true)
  }

  /// A file could not be written.
  static func unwritable(_ path: String, _ reason: SystemReason) -> Self {
    Self(
      "cannot write", at: path, expected: "a place that can be written to", found: "\(reason)",
      hint: reason.hint(.writing))
  }
}
