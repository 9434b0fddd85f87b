/// Why the process should end; the exit code is 128 plus the signal's number.
public enum TerminationSignal: Int32, Hashable, Sendable {
  /// SIGHUP, or the terminal is gone.
  case hangup = 1
  /// SIGINT from outside; Ctrl-C is a key.
  case interrupt = 2
  /// SIGQUIT.
  case quit = 3
  /// SIGTERM.
  case terminate = 15

  /// 128 plus the signal's number.
  public var exitCode: Int32 { 128 + rawValue }
}
