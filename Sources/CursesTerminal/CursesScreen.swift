import CNCurses
import Foundation
import TerminalUI

/// The program's terminal, drawn with ncurses.
///
/// ncurses sends only changes. Input is read from descriptor 0 and decoded by `InputDecoder`. There is no polling, so
/// an idle screen uses no CPU time. The terminal is restored however the process ends (`restore()`, `exit`, a crash),
/// except by SIGKILL.
@MainActor
public final class CursesScreen: Terminal {
  /// Current columns and rows.
  public private(set) var size: Size
  /// The color depth of the terminal.
  public let colorDepth: ColorDepth
  /// The characters that the terminal can show.
  public let glyphs: Glyphs
  /// Keys, pastes, clicks and sizes in order.
  public let events: AsyncStream<InputEvent>
  /// Signals that ask the process to end.
  public let signals: AsyncStream<TerminationSignal>
  /// Why only 256 colors are used although COLORTERM announces true color; nil if that is not the case.
  public let notice: String?

  private let description: TerminalDescription
  private let yieldEvent: AsyncStream<InputEvent>.Continuation
  private let yieldSignal: AsyncStream<TerminationSignal>.Continuation
  private var painter: GridPainter
  private var pump: EventPump?
  private var state = State.taken
  private var reportsMouse = false

  private enum State { case taken, suspended, restored }

  /// Takes the screen. Only one instance may exist, because the state of ncurses is global.
  public init(_ options: TerminalOptions) throws(CursesTerminalError) {
    guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(stream: "standard input") }
    guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(stream: "standard output") }
    let isUTF8 = CharacterEncoding.useUTF8() && !options.usesASCII
    description = try TerminalDescription(environment: options.environment)
    let size = CursesScreen.windowSize ?? Size(80, 24)
    guard size.width >= options.minimumSize.width, size.height >= options.minimumSize.height else {
      throw .tooSmall(found: size, needed: options.minimumSize)
    }
    let signalPipe = Lifeline.prepare(
      restoring: CursesScreen.resettingModes(description) + description.leavingScreen)
    guard cn_start(description.type) else {
      Lifeline.release()
      throw .cannotStart(description.type)
    }
    Lifeline.setActive(true)
    let limit = options.effectiveColorLimit
    let colors = limit == .none ? 0 : cn_start_colors()
    colorDepth = CursesScreen.depth(colors, description, limit)
    glyphs = isUTF8 ? .unicode : .ascii
    notice =
      colorDepth == .indexed256 && limit == .trueColor ? description.missingEntry.map(DirectColor.notice) : nil
    self.size = size
    painter = GridPainter(
      depth: colorDepth, isASCII: !isUTF8,
      pairs: ColorPairs(colors: colors, hasDirectColor: description.hasDirectColor))
    (events, yieldEvent) = AsyncStream.makeStream()
    (signals, yieldSignal) = AsyncStream.makeStream()
    setModes()
    pump = EventPump(
      signals: signalPipe, patience: options.patience, emit: { [weak self] in self?.yieldEvent.yield($0) },
      signal: { [weak self] in self?.handle(signal: $0) })
  }

  /// Shows a grid. Sends only the differences from the last one.
  public func draw(_ grid: CellGrid, theme: Theme) {
    guard state == .taken else { return }
    painter.show(grid, theme: theme, on: size)
  }

  /// Releases the screen temporarily and stops reading input.
  public func suspend() {
    guard state == .taken else { return }
    state = .suspended
    pump?.pause()
    leave()
  }

  /// Takes the screen back and sends its size.
  public func resume() {
    guard state == .suspended else { return }
    state = .taken
    Lifeline.setActive(true)
    cn_redraw_all()
    cn_refresh()
    setModes()
    painter.forget()
    pump?.unpause()
    adoptWindowSize(always: true)
  }

  /// Copies text to the clipboard through the terminal (OSC 52). Terminals may refuse. Texts over 1 MiB are not sent.
  public func copy(_ text: String) {
    guard state == .taken, text.utf8.count <= 1 << 20 else { return }
    Lifeline.write("\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}")
  }

  /// Turns mouse reports (clicks, drags, wheel) on or off. While they are on, Shift-drag still selects text in most
  /// terminals.
  public func setMouse(_ enabled: Bool) {
    reportsMouse = enabled
    if state == .taken { Lifeline.write(enabled ? Mode.mouseOn : Mode.mouseOff) }
  }

  /// Restores the terminal and ends `events` and `signals`.
  public func restore() {
    guard state != .restored else { return }
    switch state {
    case .taken: leave()
    // A killed child process may have left modes changed and the alternate screen on. Entering the alternate screen
    // first makes leaving it harmless if the child has already left it.
    case .suspended:
      Lifeline.write(
        description.capability("smcup") + CursesScreen.resettingModes(description) + description.capability("rmcup"))
      reset_shell_mode()
    case .restored: break
    }
    state = .restored
    pump?.cancel()
    pump = nil
    Lifeline.release()
    yieldEvent.finish()
    yieldSignal.finish()
  }

  // MARK: Screen

  /// Terminal modes that have no terminfo capability.
  private enum Mode {
    static let pasteOn = "\u{1B}[?2004h"
    static let pasteOff = "\u{1B}[?2004l"
    static let mouseOn = "\u{1B}[?1002h\u{1B}[?1006h"
    static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l"
  }

  private func setModes() {
    // Use a bar cursor, because the position is between two graphemes.
    Lifeline.write(Mode.pasteOn + description.capability("Ss", 6) + (reportsMouse ? Mode.mouseOn : ""))
  }

  private func leave() {
    Lifeline.write(CursesScreen.resettingModes(description))
    endwin()
    // Without an alternate screen the last frame would stay visible: clear it.
    if description.capability("rmcup").isEmpty { Lifeline.write(description.leavingScreen) }
    Lifeline.setActive(false)
  }

  private static func resettingModes(_ description: TerminalDescription) -> String {
    Mode.pasteOff + Mode.mouseOff + description.capability("Se") + description.capability("cnorm")
      + description.capability("sgr0") + description.capability("op")
  }

  private static func depth(_ colors: Int32, _ description: TerminalDescription, _ limit: ColorDepth) -> ColorDepth {
    switch colors {
    case ..<8: .none
    case ..<256: min(.ansi16, limit)
    // Direct-color terminals have no 256-color palette. With fewer colors, only the first eight are the same on all of
    // them.
    case (1 << 24)... where description.hasDirectColor: limit == .trueColor ? .trueColor : min(.ansi16, limit)
    default: min(.indexed256, limit)
    }
  }

  // MARK: Signals

  private static var windowSize: Size? {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard cn_window_size(&columns, &rows) else { return nil }
    return Size(Int(columns), Int(rows))
  }

  private func adoptWindowSize(always: Bool = false) {
    guard let now = CursesScreen.windowSize, now != size || always else { return }
    if now != size {
      size = now
      resizeterm(Int32(now.height), Int32(now.width))
      painter.forget()
    }
    yieldEvent.yield(.resize(now))
  }

  private func handle(signal: Int32) {
    switch signal {
    case SIGWINCH: if state == .taken { adoptWindowSize() }
    case SIGTSTP: stop()
    case SIGCONT: resumeAfterStop()
    default: if let reason = TerminationSignal(rawValue: signal) { yieldSignal.yield(reason) }
    }
  }

  private var wasTakenAtStop = false

  /// Stops the process on SIGTSTP. The signal stops the whole process, but this thread can run on for a moment. The
  /// screen is resumed on SIGCONT, or after a delay if the process was not stopped (without a parent shell the process
  /// group ignores SIGTSTP).
  private func stop() {
    guard state != .restored else { return }
    wasTakenAtStop = state == .taken
    suspend()
    Lifeline.unwatch(SIGTSTP)
    kill(getpid(), SIGTSTP)
    // Wait twice: when a stopped process continues, the first deadline has passed but SIGCONT has not been read yet.
    afterDelay { $0.afterDelay { if $0.wasTakenAtStop { $0.resumeAfterStop() } } }
  }

  private func afterDelay(_ body: @escaping @MainActor @Sendable (CursesScreen) -> Void) {
    DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(100)) { [weak self] in
      MainActor.assumeIsolated { if let self { body(self) } }
    }
  }

  private func resumeAfterStop() {
    Lifeline.watch(SIGTSTP)
    if wasTakenAtStop {
      wasTakenAtStop = false
      resume()
    } else if state == .taken {
      // The process was stopped by SIGSTOP. Another program may have changed the terminal's modes in the meantime.
      suspend()
      resume()
    }
  }
}
