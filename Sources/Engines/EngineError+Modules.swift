import Checkpoints
import EngineAPI
import Generation
import Models
import Tokenizers

extension EngineError {
  /// The work was cancelled.
  static let cancelled = EngineError(.interrupted, GenerationError.cancelled.facts, hint: nil)

  /// A tokenizer that can't be opened.
  init(_ error: TokenizerError) { self.init(.model, error.facts, hint: error.hint) }

  /// A model that can't be opened, or that can't read what it is given.
  init(_ error: ModelError) {
    let kind: Kind =
      switch error {
      case .emptyInput, .contextExceeded, .tokenOutOfRange: .input
      default: .model
      }
    self.init(kind, error.facts, hint: error.hint)
  }

  /// Text that can't be made or scored.
  init(_ error: GenerationError) {
    switch error {
    case .cancelled: self = .cancelled
    case .model(let error): self.init(error)
    case .flawedLogits: self.init(.model, error.facts, hint: error.hint)
    case .emptyPrompt, .promptTooLong, .noMask, .nothingLeft, .noSuchToken:
      self.init(.input, error.facts, hint: error.hint)
    case .strideOutOfRange: self.init(.usage, error.facts, hint: error.hint)
    }
  }

  /// Any of the errors above, or one that is an engine's already.
  init(any error: any Error) {
    switch error {
    case let error as EngineError: self = error
    case let error as ModelError: self.init(error)
    case let error as GenerationError: self.init(error)
    case let error as TokenizerError: self.init(error)
    case is CancellationError: self = .cancelled
    default: self.init(.resources, "unforeseen failure", at: "the engine", expected: "none", found: "\(error)")
    }
  }

  /// An error of these facts.
  init(_ kind: Kind, _ facts: (what: String, place: String, expected: String, found: String), hint: String?) {
    self.init(kind, facts.what, at: facts.place, expected: facts.expected, found: facts.found, hint: hint)
  }
}
