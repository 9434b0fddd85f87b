import TerminalUI

/// A terminal in memory: tests send events and examine the drawn grids.
@MainActor
public final class MemoryTerminal: Terminal {
  /// The current columns and rows; `resize(to:)` changes them.
  public private(set) var size: Size
  /// The reported color depth.
  public let colorDepth: ColorDepth
  /// The reported character set.
  public let glyphs: Glyphs
  /// The events sent by the test.
  public let events: AsyncStream<InputEvent>
  /// The signals sent by the test.
  public let signals: AsyncStream<TerminationSignal>
  /// All drawn grids, newest last.
  public private(set) var frames: [CellGrid] = []
  /// The theme of the newest grid.
  public private(set) var theme: Theme?
  /// The texts copied to the clipboard, newest last.
  public private(set) var copied: [String] = []
  /// Whether the screen is released to a child process.
  public private(set) var isSuspended = false
  /// Whether the terminal has been restored.
  public private(set) var isRestored = false
  /// Whether mouse reports are on.
  public private(set) var reportsMouse = false

  private let input: AsyncStream<InputEvent>.Continuation
  private let signalInput: AsyncStream<TerminationSignal>.Continuation
  private var waiting: [(condition: @Sendable (CellGrid) -> Bool, grids: AsyncStream<CellGrid>.Continuation)] = []

  /// A terminal without grids.
  public init(size: Size = Size(80, 24), colorDepth: ColorDepth = .trueColor, glyphs: Glyphs = .unicode) {
    self.size = size
    self.colorDepth = colorDepth
    self.glyphs = glyphs
    (events, input) = AsyncStream.makeStream()
    (signals, signalInput) = AsyncStream.makeStream()
  }

  /// The newest grid; an empty one before the first frame.
  public var screen: CellGrid { frames.last ?? CellGrid(size, glyphs: glyphs) }

  /// Sends an event.
  public func send(_ event: InputEvent) { input.yield(event) }

  /// Sends a signal.
  public func send(_ signal: TerminationSignal) { signalInput.yield(signal) }

  /// Sends keystrokes given in text form: `press("ctrl-q", "enter")`. Invalid names are ignored.
  public func press(_ strokes: String...) {
    for stroke in strokes.compactMap({ KeyStroke($0) }) { send(.key(stroke)) }
  }

  /// Types text, one key for each character; a newline is Enter.
  public func type(_ text: String) {
    for character in text { send(.key(character == "\n" ? KeyStroke(.enter) : KeyStroke(character))) }
  }

  /// Changes the size and sends a resize event.
  public func resize(to size: Size) {
    self.size = size
    send(.resize(size))
  }

  /// The newest grid if it satisfies a condition, otherwise the first later grid that does. If the test is canceled,
  /// at its time limit, the newest grid.
  public func frame(where condition: @escaping @Sendable (CellGrid) -> Bool) async -> CellGrid {
    if let newest = frames.last, condition(newest) { return newest }
    let (found, grids) = AsyncStream<CellGrid>.makeStream()
    waiting.append((condition, grids))
    for await grid in found { return grid }
    return screen
  }

  /// The newest grid if one of its rows contains `text`, otherwise the first later grid that does.
  public func frame(showing text: String) async -> CellGrid {
    await frame { grid in grid.lines.contains { $0.contains(text) } }
  }

  /// Stores the grid and resumes tests that wait for it.
  public func draw(_ grid: CellGrid, theme: Theme) {
    frames.append(grid)
    self.theme = theme
    let woken = waiting.filter { $0.condition(grid) }
    waiting.removeAll { $0.condition(grid) }
    for waiter in woken { waiter.grids.yield(grid) }
  }

  /// Records that the screen is released.
  public func suspend() { isSuspended = true }

  /// Records that the screen is active again, and sends its size.
  public func resume() {
    isSuspended = false
    send(.resize(size))
  }

  /// Records the text.
  public func copy(_ text: String) { copied.append(text) }

  /// Records whether mouse reports are on.
  public func setMouse(_ enabled: Bool) { reportsMouse = enabled }

  /// Ends the events.
  public func restore() {
    isRestored = true
    input.finish()
    signalInput.finish()
  }
}
