import EngineAPI
import Models
import Sampling
import Terms

/// Why text could not be generated or scored. Errors carry facts; ``facts`` makes the sentence for the user.
public enum GenerationError: ExplainedError, Equatable {
  /// The work was canceled.
  case cancelled
  /// The model refused its input.
  case model(ModelError)
  /// The prompt has no ids, and the model has no beginning-of-text token to start from.
  case emptyPrompt
  /// The prompt alone is longer than the model's context.
  case promptTooLong(limit: Int, found: Int)
  /// The input has no mask token.
  case noMask(maskID: Int)
  /// The logits that predict the token at `position` (from 0) do not define a distribution.
  case flawedLogits(LogitFlaw, position: Int)
  /// Every token that could stand at a position is suppressed.
  case nothingLeft(position: Int)
  /// A setting names a token id that is not in the model's vocabulary.
  case noSuchToken(id: Int, place: String, vocabulary: Int)
  /// The stride of the scoring window is too large: some tokens would have no context.
  case strideOutOfRange(limit: Int, found: Int)
  /// The context of the model holds one token, so that no token of a text of `found` tokens can be predicted.
  case contextTooShort(limit: Int, found: Int)

  /// The parts of the sentence.
  public var facts: ErrorFacts {
    switch self {
    case .cancelled:
      ErrorFacts("interrupted", at: "the work", expected: "no interruption", found: "one")
    case .model(let error): error.facts
    case .emptyPrompt:
      ErrorFacts(
        "empty prompt", at: "the prompt", expected: "at least one token", found: "none and no beginning-of-text token")
    case .promptTooLong(let limit, let found):
      ErrorFacts(
        "prompt longer than the context", at: "the prompt", expected: "at most \(limit) tokens", found: "\(found)")
    case .noMask(let maskID):
      ErrorFacts("no mask", at: "the text", expected: "the mask token (id \(maskID))", found: "none")
    case .flawedLogits(let flaw, let position):
      ErrorFacts(
        "the model's logits are not finite", at: "position \(position)", expected: "finite numbers", found: flaw.words)
    case .nothingLeft(let position):
      ErrorFacts(
        "every token is suppressed", at: "position \(position)", expected: "at least one allowed token", found: "none")
    case .noSuchToken(let id, let place, let vocabulary):
      ErrorFacts("no such token", at: place, expected: "an id from 0 to \(vocabulary - 1)", found: "\(id)")
    case .strideOutOfRange(let limit, let found):
      ErrorFacts("stride out of range", at: "the sliding window", expected: "1 to \(limit)", found: "\(found)")
    case .contextTooShort(let limit, let found):
      ErrorFacts(
        "the context is too short to score the text", at: "the text", expected: "at most \(limit) token",
        found: "\(found)")
    }
  }

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .model(let error): error.hint
    case .emptyPrompt: "give a text to continue"
    case .promptTooLong: "shorten the prompt"
    case .noMask: "write the model's mask token where a word is missing"
    case .flawedLogits: "the weights are broken, or overflow in this number format"
    case .nothingLeft: "penalties, biases and what generation_config.json suppresses leave no token"
    case .contextTooShort: "choose a model with a context of at least two tokens"
    case .cancelled, .noSuchToken, .strideOutOfRange: nil
    }
  }
}

extension LogitFlaw {
  /// For an error: what was found.
  fileprivate var words: String {
    switch self {
    case .notANumber(let id): "NaN for token \(id)"
    case .infinite(let id): "infinity for token \(id)"
    case .nothingFinite: "-infinity for every token"
    }
  }
}

extension EngineError {
  /// The work was canceled.
  public static let cancelled = EngineError(.interrupted, GenerationError.cancelled)

  /// A model that can't be opened, or that can't read what it is given.
  public init(_ error: ModelError) {
    let kind: Kind =
      switch error {
      case .emptyInput, .contextExceeded, .tokenOutOfRange, .typeOutOfRange: .input
      default: .model
      }
    self.init(kind, error)
  }

  /// Text that can't be made or scored.
  public init(_ error: GenerationError) {
    switch error {
    case .cancelled: self = .cancelled
    case .model(let error): self.init(error)
    case .flawedLogits: self.init(.model, error)
    case .emptyPrompt, .promptTooLong, .noMask, .nothingLeft, .noSuchToken, .contextTooShort:
      self.init(.input, error)
    case .strideOutOfRange: self.init(.usage, error, settings: [.stride])
    }
  }
}
