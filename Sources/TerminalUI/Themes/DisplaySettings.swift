/// What a user may choose about the screen.
public struct DisplaySettings: Sendable, Hashable {
  /// The theme's name; `nil` for the standard theme.
  public var theme: String?
  /// What the color of a token stands for.
  public var heat: HeatMeasure
  /// The scale of that color.
  public var heatKind: HeatScale.Kind
  /// Whether the tokens of a prompt are colored as those of a completion are.
  public var colorsPrompt: Bool
  /// Whether the mouse is used.
  public var mouse: Bool

  /// Settings of these values.
  public init(
    theme: String? = nil, heat: HeatMeasure = .probability, heatKind: HeatScale.Kind = .sequential,
    colorsPrompt: Bool = true, mouse: Bool = false
  ) {
    self.theme = theme
    self.heat = heat
    self.heatKind = heatKind
    self.colorsPrompt = colorsPrompt
    self.mouse = mouse
  }
}
