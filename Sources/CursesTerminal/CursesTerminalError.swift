import TerminalUI

/// Why a screen cannot be taken.
public enum CursesTerminalError: Error, Equatable, CustomStringConvertible {
  /// Standard input or output is not a terminal.
  case notATerminal(stream: String)
  /// The variable TERM is not set.
  case noType
  /// TERM names a terminal that is not described on this machine.
  case unknownType(String)
  /// The terminal cannot place its cursor: `dumb` and its like.
  case incapable(String)
  /// The terminal is smaller than the program can work in.
  case tooSmall(found: Size, needed: Size)
  /// ncurses could not begin.
  case cannotStart(String)

  /// One sentence: what, where, what was expected and what was found.
  public var description: String {
    switch self {
    case .notATerminal(let stream):
      "the screen needs a terminal, \(stream): expected a terminal, found a file or pipe"
    case .noType:
      "the type of the terminal is unknown, TERM: expected a name such as xterm-256color, found nothing"
    case .unknownType(let type):
      "the type of the terminal is unknown, TERM: expected a name in terminfo, found \(visible(type).fitted(to: 40))"
    case .incapable(let type):
      "the terminal cannot show a screen, TERM: expected one that moves its cursor, found \(visible(type).fitted(to: 40))"
    case .tooSmall(let found, let needed):
      "the terminal is too small, window: expected at least \(needed.width)×\(needed.height), "
        + "found \(found.width)×\(found.height)"
    case .cannotStart(let type):
      "the screen cannot be taken, ncurses: expected it to start on \(visible(type).fitted(to: 40)), found an error"
    }
  }

  /// What a person can do.
  public var hint: String? {
    switch self {
    case .notATerminal: "the other commands work in pipes: see triptych --help"
    case .noType, .unknownType: "set TERM to what the terminal really is, xterm-256color for most"
    case .incapable: "use another terminal, or the commands that print: see triptych --help"
    case .tooSmall: "make the window larger"
    case .cannotStart: nil
    }
  }
}
