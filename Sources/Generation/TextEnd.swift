/// Why a text ended.
public enum TextEnd: Sendable, Hashable {
  /// A stop string stands in it.
  case stop
  /// The limit of tokens or the context's end was reached.
  case length
  /// The limit of time was reached.
  case time
  /// An end-of-text token was made.
  case endOfText
  /// It was interrupted.
  case interrupted
}
