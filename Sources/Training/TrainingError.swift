import Terms

/// Why a model cannot be trained or a run cannot go on.
public struct TrainingError: ExplainedError, Hashable {
  /// What the error is about, from which the exit code of a command follows.
  public enum Kind: Sendable, Hashable {
    /// The model or its files.
    case model
    /// The examples.
    case data
    /// The options.
    case usage
    /// Memory or the disk.
    case resources
    /// The run was interrupted before there was anything to keep.
    case interrupted
  }

  /// What the error is about.
  public var kind: Kind
  /// What went wrong, where, what was expected and found.
  public var facts: ErrorFacts
  /// A suggestion.
  public var hint: String? { facts.hint }

  /// An error with these parts.
  public init(
    _ kind: Kind, _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil,
    hint: String? = nil
  ) {
    self.kind = kind
    facts = ErrorFacts(what, at: place, expected: expected, found: found, hint: hint)
  }

  /// Another error's facts.
  /// - Parameter place: where it went wrong, in place of the other error's place.
  public init(_ kind: Kind, _ error: some ExplainedError, at place: String? = nil) {
    self.kind = kind
    facts = error.explanation
    if let place { facts.place = place }
  }
}
