/// The appearance of roles in the terminal's own palette of sixteen colors.
///
/// The user's terminal defines the actual colors. Each choice reaches `Theme.textContrast` in the palettes of xterm and
/// of the VGA text mode (the Linux console): on black in a dark theme, on white in a light one. On black this excludes
/// dark blue, red, magenta, brown, bright blue and gray (4, 1, 5, 3, 12, 8). On white it excludes everything but black,
/// red, blue, magenta and bright blue (0, 1, 4, 5, 12).
extension Theme {
  /// The color of a role in the 16-color palette, with attributes to distinguish roles of the same color.
  func ansi(_ role: Role) -> Paint {
    if case .heat(let place) = role { return ansiHeat[HeatPlace.step(place)] }
    if case .bar(let place) = role { return Paint(foreground: ansiHeat[HeatPlace.step(place)].foreground) }
    return Paint(foreground: isDark ? onBlack(role) : onWhite(role))
  }

  private func onBlack(_ role: Role) -> TerminalColor {
    switch role {
    case .dim, .border: .indexed(7)
    case .accent, .focusedBorder, .streamA: .indexed(14)
    case .key: .indexed(6)
    case .error: .indexed(9)
    case .warning, .streamB: .indexed(11)
    case .success, .streamD: .indexed(10)
    case .streamC: .indexed(13)
    default: .standard
    }
  }

  private func onWhite(_ role: Role) -> TerminalColor {
    switch role {
    case .border: .indexed(8)
    case .accent, .focusedBorder, .key, .success, .streamA: .indexed(4)
    case .error, .streamB: .indexed(1)
    case .warning, .streamC: .indexed(5)
    default: .standard
    }
  }

  /// The four steps of a heat scale, each with a color of its own. On white only black, blue, red and magenta are
  /// readable, so the sequential scale passes through blue there. Its strongest step is underlined as well, for people
  /// who cannot tell red from magenta; the Linux console cannot underline colored text.
  private var ansiHeat: [Paint] {
    let colors: [TerminalColor] =
      switch (heatKind, isDark) {
      case (.sequential, true): [.standard, .indexed(11), .indexed(9), .indexed(13)]
      case (.sequential, false): [.standard, .indexed(4), .indexed(1), .indexed(5)]
      case (.diverging, true): [.indexed(6), .standard, .indexed(11), .indexed(9)]
      case (.diverging, false): [.indexed(4), .standard, .indexed(5), .indexed(1)]
      }
    return colors.enumerated().map { step, color in
      let isLast = step == 3 && heatKind == .sequential
      return Paint(foreground: color, attributes: isLast ? [.bold, .underline] : [])
    }
  }
}

extension TerminalColor {
  /// The color on a terminal with `count` colors, and attributes that replace missing colors: with eight colors, a
  /// bright color becomes the normal color in bold, and gray becomes dim text. Colors above 15 become the standard
  /// color.
  public func reduced(to count: Int) -> (color: TerminalColor, attributes: Style.Attributes) {
    guard case .indexed(let index) = self, Int(index) >= count else { return (self, []) }
    switch index {
    case 8: return (.standard, .dim)
    case 9..<16: return (.indexed(index - 8), .bold)
    default: return (.standard, [])
    }
  }
}
