/// The signs that the screen is drawn with: one set for Unicode terminals, one for ASCII.
public struct Glyphs: Hashable, Sendable {
  /// Corners and edges of a box: upper left, upper right, lower left, lower right, horizontal, vertical.
  public let upperLeft, upperRight, lowerLeft, lowerRight, horizontal, vertical: String
  /// The mark where text was cut; one column.
  public let ellipsis: String
  /// Bars of one to eight eighths of a cell; in ASCII one or two signs repeat.
  public let eighths: [String]
  /// Four shades from nothing to strong, for heat without colour.
  public let shades: [String]
  /// Vertical bars of one to eight eighths, for small plots.
  public let sparks: [String]
  /// A space, a newline and a tab made visible.
  public let space, newline, tab: String
  /// Arrows and the mark of the chosen row.
  public let left, right, up, down, chosen: String
  /// A dot for a state, a hollow one, a dot between hints, a dash between numbers, a cross, a tick.
  public let dot, ring, separator, dash, cross, tick: String
  /// The strong line between tabs, a rule across a pane, the text caret where the terminal shows none.
  public let tabBar, rule, caret: String
  /// The frames of a sign that turns while something works.
  public let spinner: [String]
  /// What stands for a character that cannot be shown.
  public let replacement: String
  /// Whether only ASCII may reach the terminal.
  public let isASCII: Bool

  /// Signs for terminals that show Unicode; each is one column wide.
  public static let unicode = Glyphs(
    upperLeft: "╭", upperRight: "╮", lowerLeft: "╰", lowerRight: "╯", horizontal: "─", vertical: "│", ellipsis: "…",
    eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"], shades: [" ", "░", "▒", "█"],
    sparks: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], space: "·", newline: "⏎", tab: "⇥", left: "←", right: "→",
    up: "↑",
    down: "↓", chosen: "▸", dot: "●", ring: "○", separator: "·", dash: "–", cross: "✗", tick: "✓", tabBar: "┃",
    rule: "─",
    caret: "▏", spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"], replacement: "\u{FFFD}", isASCII: false)

  /// Signs for terminals that show only ASCII.
  public static let ascii = Glyphs(
    upperLeft: "+", upperRight: "+", lowerLeft: "+", lowerRight: "+", horizontal: "-", vertical: "|", ellipsis: "~",
    eighths: ["-", "-", "-", "-", "=", "=", "=", "#"], shades: [" ", ".", "+", "#"],
    sparks: ["_", "_", ".", ".", "-", "-", "=", "#"], space: "_", newline: "\\n", tab: "\\t", left: "<", right: ">",
    up: "^", down: "v", chosen: ">", dot: "*", ring: "o", separator: "|", dash: "-", cross: "x", tick: "v", tabBar: "|",
    rule: "-", caret: "|", spinner: ["-", "\\", "|", "/"], replacement: "?", isASCII: true)
}
