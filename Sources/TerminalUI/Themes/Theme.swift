/// A color theme: the color of every role.
public struct Theme: Hashable, Sendable {
  /// The name in configuration files and the theme picker: the file name without its extension.
  public let name: String
  /// The display name.
  public let title: String
  /// The author of the scheme.
  public let author: String
  /// Whether the text is lighter than the background.
  public let isDark: Bool
  /// The scale from plain text to a warm color.
  public let sequential: HeatScale
  /// The scale from a cool color through gray to a warm one.
  public let diverging: HeatScale
  /// The scale that colors tokens.
  public var heatKind = HeatScale.Kind.sequential
  private let colors: [Role: RGB]
  private let ramps: [HeatScale.Kind: XtermRamp]
  private let bold: Set<Role>

  /// Creates the theme of a scheme, with the colors of some roles replaced. Colors of secondary text and of borders are
  /// mixed with the text color until they are readable (`leastContrast(_:)`).
  ///
  /// - Parameters:
  ///   - heat: The stops of the diverging scale, cool to warm; nil takes the scheme's blue, gray and orange.
  ///   - warmth: The stops of the sequential scale after the text's own color; nil takes the warm end of `heat`,
  ///     lightened or darkened until it is readable (contrast 4.5).
  public init(
    name: String, title: String? = nil, author: String = "", scheme: Scheme, overrides: [Role: RGB] = [:],
    heat: [RGB]? = nil, warmth: [RGB]? = nil, bold: Set<Role> = []
  ) {
    self.name = name
    self.title = title ?? name
    self.author = author
    self.bold = bold
    var colors = Theme.standardColors(scheme)
    colors.merge(overrides) { $1 }
    let ground = colors[.background] ?? scheme[0]
    let text = colors[.text] ?? scheme[5]
    for role in colors.keys where role.isSecondary && overrides[role] == nil {
      colors[role] = colors[role]?.legible(on: ground, towards: text, contrast: Theme.leastContrast(role))
    }
    self.colors = colors
    isDark = ground.luminance < text.luminance
    let readable = { (color: RGB) in color.readable(on: ground, contrast: Theme.textContrast) }
    diverging = HeatScale(stops: heat ?? [scheme[13], scheme[4], scheme[9]].map(readable))
    sequential = HeatScale(stops: [text] + (warmth ?? Theme.warmth(heat?.last ?? scheme[9], scheme, text, readable)))
    ramps = [HeatScale.Kind.sequential: sequential, .diverging: diverging].mapValues {
      XtermRamp($0, on: ground, contrast: Theme.textContrast)
    }
  }

  /// The scale that colors tokens, in xterm's palette.
  var ramp: XtermRamp? { ramps[heatKind] }

  /// The scale that colors tokens.
  public var heat: HeatScale { heatKind == .sequential ? sequential : diverging }

  /// The theme with the given scale selected.
  public func with(_ kind: HeatScale.Kind) -> Theme {
    var theme = self
    theme.heatKind = kind
    return theme
  }

  /// The stops of a sequential scale after the text color. For dark text a brown stop comes first, because a slight hue
  /// is not visible next to black.
  private static func warmth(_ wish: RGB, _ scheme: Scheme, _ text: RGB, _ readable: (RGB) -> RGB) -> [RGB] {
    let end = warmest(wish, scheme, text, readable)
    let (first, last) = (OKLab(text), OKLab(end))
    guard first.lightness < 0.4, last.lightness > first.lightness + 0.15, last.b > 0.06 else { return [end] }
    let lightness = last.lightness - 0.35 * (last.lightness - first.lightness)
    let middle = OKLab(lightness, last.a * 0.5, last.b * 0.9).rgb
    return [readable(middle), end]
  }

  /// The warm end of a scale that starts at the text color: `wish`, or, if it is too similar to the text (amber on
  /// black), the one of the scheme's red, white and yellow that differs most from the text.
  private static func warmest(_ wish: RGB, _ scheme: Scheme, _ text: RGB, _ readable: (RGB) -> RGB) -> RGB {
    let start = OKLab(text)
    let distance = { (color: RGB) in OKLab(color).squaredDistance(to: start) }
    let first = readable(wish)
    if distance(first) >= 0.15 * 0.15 { return first }
    return ([first] + [scheme[8], scheme[7], scheme[10]].map(readable)).max { distance($0) < distance($1) } ?? first
  }

  private static func standardColors(_ scheme: Scheme) -> [Role: RGB] {
    [
      .text: scheme[5], .dim: scheme[3], .accent: scheme[13], .border: scheme[3], .focusedBorder: scheme[13],
      .title: scheme[5], .heading: scheme[4], .key: scheme[12], .selection: scheme[2], .cursor: scheme[3],
      .error: scheme[8], .warning: scheme[10], .success: scheme[11], .tokenShade: scheme[1], .panel: scheme[1],
      .background: scheme[0], .streamA: scheme[13], .streamB: scheme[9], .streamC: scheme[14], .streamD: scheme[11],
    ]
  }

  /// The color of a role.
  public func color(_ role: Role) -> RGB {
    if let place = role.heatPlace { return heat[place] }
    return colors[role] ?? RGB(128, 128, 128)
  }

  /// Whether the theme shows a role in bold.
  func isBold(_ role: Role) -> Bool { bold.contains(role) }
}

extension RGB {
  /// The color, mixed with `text` as little as needed to reach a contrast to `ground`.
  func legible(on ground: RGB, towards text: RGB, contrast: Double) -> RGB {
    if self.contrast(to: ground) >= contrast { return self }
    let (start, end) = (OKLab(self), OKLab(text))
    for step in 1...20 {
      let mixed = start.mixed(with: end, Double(step) / 20).rgb
      if mixed.contrast(to: ground) >= contrast { return mixed }
    }
    return text
  }

  /// The color, lightened or darkened as little as needed to reach a contrast to `ground`. The hue is unchanged.
  func readable(on ground: RGB, contrast: Double) -> RGB {
    if self.contrast(to: ground) >= contrast { return self }
    var color = OKLab(self)
    let step = ground.luminance < 0.18 ? 0.01 : -0.01
    while (0...1).contains(color.lightness) {
      color.lightness += step
      if color.rgb.contrast(to: ground) >= contrast { return color.rgb }
    }
    return color.rgb
  }
}

/// A base16 or base24 color scheme: sixteen colors with agreed meanings, and eight more in base24.
///
/// 00 background · 01 lighter background · 02 selection · 03 comments · 04 dark text · 05 text · 06, 07 light text · 08
/// red · 09 orange · 0A yellow · 0B green · 0C cyan · 0D blue · 0E purple · 0F brown · 10, 11 darker backgrounds · 12
/// to 17 bright red, yellow, green, cyan, blue, purple. Source:
/// <https://github.com/tinted-theming/home/blob/main/styling.md>.
public struct Scheme: Hashable, Sendable {
  /// The colors 00 to 0F, and 10 to 17 where the scheme is base24.
  public let colors: [RGB]

  /// A scheme of 16 or 24 colors.
  public init?(_ colors: [RGB]) {
    guard colors.count == 16 || colors.count == 24 else { return nil }
    self.colors = colors
  }

  /// The color of a number. In a base16 scheme the base24 colors fall back to their base16 counterparts.
  subscript(number: Int) -> RGB {
    if number < colors.count { return colors[number] }
    return colors[[0, 0, 8, 10, 11, 12, 13, 14][number - 16]]
  }
}

extension Theme {
  /// The built-in theme: `triptych-dark`, the same as `themes/triptych-dark.yaml`.
  public static let standard: Theme = {
    let colors: [UInt32] = [
      0x14171C, 0x1D2229, 0x2B333D, 0x7A8490, 0x9AA4AF, 0xD5DAE0, 0xE6EAEE, 0xF6F8FA, 0xE5716B, 0xE8975A, 0xD9B95C,
      0x8BB974, 0x6CB8B4, 0x6EA3E0, 0xB592D9, 0xB08968,
    ]
    let scheme = Scheme(colors.map { RGB(UInt8($0 >> 16), UInt8($0 >> 8 & 0xFF), UInt8($0 & 0xFF)) })
    guard let scheme else { preconditionFailure("a scheme has sixteen colors") }
    return Theme(
      name: "triptych-dark", title: "Triptych Dark", author: "The Triptych authors", scheme: scheme,
      overrides: [.border: RGB(0x5C, 0x66, 0x72), .cursor: RGB(0x4A, 0x54, 0x60)],
      heat: [RGB(0x5B, 0x8F, 0xD9), RGB(0x9A, 0x9F, 0xA6), RGB(0xF0, 0x93, 0x3B)],
      warmth: [RGB(0xF2, 0xBF, 0x55), RGB(0xFF, 0x6F, 0x3C)])
  }()
}
