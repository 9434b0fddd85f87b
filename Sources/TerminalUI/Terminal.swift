/// A terminal as the app's loop sees it: grids go out, events come in. `CursesScreen` talks to a real one; tests use
/// one in memory.
@MainActor
public protocol Terminal: AnyObject {
  /// Columns and rows now.
  var size: Size { get }
  /// How many colours it shows.
  var colorDepth: ColorDepth { get }
  /// The signs it can show.
  var glyphs: Glyphs { get }
  /// Everything that happens, in order. One loop reads it; it ends when the terminal is restored.
  var events: AsyncStream<InputEvent> { get }
  /// Shows a grid: only what differs from the last one is sent. A grid of another size is clipped.
  func draw(_ grid: CellGrid, theme: Theme)
  /// Gives the screen back for a while, for a child process such as an editor.
  func suspend()
  /// Takes the screen again and draws everything anew at the next `draw`; sends `.resize`.
  func resume()
  /// Puts text on the clipboard of the person's machine, where the terminal allows it.
  func copy(_ text: String)
  /// Turns reports of the mouse on or off.
  func setMouse(_ enabled: Bool)
  /// Gives the terminal back as it was found. Safe to call twice; ends `events`.
  func restore()
}

/// How many colours a terminal shows.
public enum ColorDepth: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Attributes only: bold, underline, reverse.
  case none
  /// The sixteen colours of the terminal's own palette.
  case ansi16
  /// The 256 colours of xterm.
  case indexed256
  /// Red, green and blue of eight bits each.
  case trueColor

  /// Fewer colours come first.
  public static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }
}

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

/// A move, click or turn of the mouse.
public struct MouseEvent: Hashable, Sendable {
  /// What happened.
  public enum Action: Hashable, Sendable {
    /// A button went down (0 left, 1 middle, 2 right), came up, or the mouse moved with it held.
    case press(Int), release(Int), drag(Int)
    /// The wheel turned.
    case scrollUp, scrollDown
  }

  /// What happened.
  public let action: Action
  /// The cell where it happened.
  public let point: Point
  /// The keys held meanwhile.
  public let modifiers: Modifiers

  /// An event of the mouse.
  public init(_ action: Action, at point: Point, _ modifiers: Modifiers = []) {
    self.action = action
    self.point = point
    self.modifiers = modifiers
  }
}

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
