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
    /// The work was canceled.
    case interrupted
    /// Memory or another resource ran out.
    case resources
  }

  /// The kind of failure.
  public var kind: Kind
  /// What went wrong, where, what was expected and found, and a suggestion.
  public var facts: ErrorFacts
  /// The settings that the error refers to. A front end adds how to change each of them.
  public var settings: [EngineSetting]
  /// A suggestion for the user.
  public var hint: String? {
    get { facts.hint }
    set { facts.hint = newValue }
  }

  /// An error with these facts.
  public init(_ kind: Kind, _ facts: ErrorFacts, settings: [EngineSetting] = []) {
    self.kind = kind
    self.facts = facts
    self.settings = settings
  }

  /// An error that wraps another error's facts.
  /// - Parameter place: where it went wrong, in place of the other error's place.
  public init(_ kind: Kind, _ error: some ExplainedError, at place: String? = nil, settings: [EngineSetting] = []) {
    self.init(kind, error.explanation, settings: settings)
    if let place { facts.place = place }
  }

  /// An error with these parts.
  public init(
    _ kind: Kind, _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil,
    hint: String? = nil, settings: [EngineSetting] = []
  ) {
    self.init(
      kind, ErrorFacts(what, at: place, expected: expected, found: found, hint: hint), settings: settings)
  }

  /// Access to one of the facts.
  public subscript<Value>(dynamicMember path: WritableKeyPath<ErrorFacts, Value>) -> Value {
    get { facts[keyPath: path] }
    set { facts[keyPath: path] = newValue }
  }
}

/// A setting of a request that an error can refer to. Engines do not know how the user changes it: with an option, a
/// key or a line of a file.
public enum EngineSetting: Sendable, Hashable, CaseIterable {
  /// The number of compute threads.
  case threads
  /// The stride of a sliding window.
  case stride
  /// The language to translate from.
  case sourceLanguage
  /// The language to translate to.
  case targetLanguage
  /// The prefix that tells a model its task.
  case taskPrefix
  /// The folder that is written.
  case outputFolder
  /// Whether a folder with a model in it is replaced.
  case replacing
  /// The number of prompt tokens of a benchmark.
  case promptTokens
  /// The number of new tokens.
  case newTokens
  /// A chat template in place of the model's own.
  case chatTemplate
  /// The name of one of the model's chat templates.
  case chatTemplateName
  /// Whether the oldest turns of a dialogue are left out when the context is full.
  case dropOldest
  /// The changes of a model's activations.
  case changes
}
