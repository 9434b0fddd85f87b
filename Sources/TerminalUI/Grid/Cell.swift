/// One cell of the screen.
public struct Cell: Hashable, Sendable {
  /// The content: one grapheme, or a part of a grapheme that occupies several cells; empty in the second cell of a wide
  /// character.
  public internal(set) var text: String
  /// Columns of `text`: 1 or 2, and 0 in the second cell of a wide character.
  public internal(set) var width: UInt8
  /// Its style.
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

  /// Whether the cell is part of a bar or plot instead of text. An underline would look like part of the bar.
  public var isBlock: Bool { text.unicodeScalars.first.map { (0x2580...0x259F).contains($0.value) } ?? false }
}

/// The look of a cell by meaning: the role of its text, the role of its background, and attributes.
public struct Style: Hashable, Sendable {
  /// Text attributes; available at every color depth.
  public struct Attributes: OptionSet, Hashable, Sendable {
    /// One bit for each attribute.
    public let rawValue: UInt8

    /// The attributes of the bits in `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bold text.
    public static let bold = Attributes(rawValue: 1)
    /// Dim text.
    public static let dim = Attributes(rawValue: 2)
    /// Underlined text.
    public static let underline = Attributes(rawValue: 4)
    /// Text and background colors are swapped.
    public static let reverse = Attributes(rawValue: 8)
    /// Italic text.
    public static let italic = Attributes(rawValue: 16)
    /// The cursor's bar in a plot. Where reverse video shows the background, a vertical line takes the bar's place,
    /// because a low bar in reverse video looks like a high one.
    public static let plotCursor = Attributes(rawValue: 32)
    /// A bar and the rest of its column. In 16 colors a selected row is in reverse video, which would turn the bar into
    /// a gap without color; there, the column keeps the screen's background.
    public static let bar = Attributes(rawValue: 64)
  }

  /// The role of the text.
  public var role: Role
  /// The role of the background; nil for the screen's background.
  public var background: Role?
  /// Attributes.
  public var attributes: Attributes

  /// A style of a role, on a background, with attributes.
  public init(_ role: Role = .text, on background: Role? = nil, _ attributes: Attributes = []) {
    self.role = role
    self.background = background
    self.attributes = attributes
  }

  /// Normal text on the screen's background.
  public static let plain = Style()

  /// The same style on another background.
  public func on(_ background: Role?) -> Style { Style(role, on: background, attributes) }

  /// The same style with more attributes.
  public func with(_ attributes: Attributes) -> Style {
    Style(role, on: background, self.attributes.union(attributes))
  }
}

/// The meaning of a cell's text or background. A `Theme` maps roles to colors when the screen is drawn.
public enum Role: Hashable, Sendable {
  /// Normal text.
  case text
  /// Secondary text: units, ranks, hints.
  case dim
  /// The one accent color.
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
  /// The selected row; used as a background.
  case selection
  /// The cell or token under the cursor; used as a background.
  case cursor
  /// Errors.
  case error
  /// Warnings.
  case warning
  /// Success: something has finished or is ready.
  case success
  /// The faint shade behind every other token; used as a background.
  case tokenShade
  /// Bars at the edge of the screen; used as a background.
  case panel
  /// The screen itself; used as a background.
  case background
  /// The color of the first stream.
  case streamA
  /// The color of the second stream.
  case streamB
  /// The color of the third stream.
  case streamC
  /// The color of the fourth stream.
  case streamD
  /// A position on the heat scale: 0 is expected, 255 is most surprising.
  case heat(UInt8)
  /// A bar in the color of a position on the heat scale. As graphics, it needs less contrast than text, so it keeps the
  /// color of the legend in a selected row.
  case bar(UInt8)

  /// The color of stream `index`, counted from 0; repeats after four.
  public static func stream(_ index: Int) -> Role {
    [.streamA, .streamB, .streamC, .streamD][((index % 4) + 4) % 4]
  }

  /// The position on the heat scale for `fraction`, 0 (expected) to 1 (surprising). Values outside the range and NaN
  /// are clamped.
  public static func heat(fraction: Double) -> Role {
    .heat(place(fraction))
  }

  /// A bar in the color of `fraction`, 0 (expected) to 1 (surprising), on the heat scale.
  public static func bar(fraction: Double) -> Role { .bar(place(fraction)) }

  private static func place(_ fraction: Double) -> UInt8 {
    fraction > 0 ? UInt8((min(fraction, 1) * 255).rounded()) : 0
  }

  /// The position on the heat scale, of a role that has the color of one.
  public var heatPlace: UInt8? {
    switch self {
    case .heat(let place), .bar(let place): place
    default: nil
    }
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
