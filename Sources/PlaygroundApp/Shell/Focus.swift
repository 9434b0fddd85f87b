/// The panes that can have the focus. Which of them stand on the screen depends on the task and the terminal's size.
enum Focus: Sendable, Hashable {
  /// The prompt.
  case prompt
  /// The candidates of the Generate and the Translate tab.
  case candidates
  /// A stream, by its place from the left.
  case stream(Int)
  /// The candidates of a mask, by its place in the text.
  case mask(Int)
  /// The gaps filled together.
  case together
  /// The text of the chosen beam.
  case translation
  /// The list of beams.
  case beams

  /// Whether it is the candidates of a mask.
  var isMask: Bool { if case .mask = self { true } else { false } }

  /// The context whose keys count.
  var keyContext: KeyContext {
    switch self {
    case .prompt: .prompt
    case .candidates: .candidates
    case .stream: .stream
    case .mask: .mask
    case .together: .together
    case .translation: .translation
    case .beams: .beams
    }
  }
}

/// Which text's cursor the candidates of the Generate tab belong to.
enum CandidateSource: Sendable, Hashable {
  /// The prompt's.
  case prompt
  /// A stream's, by its place from the left.
  case stream(Int)
}
