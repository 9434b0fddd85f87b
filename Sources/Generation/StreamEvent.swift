import Sampling

/// What a stream tells: some `.prompt`, then `.token`s, then one `.finished` or `.failed`.
public enum StreamEvent: Sendable, Equatable {
  /// So many of the ids that stream started from have been read.
  case prompt(done: Int, total: Int)
  /// A token was made. `text` became final with it; it has no end-of-text and no stop string in it.
  case token(DrawnToken, text: String)
  /// The end, with the text that was held back.
  case finished(TextEnd, text: String)
  /// The end because it can't go on, instead of the other.
  case failed(GenerationError)
}
