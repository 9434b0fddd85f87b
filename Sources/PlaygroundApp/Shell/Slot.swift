/// Which of the screen's parts asked for a piece of work.
///
/// There is at most one piece of work a slot: a new effect in a slot supersedes the one before, whose work should be
/// cancelled and whose answer, should it still come, is ignored by its version.
public enum Slot: Sendable, Hashable {
  /// The tokens of a task's prompt.
  case tokens(PlaygroundTask)
  /// The tokens of the prompt for a stream of the Generate tab whose model is not the leading one's.
  case streamTokens(Int)
  /// The tokens of a line of the Translate tab's text.
  case lineTokens
  /// The tokens of the text that is looked for in a task's candidates.
  case searchTokens(PlaygroundTask)
  /// The distribution that a list of candidates shows; `list` tells apart the lists of several masks.
  case candidates(PlaygroundTask, list: Int)
  /// A stream of the Generate tab.
  case stream(Int)
  /// Beam search of the Translate tab.
  case beams
  /// The gaps of the Fill mask tab filled together.
  case fillings
}

/// Says to which request an answer belongs.
public struct Ticket: Sendable, Hashable {
  /// Who asked.
  public var slot: Slot
  /// Grows with every request of the session: an answer to an older one is stale.
  public var version: Int

  /// The request `version` of a slot.
  public init(_ slot: Slot, version: Int) {
    self.slot = slot
    self.version = version
  }
}
