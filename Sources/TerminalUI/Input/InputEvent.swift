/// An event from the terminal or the system.
public enum InputEvent: Hashable, Sendable {
  /// A key press.
  case key(KeyStroke)
  /// Pasted text; line ends are `
  /// `. A very large paste arrives in several parts.
  case paste(String)
  /// The terminal was resized.
  case resize(Size)
  /// A mouse event.
  case mouse(MouseEvent)
  /// The window gained or lost the focus.
  case focus(Bool)
  /// A signal asked the process to end.
  case signal(TerminationSignal)
}

/// A click, drag or scroll of the mouse.
public struct MouseEvent: Hashable, Sendable {
  /// The action.
  public enum Action: Hashable, Sendable {
    /// A button was pressed (0 left, 1 middle, 2 right) or released, or the mouse moved with the button held.
    case press(Int), release(Int), drag(Int)
    /// The wheel turned.
    case scrollUp, scrollDown
  }

  /// The action.
  public let action: Action
  /// The cell under the pointer.
  public let point: Point
  /// The modifier keys held.
  public let modifiers: Modifiers

  /// Creates an event.
  public init(_ action: Action, at point: Point, _ modifiers: Modifiers = []) {
    self.action = action
    self.point = point
    self.modifiers = modifiers
  }
}

/// A signal that asks the process to end. The exit code is 128 plus its number.
public enum TerminationSignal: Int32, Hashable, Sendable {
  /// SIGHUP, or the terminal was closed.
  case hangup = 1
  /// SIGINT from another process; Ctrl-C is a key.
  case interrupt = 2
  /// SIGQUIT.
  case quit = 3
  /// SIGTERM.
  case terminate = 15

  /// 128 plus the signal's number.
  public var exitCode: Int32 { 128 + rawValue }
}
