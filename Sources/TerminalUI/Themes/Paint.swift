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
  /// - 256: the nearest of xterm's fixed colors; a heat scale takes five of them with even steps.
  /// - 16: the terminal's own palette and background, by meaning; a heat scale in four steps; backgrounds become
  ///   reverse video, faint ones are not shown.
  /// - None: attributes only. Heat and faint backgrounds are not shown.
  ///
  /// Text with too little contrast to its background takes the theme's text or background color.
  public func paint(_ style: Style, depth: ColorDepth) -> Paint {
    var attributes = style.attributes
    if isBold(style.role) { attributes.insert(.bold) }
    switch depth {
    case .trueColor:
      let (text, ground) = pair(style)
      return Paint(foreground: .rgb(text), background: .rgb(ground), attributes: attributes)
    case .indexed256:
      let (text, ground) = pair(style)
      let place = XtermPalette.nearest(to: ground)
      var letter = XtermPalette.nearest(to: text)
      // Rounding to the palette can make a weak color equal to its background.
      if letter == place, text != ground { letter = XtermPalette.nearest(to: color(.text)) }
      if case .heat(let heat) = style.role {
        let ramp = text == color(style.role) ? ramp?[heat] : nil
        let below = XtermPalette.color(place)
        letter =
          ramp.flatMap { XtermPalette.color($0).contrast(to: below) >= Theme.heatContrast ? $0 : nil }
          ?? XtermPalette.nearest(to: text, on: below, contrast: Theme.heatContrast)
      }
      return Paint(foreground: .indexed(letter), background: .indexed(place), attributes: attributes)
    case .ansi16:
      attributes.formUnion(groundAttributes(style.background))
      if case .heat(let place) = style.role, heatKind == .sequential, HeatPlace.step(place) == 3 {
        attributes.insert(.bold)
      }
      if attributes.contains(.reverse) { attributes.remove(.dim) }
      return Paint(
        foreground: attributes.contains(.reverse) ? .standard : ansi(style.role), attributes: attributes)
    case .none:
      attributes.formUnion(groundAttributes(style.background))
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
    guard let background = style.background, background != .background, text.contrast(to: ground) < least(style.role)
    else {
      return (text, ground)
    }
    let choices = [color(.text), color(.background)]
    let best = choices.max { $0.contrast(to: ground) < $1.contrast(to: ground) }
    return (best ?? text, ground)
  }

  /// The minimum contrast of a role on backgrounds other than the screen's own.
  private func least(_ role: Role) -> Double {
    if case .heat = role { Theme.heatContrast } else { 3 }
  }

  private func groundAttributes(_ background: Role?) -> Style.Attributes {
    switch background {
    case .selection, .cursor, .error, .warning, .success, .accent: .reverse
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

  /// The index in the 16-color palette for a role.
  private func ansi(_ role: Role) -> TerminalColor {
    switch role {
    case .text, .title, .heading, .selection, .cursor, .tokenShade, .panel, .background: .standard
    case .dim, .border: .indexed(8)
    case .accent, .focusedBorder, .streamA: .indexed(isDark ? 12 : 4)
    case .key: .indexed(6)
    case .error: .indexed(isDark ? 9 : 1)
    case .warning, .streamB: .indexed(isDark ? 11 : 3)
    case .success, .streamD: .indexed(isDark ? 10 : 2)
    case .streamC: .indexed(isDark ? 13 : 5)
    case .heat(let place): ansiHeat[HeatPlace.step(place)]
    }
  }

  /// The four steps of a heat scale in the 16-color palette, whose actual colors are unknown. Each is readable on dark
  /// and light backgrounds. The strongest step of the sequential scale is also bold.
  private var ansiHeat: [TerminalColor] {
    switch (heatKind, isDark) {
    case (.sequential, true): [.standard, .indexed(3), .indexed(1), .indexed(9)]
    case (.sequential, false): [.standard, .indexed(5), .indexed(1), .indexed(9)]
    case (.diverging, true): [.indexed(12), .standard, .indexed(3), .indexed(9)]
    case (.diverging, false): [.indexed(4), .standard, .indexed(5), .indexed(1)]
    }
  }
}
