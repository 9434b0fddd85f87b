import JSONText
import Terms

/// Why a tokenizer could not be trained or written.
public struct TokenizerTrainingError: ExplainedError, Equatable {
  /// The parts of ``description``.
  public var facts: ErrorFacts
  /// A suggestion for the user, if there is one.
  public var hint: String? { facts.hint }
  /// Whether an option has a value that does not fit, and not a file.
  public var isUsage: Bool

  init(
    _ what: String, at place: String, expected: String, found: String, hint: String? = nil, isUsage: Bool = false
  ) {
    facts = ErrorFacts(what, at: place, expected: expected, found: found, hint: hint)
    self.isUsage = isUsage
  }

  init(_ facts: ErrorFacts) {
    self.facts = facts
    isUsage = false
  }

  static func setting(_ name: String, expected: String, found: String, hint: String? = nil) -> Self {
    Self("setting does not fit", at: name, expected: expected, found: found, hint: hint, isUsage: true)
  }
}
