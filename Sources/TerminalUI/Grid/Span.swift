/// Text of one style: a piece of a line.
public struct Span: Hashable, Sendable {
  /// The text, drawn as it is.
  public var text: String
  /// How it looks.
  public var style: Style

  /// A piece of a line.
  public init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }
}
