/// A terminal: shows grids and delivers events. `CursesScreen` drives a real terminal; tests use one in memory.
@MainActor
public protocol Terminal: AnyObject {
  /// Current columns and rows.
  var size: Size { get }
  /// The color depth.
  var colorDepth: ColorDepth { get }
  /// The characters that the terminal can show.
  var glyphs: Glyphs { get }
  /// Keys, pastes, clicks and sizes in order, for a single consumer. The stream ends when the terminal is restored.
  var events: AsyncStream<InputEvent> { get }
  /// Signals that ask the process to end, for a single consumer: they do not wait behind `events`. The stream ends when
  /// the terminal is restored.
  var signals: AsyncStream<TerminationSignal> { get }
  /// One line to tell at the start: why the terminal shows less than it could. Nil where it does not.
  var notice: String? { get }
  /// Shows a grid. Sends only the differences from the last grid. A grid of another size is clipped.
  func draw(_ grid: CellGrid, theme: Theme)
  /// Releases the screen temporarily, for a child process such as an editor.
  func suspend()
  /// Takes the screen back and sends `.resize`. The next `draw` repaints everything.
  func resume()
  /// Copies text to the user's clipboard, if the terminal allows it.
  func copy(_ text: String)
  /// Turns reports of the mouse on or off.
  func setMouse(_ enabled: Bool)
  /// Restores the terminal to its original state and ends `events`. Safe to call twice.
  func restore()
}

extension Terminal {
  /// Nothing.
  public var notice: String? { nil }
}

/// The number of colors of a terminal.
public enum ColorDepth: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Attributes only: bold, underline, reverse.
  case none
  /// The sixteen colors of the terminal's own palette.
  case ansi16
  /// The 256 colors of xterm.
  case indexed256
  /// Red, green and blue of eight bits each.
  case trueColor

  /// Fewer colors come first.
  public static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }
}

/// An event from the terminal or the system.
public enum InputEvent: Hashable, Sendable {
  /// A key press.
  case key(KeyStroke)
  /// Pasted text; line ends are `\n`. A very large paste arrives in several parts.
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
