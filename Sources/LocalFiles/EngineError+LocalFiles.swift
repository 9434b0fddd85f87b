import EngineAPI

extension EngineError {
  /// A failure of files in the words of engines, for front ends that show both alike.
  public init(_ error: LocalFilesError) {
    let facts = error.facts
    let kind: Kind =
      switch error {
      case .modelNotFound, .notAModelFolder: .model
      case .themeNotFound: .usage
      case .unreadable, .unwritable, .tooLarge, .notUTF8, .noHome: .resources
      }
    self.init(kind, facts.what, at: facts.place, expected: facts.expected, found: facts.found, hint: error.hint)
  }

  /// A problem of the configuration file in the words of engines.
  public init(_ problem: ConfigurationProblem) {
    let facts = problem.facts
    self.init(.usage, facts.what, at: facts.place, expected: facts.expected, found: facts.found, hint: problem.hint)
  }
}
