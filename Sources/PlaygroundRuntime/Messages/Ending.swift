import TerminalUI

/// How a session ends.
enum Ending: Equatable {
  /// The user left, with this exit code.
  case left(code: Int32)
  /// A signal asked the process to end.
  case signal(TerminationSignal)

  /// The process's exit code.
  var exitCode: Int32 {
    switch self {
    case .left(let code): code
    case .signal(let signal): signal.exitCode
    }
  }
}
