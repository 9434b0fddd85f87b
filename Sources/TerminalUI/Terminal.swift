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
  /// A one-line notice for the start: why the terminal shows fewer colors than it could; nil if there is none.
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
  /// The default: no notice.
  public var notice: String? { nil }
}
