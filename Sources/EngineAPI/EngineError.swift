/// Why an engine could not do what was asked: facts for a front end to turn into words.
///
/// `description` is one sentence in the form `WHAT, WHERE: EXPECTED, FOUND`; `hint` says what a person can do about it.
public struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
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
  /// What went wrong.
  public var what: String
  /// Where: a path, a tensor, a position.
  public var place: String?
  /// What was expected.
  public var expected: String?
  /// What was found.
  public var found: String?
  /// What a person can do.
  public var hint: String?

  /// An error of these facts.
  public init(
    _ kind: Kind, _ what: String, at place: String? = nil, expected: String? = nil, found: String? = nil,
    hint: String? = nil
  ) {
    self.kind = kind
    self.what = what
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// The sentence, without the hint.
  public var description: String {
    var text = what
    if let place { text += ", \(place)" }
    let facts = [expected.map { "expected \($0)" }, found.map { "found \($0)" }].compactMap(\.self)
    if !facts.isEmpty { text += ": " + facts.joined(separator: ", ") }
    return text
  }
}
