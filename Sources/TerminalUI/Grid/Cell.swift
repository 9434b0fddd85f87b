/// One cell of the screen.
public struct Cell: Hashable, Sendable {
  /// What stands in it: one grapheme, or a part of one that takes cells of its own; empty in the second cell of a wide
  /// character.
  public internal(set) var text: String
  /// Columns of `text`: 1 or 2, and 0 in the second cell of a wide character.
  public internal(set) var width: UInt8
  /// How it looks.
  public var style: Style

  init(text: String, width: UInt8, style: Style) {
    self.text = text
    self.width = width
    self.style = style
  }

  /// A space.
  public static let blank = Cell(text: " ", width: 1, style: .plain)

  /// Whether this is the second cell of a wide character.
  public var isContinuation: Bool { width == 0 }
}

/// How a cell looks, said by meaning: the role of its text, the role of its ground, and attributes.
public struct Style: Hashable, Sendable {
  /// Attributes that every colour depth has.
  public struct Attributes: OptionSet, Hashable, Sendable {
    /// One bit for each attribute.
    public let rawValue: UInt8

    /// The attributes of the bits in `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier strokes.
    public static let bold = Attributes(rawValue: 1)
    /// Weaker colour.
    public static let dim = Attributes(rawValue: 2)
    /// A line under the text.
    public static let underline = Attributes(rawValue: 4)
    /// Text and ground change places.
    public static let reverse = Attributes(rawValue: 8)
    /// Slanted strokes.
    public static let italic = Attributes(rawValue: 16)
  }

  /// The role of the text.
  public var role: Role
  /// The role of the ground; nil is the screen's own.
  public var background: Role?
  /// Attributes.
  public var attributes: Attributes

  /// A style of a role, on a ground, with attributes.
  public init(_ role: Role = .text, on background: Role? = nil, _ attributes: Attributes = []) {
    self.role = role
    self.background = background
    self.attributes = attributes
  }

  /// Running text on the screen's own ground.
  public static let plain = Style()

  /// The same style on another ground.
  public func on(_ background: Role?) -> Style { Style(role, on: background, attributes) }

  /// The same style with more attributes.
  public func with(_ attributes: Attributes) -> Style {
    Style(role, on: background, self.attributes.union(attributes))
  }
}

/// What a piece of the screen means. Roles become colours only at the terminal, through a `Theme`.
public enum Role: Hashable, Sendable {
  /// Running text.
  case text
  /// What is secondary: units, ranks, hints.
  case dim
  /// The one accent colour.
  case accent
  /// The border of a pane without the focus.
  case border
  /// The border of the pane with the focus.
  case focusedBorder
  /// A pane's title.
  case title
  /// A heading inside a pane, a column's name.
  case heading
  /// A key in a hint.
  case key
  /// The chosen row; made for backgrounds.
  case selection
  /// The cell or token that the cursor is on; made for backgrounds.
  case cursor
  /// Errors.
  case error
  /// Warnings.
  case warning
  /// Something went well, something is ready.
  case success
  /// The faint ground under every other token; made for backgrounds.
  case tokenShade
  /// The ground of bars at the screen's edge; made for backgrounds.
  case panel
  /// The screen's own ground; made for backgrounds.
  case background
  /// The colour of the first stream.
  case streamA
  /// The colour of the second stream.
  case streamB
  /// The colour of the third stream.
  case streamC
  /// The colour of the fourth stream.
  case streamD
  /// A place on the heat scale: 0 is what the model was sure of, 255 what surprised it.
  case heat(UInt8)

  /// The colour of stream `index`, counted from 0; starts again after four.
  public static func stream(_ index: Int) -> Role {
    [.streamA, .streamB, .streamC, .streamD][((index % 4) + 4) % 4]
  }

  /// The place on the heat scale of `fraction`, from 0 (expected) to 1 (surprising). Anything outside, NaN included, is clamped.
  public static func heat(fraction: Double) -> Role {
    guard fraction > 0 else { return .heat(0) }
    return .heat(UInt8((min(fraction, 1) * 255).rounded()))
  }
}

extension Role {
  /// The names of roles in theme files. The heat scale has its own key.
  static let named: [String: Role] = [
    "text": .text, "dim": .dim, "accent": .accent, "border": .border, "focused-border": .focusedBorder,
    "title": .title, "heading": .heading, "key": .key, "selection": .selection, "cursor": .cursor, "error": .error,
    "warning": .warning, "success": .success, "token-shade": .tokenShade, "panel": .panel,
    "background": .background, "stream-a": .streamA, "stream-b": .streamB, "stream-c": .streamC,
    "stream-d": .streamD,
  ]
}

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
