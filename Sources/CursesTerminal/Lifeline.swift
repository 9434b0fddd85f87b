import CNCurses
import CShortage
import TerminalUI

/// Whatever ends the process, the terminal is given back as it was found. The one place that talks to `lifeline.h`.
@MainActor
enum Lifeline {
  /// Signals that arrive as events.
  static let watched: [Int32] = [SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT]

  /// Remembers the terminal's modes and the bytes that bring its screen back. From now on crashes restore it, and the
  /// watched signals go into a pipe, one byte each. Comes before ncurses begins, which handles only signals that
  /// nobody else does.
  ///
  /// - Returns: The descriptor to read the signals from; negative when there is none.
  static func prepare(restoring bytes: String) -> Int32 {
    cn_remember_modes()
    setRestore(bytes)
    cs_watch()
    cs_set_farewell { cn_give_back() }
    cn_give_back_at_exit()
    let descriptor = cn_open_signal_pipe()
    if descriptor >= 0 { watched.forEach(cn_watch_signal) }
    return descriptor
  }

  private static func setRestore(_ bytes: String) {
    let bytes = Array(bytes.utf8)
    bytes.withUnsafeBytes { cn_set_restore($0.baseAddress, $0.count) }
  }

  /// Says whether the screen is taken now.
  static func setActive(_ active: Bool) { cn_set_active(active) }

  /// Writes to the terminal, past ncurses.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { cn_write($0.baseAddress, $0.count) }
  }

  /// Begins to watch one signal.
  static func watch(_ signal: Int32) { cn_watch_signal(signal) }

  /// Gives one signal its usual effect back.
  static func unwatch(_ signal: Int32) { cn_unwatch_signal(signal) }

  /// Gives all signals their usual effect back.
  static func release() {
    watched.forEach(cn_unwatch_signal)
    cs_set_farewell(nil)
  }
}
