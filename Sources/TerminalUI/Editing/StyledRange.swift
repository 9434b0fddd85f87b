/// A look for a range of a text's bytes.
public struct StyledRange: Hashable, Sendable {
  /// UTF-8 bytes of the text.
  public var range: Range<Int>
  /// How they look.
  public var style: Style

  /// A look for a range.
  public init(_ range: Range<Int>, _ style: Style) {
    self.range = range
    self.style = style
  }
}
