/// What a style has become in a theme at a colour depth.
public struct Paint: Hashable, Sendable {
  /// The colour of the text.
  public var foreground: TerminalColor
  /// The colour of the ground.
  public var background: TerminalColor
  /// Attributes.
  public var attributes: Style.Attributes

  /// Colours and attributes.
  public init(
    foreground: TerminalColor = .standard, background: TerminalColor = .standard, attributes: Style.Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}
