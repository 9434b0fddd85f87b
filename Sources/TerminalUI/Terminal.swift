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
