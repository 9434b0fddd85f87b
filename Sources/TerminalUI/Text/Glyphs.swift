/// The characters that draw the screen: one set for Unicode terminals, one for ASCII.
public struct Glyphs: Hashable, Sendable {
  /// Corners and edges of a box: upper left, upper right, lower left, lower right, horizontal, vertical.
  public let upperLeft, upperRight, lowerLeft, lowerRight, horizontal, vertical: String
  /// The mark of truncated text; one column.
  public let ellipsis: String
  /// Horizontal bars of one to eight eighths of a cell; the ASCII set has only three different ones.
  public let eighths: [String]
  /// Four shades, light to dark, that show heat on terminals without color.
  public let shades: [String]
  /// Vertical bars of one to eight eighths, for small plots.
  public let sparks: [String]
  /// Visible forms of space, newline and tab.
  public let space, newline, tab: String
  /// Arrows and the mark of the selected row.
  public let left, right, up, down, chosen: String
  /// A filled dot and a ring for states, a separator between hints, a dash between numbers, a cross, a tick.
  public let dot, ring, separator, dash, cross, tick: String
  /// The bar between tabs, the rule across a pane, the text caret for terminals that show none.
  public let tabBar, rule, caret: String
  /// The frames of the spinner.
  public let spinner: [String]
  /// The replacement for characters that cannot be shown.
  public let replacement: String
  /// Whether only ASCII may reach the terminal.
  public let isASCII: Bool

  /// For Unicode terminals; each is one column wide.
  public static let unicode = Glyphs(
    upperLeft: "╭", upperRight: "╮", lowerLeft: "╰", lowerRight: "╯", horizontal: "─", vertical: "│", ellipsis: "…",
    eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"], shades: [" ", "░", "▒", "█"],
    sparks: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], space: "·", newline: "⏎", tab: "⇥", left: "←", right: "→",
    up: "↑",
    down: "↓", chosen: "▸", dot: "●", ring: "○", separator: "·", dash: "–", cross: "✗", tick: "✓", tabBar: "┃",
    rule: "─",
    caret: "▏", spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"], replacement: "\u{FFFD}", isASCII: false)

  /// For terminals limited to ASCII.
  public static let ascii = Glyphs(
    upperLeft: "+", upperRight: "+", lowerLeft: "+", lowerRight: "+", horizontal: "-", vertical: "|", ellipsis: "~",
    eighths: ["-", "-", "-", "-", "=", "=", "=", "#"], shades: [" ", ".", "+", "#"],
    sparks: ["_", "_", ".", ".", "-", "-", "=", "#"], space: "_", newline: "\\n", tab: "\\t", left: "<", right: ">",
    up: "^", down: "v", chosen: ">", dot: "*", ring: "o", separator: "|", dash: "-", cross: "x", tick: "v", tabBar: "|",
    rule: "-", caret: "|", spinner: ["-", "\\", "|", "/"], replacement: "?", isASCII: true)
}
