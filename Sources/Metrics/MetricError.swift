import Terms

/// Why a metric could not be computed.
public struct MetricError: ExplainedError, Equatable {
  /// The parts of ``description``.
  public var facts: ErrorFacts
  /// A suggestion for the user, if there is one.
  public var hint: String? { facts.hint }

  init(_ what: String, at place: String, expected: String, found: String, hint: String? = nil) {
    facts = ErrorFacts(what, at: place, expected: expected, found: found, hint: hint)
  }

  /// Throws unless two lists that belong together have the same length.
  static func checkCounts(_ first: Int, _ second: Int, of what: String) throws(MetricError) {
    guard first != second else { return }
    throw MetricError("lists of different lengths", at: what, expected: "\(first) entries", found: "\(second)")
  }
}
