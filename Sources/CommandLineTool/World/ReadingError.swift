/// Why the bytes of a text could not be read.
public enum ReadingError: Error, Sendable, Hashable {
  /// The system's reason: no such file, a folder, not allowed.
  case unreadable(String)
  /// There are more bytes than the limit.
  case tooLarge
  /// The command was asked to end while it read.
  case interrupted
}
