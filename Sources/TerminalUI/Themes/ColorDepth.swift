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
