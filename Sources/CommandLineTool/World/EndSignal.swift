/// A signal that asks the program to end.
public enum EndSignal: Int32, Sendable, Hashable, CaseIterable {
  /// SIGHUP: the terminal is gone.
  case hangUp = 1
  /// SIGINT: Ctrl-C.
  case interrupt = 2
  /// SIGTERM: somebody asked politely.
  case terminate = 15

  /// The exit code that says which signal ended the program.
  public var exitCode: Int32 { 128 + rawValue }
}
