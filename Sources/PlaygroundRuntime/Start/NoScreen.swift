import PlaygroundApp
import TerminalUI

/// Stands for the terminal where there are lines in place of a screen. It shows nothing and has no keys.
@MainActor
final class NoScreen: Terminal {
  let size = LinePort.size
  let colorDepth = ColorDepth.none
  let glyphs = Glyphs.unicode
  let events = AsyncStream<InputEvent> { _ in }
  let signals = AsyncStream<TerminationSignal> { _ in }

  func draw(_ grid: CellGrid, theme: Theme) {}
  func suspend() {}
  func resume() {}
  func copy(_ text: String) {}
  func setMouse(_ enabled: Bool) {}
  func restore() {}
}
