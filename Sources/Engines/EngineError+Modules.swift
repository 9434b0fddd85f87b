import Checkpoints
import EngineAPI
import Generation
import Models
import Tokenizers

extension EngineError {
  /// The work was cancelled.
  static let cancelled = EngineError(.interrupted, "interrupted")

  /// A tokenizer that can't be opened.
  init(_ error: TokenizerError) { self.init(.model, sentence: error.description, hint: error.hint) }

  /// A model that can't be opened, or that can't read what it is given.
  init(_ error: ModelError) {
    let kind: Kind =
      switch error {
      case .emptyInput, .contextExceeded, .tokenOutOfRange: .input
      default: .model
      }
    self.init(kind, sentence: error.description, hint: error.hint)
  }

  /// Text that can't be made or scored.
  init(_ error: GenerationError) {
    switch error {
    case .cancelled: self = .cancelled
    case .model(let error): self.init(error)
    case .flawedLogits: self.init(.model, sentence: error.description, hint: error.hint)
    case .emptyPrompt, .promptTooLong, .noMask, .nothingLeft, .noSuchToken:
      self.init(.input, sentence: error.description, hint: error.hint)
    case .strideOutOfRange: self.init(.usage, sentence: error.description, hint: error.hint)
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
    default: self.init(.resources, "\(error)")
    }
  }

  /// The parts of a sentence in the form that all modules' errors have, `WHAT, WHERE: expected EXPECTED, found FOUND`,
  /// so that a dialogue can show them one by one. A sentence of another form is kept whole.
  init(_ kind: Kind, sentence: String, hint: String?) {
    guard let colon = sentence.firstRange(of: ": expected "),
      let found = sentence[colon.upperBound...].ranges(of: ", found ").last
    else {
      self.init(kind, sentence, hint: hint)
      return
    }
    let subject = sentence[..<colon.lowerBound].split(separator: ", ", maxSplits: 1).map(String.init)
    self.init(
      kind, subject.first ?? sentence, at: subject.count > 1 ? subject[1] : nil,
      expected: String(sentence[colon.upperBound..<found.lowerBound]), found: String(sentence[found.upperBound...]),
      hint: hint)
  }
}
