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
