/// A style resolved by a theme for a color depth.
public struct Paint: Hashable, Sendable {
  /// The color of the text.
  public var foreground: TerminalColor
  /// The color of the background.
  public var background: TerminalColor
  /// Attributes.
  public var attributes: Style.Attributes

  /// Colors and attributes.
  public init(
    foreground: TerminalColor = .standard, background: TerminalColor = .standard, attributes: Style.Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

extension Theme {
  /// Resolves a style for a color depth.
  ///
  /// - True color: the theme's own colors, including its background.
  /// - 256 colors: the nearest readable color of xterm's fixed palette; a heat scale uses four colors in even steps.
  /// - 16 colors: the terminal's own palette and background, chosen by role (`ansi(_:)`). Backgrounds become reverse
  ///   video; faint backgrounds are not shown.
  /// - No colors: attributes only. Heat and faint backgrounds are not shown.
  ///
  /// Text with too little contrast to its background gets another color.
  public func paint(_ style: Style, depth: ColorDepth) -> Paint {
    var attributes = style.attributes.subtracting([.plotCursor, .bar])
    if isBold(style.role) { attributes.insert(.bold) }
    switch depth {
    case .trueColor:
      let (text, ground) = pair(style)
      return Paint(foreground: .rgb(text), background: .rgb(ground), attributes: attributes)
    case .indexed256:
      let (text, ground) = pair(style)
      let place = XtermPalette.nearest(to: ground)
      let below = XtermPalette.color(place)
      var letter = XtermPalette.nearest(to: text, on: below, contrast: Theme.leastContrast(style.role))
      if let heat = style.role.heatPlace, text == color(style.role), let step = ramp?[heat],
        XtermPalette.color(step).contrast(to: below) >= Theme.leastContrast(style.role)
      {
        letter = step
      }
      return Paint(foreground: .indexed(letter), background: .indexed(place), attributes: attributes)
    case .ansi16:
      if !style.attributes.contains(.bar) { attributes.formUnion(groundAttributes(style)) }
      var paint = ansi(style.role)
      // A bar of the standard color would look like the reverse video of the row that it is on.
      if style.attributes.contains(.bar), paint.foreground == .standard, groundAttributes(style).contains(.reverse) {
        paint.foreground = .indexed(isDark ? 14 : 12)
      }
      attributes.formUnion(paint.attributes)
      if attributes.contains(.reverse) { attributes.remove(.dim) }
      let foreground = attributes.contains(.reverse) ? .standard : paint.foreground
      // Many terminals show bold text in the bright color, and bright red and magenta are hard to read on white.
      if !isDark, foreground == .indexed(1) || foreground == .indexed(5) { attributes.remove(.bold) }
      return Paint(foreground: foreground, attributes: attributes)
    case .none:
      attributes.formUnion(groundAttributes(style))
      attributes.formUnion(plainAttributes(style.role))
      // Dim text in reverse video is hard to read.
      if attributes.contains(.reverse) { attributes.remove(.dim) }
      return Paint(attributes: attributes)
    }
  }

  /// The text and background colors of a style, with enough contrast to read.
  private func pair(_ style: Style) -> (text: RGB, ground: RGB) {
    let ground = color(style.background ?? .background)
    let text = color(style.role)
    let least = Theme.leastContrast(style.role)
    guard let background = style.background, background != .background, text.contrast(to: ground) < least else {
      return (text, ground)
    }
    let choices = [color(.text), color(.background)]
    let best = choices.max { $0.contrast(to: ground) < $1.contrast(to: ground) } ?? text
    return (style.role.isSecondary ? text.legible(on: ground, towards: best, contrast: least) : best, ground)
  }

  /// The attributes that show a background without colors: reverse video, or a line for the cursor of a plot.
  private func groundAttributes(_ style: Style) -> Style.Attributes {
    switch style.background {
    case .selection, .cursor, .error, .warning, .success, .accent:
      style.attributes.contains(.plotCursor) ? [.plotCursor, .bold] : .reverse
    default: []
    }
  }

  private func plainAttributes(_ role: Role) -> Style.Attributes {
    switch role {
    case .accent, .focusedBorder, .key, .error, .warning: .bold
    case .dim, .border: .dim
    default: []
    }
  }
}

extension Theme {
  /// The minimum contrast of text to its background: that of WCAG 2.2 for body text.
  static let textContrast = 4.5

  /// The minimum contrast of borders and bars against their background, from WCAG 2.2 for graphics.
  static let borderContrast = 3.0

  /// The minimum contrast of a role's color against its background.
  static func leastContrast(_ role: Role) -> Double {
    if case .bar = role { return borderContrast }
    return role == .border || role == .focusedBorder ? borderContrast : textContrast
  }
}

extension Role {
  /// Whether the role is a color of text beside the color of running text.
  var isSecondary: Bool {
    switch self {
    case .dim, .accent, .border, .focusedBorder, .heading, .key, .error, .warning, .success, .streamA, .streamB,
      .streamC, .streamD:
      true
    default: heatPlace != nil
    }
  }
}
