import TerminalUI

/// How a session ends.
enum Ending: Equatable {
  /// The person left, with this exit code.
  case left(code: Int32)
  /// The process was asked from outside.
  case signal(TerminationSignal)

  /// The process's exit code.
  var exitCode: Int32 {
    switch self {
    case .left(let code): code
    case .signal(let signal): signal.exitCode
    }
  }
}
