/// A colour as a terminal is told it.
public enum TerminalColor: Hashable, Sendable {
  /// The terminal's own text colour or ground.
  case standard
  /// A place in its palette: 0 to 15 its own colours, up to 255 those of xterm.
  case indexed(UInt8)
  /// Red, green and blue.
  case rgb(RGB)
}
