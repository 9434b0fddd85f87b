/// A look of the screen: the colour of every role.
public struct Theme: Hashable, Sendable {
  /// The name that configuration files and the theme picker use: the file's name without its ending.
  public let name: String
  /// The name for people.
  public let title: String
  /// Who made the scheme.
  public let author: String
  /// Whether the text is lighter than the ground.
  public let isDark: Bool
  /// The colours of the heat scale.
  public let heat: HeatScale
  private let colors: [Role: RGB]
  private let bold: Set<Role>

  /// A theme of a scheme with the colours of some roles replaced. A scheme's comment colour is moved towards its text
  /// until secondary words can be read (contrast 3).
  ///
  /// - Parameter heat: the stops of the heat scale, cold to hot; nil takes the scheme's blue, grey and orange.
  public init(
    name: String, title: String? = nil, author: String = "", scheme: Scheme, overrides: [Role: RGB] = [:],
    heat: [RGB]? = nil, bold: Set<Role> = []
  ) {
    self.name = name
    self.title = title ?? name
    self.author = author
    self.bold = bold
    var colors = Theme.standardColors(scheme)
    colors.merge(overrides) { $1 }
    let ground = colors[.background] ?? scheme[0]
    let text = colors[.text] ?? scheme[5]
    for role in [Role.dim, .accent, .key, .heading, .error, .warning, .success, .streamA, .streamB, .streamC, .streamD]
    where overrides[role] == nil {
      colors[role] = colors[role]?.legible(on: ground, towards: text, contrast: 3)
    }
    self.colors = colors
    isDark = ground.luminance < text.luminance
    self.heat = HeatScale(
      stops: heat ?? [scheme[13], scheme[4], scheme[9]].map { $0.legible(on: ground, towards: text, contrast: 3) })
  }

  private static func standardColors(_ scheme: Scheme) -> [Role: RGB] {
    [
      .text: scheme[5], .dim: scheme[3], .accent: scheme[13], .border: scheme[3], .focusedBorder: scheme[13],
      .title: scheme[5], .heading: scheme[4], .key: scheme[12], .selection: scheme[2], .cursor: scheme[3],
      .error: scheme[8], .warning: scheme[10], .success: scheme[11], .tokenShade: scheme[1], .panel: scheme[1],
      .background: scheme[0], .streamA: scheme[13], .streamB: scheme[9], .streamC: scheme[14], .streamD: scheme[11],
    ]
  }

  /// The colour of a role.
  public func color(_ role: Role) -> RGB {
    if case .heat(let place) = role { return heat[place] }
    return colors[role] ?? RGB(128, 128, 128)
  }

  /// Whether the theme wants a role in bold.
  func isBold(_ role: Role) -> Bool { bold.contains(role) }
}

extension RGB {
  /// The colour, moved towards `text` as little as needed for a contrast to `ground`.
  func legible(on ground: RGB, towards text: RGB, contrast: Double) -> RGB {
    if self.contrast(to: ground) >= contrast { return self }
    let (start, end) = (OKLab(self), OKLab(text))
    for step in 1...20 {
      let mixed = start.mixed(with: end, Double(step) / 20).rgb
      if mixed.contrast(to: ground) >= contrast { return mixed }
    }
    return text
  }
}
