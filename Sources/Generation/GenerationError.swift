import Models
import Sampling

/// Why text could not be made or scored: facts, from which the one sentence for people is made.
public enum GenerationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The work was cancelled.
  case cancelled
  /// The model refused what it was given.
  case model(ModelError)
  /// There is nothing to go on from: no ids, and the model names no beginning-of-text token.
  case emptyPrompt
  /// The prompt alone is longer than the model's context.
  case promptTooLong(limit: Int, found: Int)
  /// The input has no mask token.
  case noMask(maskID: Int)
  /// The model's logits are no distribution: those that predict the token at a position, counted from 0.
  case flawedLogits(LogitFlaw, position: Int)
  /// Every token that could stand at a position is suppressed.
  case nothingLeft(position: Int)
  /// A token that something names is not one of the model's.
  case noSuchToken(id: Int, place: String, vocabulary: Int)
  /// The window's stride leaves tokens without anything that predicts them.
  case strideOutOfRange(limit: Int, found: Int)

  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String {
    let facts = facts
    return "\(facts.what), \(facts.place): expected \(facts.expected), found \(facts.found)"
  }

  /// The parts of the sentence.
  public var facts: (what: String, place: String, expected: String, found: String) {
    switch self {
    case .cancelled: ("interrupted", "the work", "no request to stop before its end", "one")
    case .model(let error): error.facts
    case .emptyPrompt:
      ("empty prompt", "the prompt", "at least one token", "none and no beginning-of-text token")
    case .promptTooLong(let limit, let found):
      ("prompt longer than the context", "the prompt", "at most \(limit) tokens", "\(found)")
    case .noMask(let maskID): ("no mask", "the text", "the mask token (id \(maskID))", "none")
    case .flawedLogits(let flaw, let position):
      ("the model's logits are no numbers", "position \(position)", "finite numbers", flaw.words)
    case .nothingLeft(let position):
      ("every token is suppressed", "position \(position)", "at least one that may come", "none")
    case .noSuchToken(let id, let place, let vocabulary):
      ("no such token", place, "an id from 0 to \(vocabulary - 1)", "\(id)")
    case .strideOutOfRange(let limit, let found): ("stride out of range", "--stride", "1 to \(limit)", "\(found)")
    }
  }

  /// What a person can do about it.
  public var hint: String? {
    switch self {
    case .model(let error): error.hint
    case .emptyPrompt: "give a text to go on from"
    case .promptTooLong: "shorten the prompt"
    case .noMask: "write the model's mask token where a word is missing"
    case .flawedLogits: "the weights are broken, or overflow in this number format"
    case .nothingLeft: "penalties, biases and what generation_config.json suppresses leave no token"
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
