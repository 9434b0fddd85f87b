import Terms

/// The parts of an error message.
public typealias ErrorFacts = Terms.ErrorFacts

/// Why an engine could not do the requested work: the facts, from which a front end writes a message, and their kind.
/// The facts can be accessed directly, as in `error.place`.
@dynamicMemberLookup
public struct EngineError: ExplainedError, Hashable {
  /// Kinds of failures; a front end derives its exit code from them.
  public enum Kind: Sendable, Hashable {
    /// The model does not exist, is damaged or not supported, or its files cannot be read.
    case model
    /// The input does not fit the model: too long, empty, or without a mask.
    case input
    /// An argument that the model does not accept: an id outside the vocabulary, an unsupported option.
    case usage
    /// The work was cancelled.
    case interrupted
    /// Memory or another resource ran out.
    case resources
  }

  /// The kind of failure.
  public var kind: Kind
  /// What went wrong, where, what was expected and found, and a suggestion.
  public var facts: ErrorFacts
  /// A suggestion for the user.
  public var hint: String? {
    get { facts.hint }
    set { facts.hint = newValue }
  }

  /// An error with these facts.
  public init(_ kind: Kind, _ facts: ErrorFacts) {
    self.kind = kind
    self.facts = facts
  }

  /// An error that wraps another error's facts.
  public init(_ kind: Kind, _ error: some ExplainedError) { self.init(kind, error.explanation) }

  /// An error with these parts.
  public init(
    _ kind: Kind, _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil,
    hint: String? = nil
  ) {
    self.init(kind, ErrorFacts(what, at: place, expected: expected, found: found, hint: hint))
  }

  /// Access to one of the facts.
  public subscript<Value>(dynamicMember path: WritableKeyPath<ErrorFacts, Value>) -> Value {
    get { facts[keyPath: path] }
    set { facts[keyPath: path] = newValue }
  }
}
