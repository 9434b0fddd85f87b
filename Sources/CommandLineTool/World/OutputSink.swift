/// Where bytes go: standard output, standard error, or a test's memory.
public protocol OutputSink: Sendable {
  /// Writes all bytes, in order, before it returns.
  func write(_ bytes: [UInt8]) throws(OutputError)
}

/// Why bytes could not be written.
public enum OutputError: Error, Sendable, Hashable {
  /// The reader at the other end of the pipe is gone.
  case closed
  /// Another reason, in the system's words.
  case failed(String)
}
