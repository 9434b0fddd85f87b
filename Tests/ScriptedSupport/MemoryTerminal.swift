import TerminalUI

/// A terminal in memory: a test sends events and looks at the grids.
@MainActor
public final class MemoryTerminal: Terminal {
  /// Columns and rows now; `resize(to:)` changes them.
  public private(set) var size: Size
  /// How many colors it claims to show.
  public let colorDepth: ColorDepth
  /// The signs it claims to show.
  public let glyphs: Glyphs
  /// The events that the test sends.
  public let events: AsyncStream<InputEvent>
  /// The signals that the test sends.
  public let signals: AsyncStream<TerminationSignal>
  /// Every grid that was drawn, the newest last.
  public private(set) var frames: [CellGrid] = []
  /// The theme of the newest grid.
  public private(set) var theme: Theme?
  /// What was copied to the clipboard, the newest last.
  public private(set) var copied: [String] = []
  /// Whether a child process has the screen.
  public private(set) var isSuspended = false
  /// Whether the terminal was given back.
  public private(set) var isRestored = false
  /// Whether reports of the mouse are on.
  public private(set) var reportsMouse = false

  private let input: AsyncStream<InputEvent>.Continuation
  private let signalInput: AsyncStream<TerminationSignal>.Continuation
  private var waiting: [(condition: @Sendable (CellGrid) -> Bool, resume: CheckedContinuation<CellGrid, Never>)] = []

  /// An empty screen.
  public init(size: Size = Size(80, 24), colorDepth: ColorDepth = .trueColor, glyphs: Glyphs = .unicode) {
    self.size = size
    self.colorDepth = colorDepth
    self.glyphs = glyphs
    (events, input) = AsyncStream.makeStream()
    (signals, signalInput) = AsyncStream.makeStream()
  }

  /// The newest grid; an empty one before the first.
  public var screen: CellGrid { frames.last ?? CellGrid(size, glyphs: glyphs) }

  /// Sends an event.
  public func send(_ event: InputEvent) { input.yield(event) }

  /// Sends a signal.
  public func send(_ signal: TerminationSignal) { signalInput.yield(signal) }

  /// Strikes keys given in their text form: `press("ctrl-q", "enter")`. What is no key's name is ignored.
  public func press(_ strokes: String...) {
    for stroke in strokes.compactMap({ KeyStroke($0) }) { send(.key(stroke)) }
  }

  /// Types text, one key for each character; a newline is Enter.
  public func type(_ text: String) {
    for character in text { send(.key(character == "\n" ? KeyStroke(.enter) : KeyStroke(character))) }
  }

  /// Gives the terminal another size and says so.
  public func resize(to size: Size) {
    self.size = size
    send(.resize(size))
  }

  /// The newest grid that fulfils a condition: now, or as soon as one is drawn.
  public func frame(where condition: @escaping @Sendable (CellGrid) -> Bool) async -> CellGrid {
    if let newest = frames.last, condition(newest) { return newest }
    return await withCheckedContinuation { waiting.append((condition, $0)) }
  }

  /// The newest grid that shows `text` in one of its rows: now, or as soon as one is drawn.
  public func frame(showing text: String) async -> CellGrid {
    await frame { grid in grid.lines.contains { $0.contains(text) } }
  }

  /// Keeps the grid and wakes whoever waits for it.
  public func draw(_ grid: CellGrid, theme: Theme) {
    frames.append(grid)
    self.theme = theme
    let woken = waiting.filter { $0.condition(grid) }
    waiting.removeAll { $0.condition(grid) }
    for waiter in woken { waiter.resume.resume(returning: grid) }
  }

  /// Remembers that the screen was given away.
  public func suspend() { isSuspended = true }

  /// Takes the screen back.
  public func resume() {
    isSuspended = false
    send(.resize(size))
  }

  /// Keeps the text.
  public func copy(_ text: String) { copied.append(text) }

  /// Remembers whether reports of the mouse are on.
  public func setMouse(_ enabled: Bool) { reportsMouse = enabled }

  /// Ends the events.
  public func restore() {
    isRestored = true
    input.finish()
    signalInput.finish()
  }
}
