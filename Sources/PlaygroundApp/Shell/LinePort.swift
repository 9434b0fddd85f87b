import TerminalUI

/// Lines in and lines out: what the playground runs on if it has no screen.
public struct LinePort: Sendable {
  /// What comes in.
  public enum Input: Sendable, Equatable {
    /// A line, without its line break.
    case line(String)
    /// The end; the playground leaves with this exit code.
    case end(code: Int32)
  }

  /// Reads the next line.
  public var next: @Sendable () async -> Input
  /// Writes lines. Returns the exit code to leave with if they can't be written, otherwise `nil`.
  public var write: @Sendable ([String]) -> Int32?
  /// The signals that ask the process to end.
  public var signals: @Sendable () -> AsyncStream<TerminationSignal>
  /// Whether a person types the lines. Otherwise each line waits until the one before it is done.
  public var isInteractive: Bool

  /// Called when the lines end and one of them failed: the playground leaves with exit code 1.
  public var didFail: @Sendable () -> Void

  /// A port.
  public init(
    next: @escaping @Sendable () async -> Input, write: @escaping @Sendable ([String]) -> Int32?,
    signals: @escaping @Sendable () -> AsyncStream<TerminationSignal>, isInteractive: Bool,
    didFail: @escaping @Sendable () -> Void = {}
  ) {
    self.next = next
    self.write = write
    self.signals = signals
    self.isInteractive = isInteractive
    self.didFail = didFail
  }

  /// The size of the screen that the playground arranges its panes for: all panes of a tab are on it.
  public static let size = Size(120, 30)
}

/// The answers to lines, such as a list of words.
struct LineReplies: Sendable, Equatable {
  /// The number of answers so far.
  var number = 0
  /// The latest answer.
  var lines: [String] = []
}
