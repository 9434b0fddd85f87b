import Terms

/// The parts of an error.
public typealias ErrorFacts = Terms.ErrorFacts

/// Why an engine could not do what was asked: facts for a front end to turn into words, and their kind. The facts are
/// read and changed as if they were the error's own: `error.place`.
@dynamicMemberLookup
public struct EngineError: ExplainedError, Hashable {
  /// The kinds of failures, by which a front end decides (an exit code, for instance).
  public enum Kind: Sendable, Hashable {
    /// No such model, or its files can't be read or are broken or not supported.
    case model
    /// The input does not fit the model: too long, no mask, empty.
    case input
    /// A value that the model does not take: an id outside the vocabulary, an option.
    case usage
    /// The work was cancelled.
    case interrupted
    /// Memory or another resource ran out.
    case resources
  }

  /// The kind.
  public var kind: Kind
  /// What went wrong, where, what was expected and found, and what a person can do.
  public var facts: ErrorFacts
  /// What a person can do.
  public var hint: String? {
    get { facts.hint }
    set { facts.hint = newValue }
  }

  /// An error of these facts.
  public init(_ kind: Kind, _ facts: ErrorFacts) {
    self.kind = kind
    self.facts = facts
  }

  /// An error that states its facts, as one of a kind.
  public init(_ kind: Kind, _ error: some ExplainedError) { self.init(kind, error.explanation) }

  /// An error of these parts.
  public init(
    _ kind: Kind, _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil,
    hint: String? = nil
  ) {
    self.init(kind, ErrorFacts(what, at: place, expected: expected, found: found, hint: hint))
  }

  /// One of the facts.
  public subscript<Value>(dynamicMember path: WritableKeyPath<ErrorFacts, Value>) -> Value {
    get { facts[keyPath: path] }
    set { facts[keyPath: path] = newValue }
  }
}
