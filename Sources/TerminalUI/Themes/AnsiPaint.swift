/// The look of roles in the sixteen colors of the terminal's own palette.
///
/// The actual colors are the user's. Each choice reaches `Theme.textContrast` in the palettes of xterm and of the VGA
/// text mode (the Linux console) on black in a dark theme, and on white in a light one. On black this leaves out dark
/// blue, red, magenta and brown (4, 1, 5, 3), bright blue (12) and gray (8); on white everything but black, red, blue,
/// magenta and bright blue (0, 1, 4, 5, 12).
extension Theme {
  /// The color of a role in the 16-color palette, and attributes where colors run out.
  func ansi(_ role: Role) -> Paint {
    if case .heat(let place) = role { return ansiHeat[HeatPlace.step(place)] }
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

  /// The four steps of a heat scale. The strongest step of the sequential one is underlined, because on white it has the
  /// color of the step before. The Linux console shows no underline beside a color, so on black the color differs too.
  private var ansiHeat: [Paint] {
    let colors: [TerminalColor] =
      switch (heatKind, isDark) {
      case (.sequential, true): [.standard, .indexed(11), .indexed(9), .indexed(13)]
      case (.sequential, false): [.standard, .indexed(5), .indexed(1), .indexed(1)]
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
  /// The color on a terminal of `count` colors, and the attributes that replace what it lacks: with eight colors a bright
  /// one is the plain one in bold, and gray is dim text. Colors beyond the sixteen become the standard color.
  public func reduced(to count: Int) -> (color: TerminalColor, attributes: Style.Attributes) {
    guard case .indexed(let index) = self, Int(index) >= count else { return (self, []) }
    switch index {
    case 8: return (.standard, .dim)
    case 9..<16: return (.indexed(index - 8), .bold)
    default: return (.standard, [])
    }
  }
}
