/// What comes from the terminal and its world.
public enum InputEvent: Hashable, Sendable {
  /// A key was struck.
  case key(KeyStroke)
  /// Text was pasted; newlines are `\n`. A very large paste comes in several parts.
  case paste(String)
  /// The terminal has another size.
  case resize(Size)
  /// The mouse did something.
  case mouse(MouseEvent)
  /// The terminal's window got or lost the focus.
  case focus(Bool)
  /// The process was asked from outside to end.
  case signal(TerminationSignal)
}
