/// A horizontal bar that is exact to an eighth of a cell.
public struct Bar: Widget, Hashable {
  /// The part of the width that is filled, 0 to 1; anything else, NaN included, is clamped.
  public var fraction: Double
  /// How it looks.
  public var style: Style

  /// A bar of a fraction of its room.
  public init(_ fraction: Double, style: Style = Style(.accent)) {
    self.fraction = fraction
    self.style = style
  }

  /// The bar as text within `width` columns.
  public static func text(_ fraction: Double, width: Int, glyphs: Glyphs = .unicode) -> String {
    guard width > 0, fraction > 0, let full = glyphs.eighths.last else { return "" }
    let eighths = Int((min(fraction, 1) * Double(width) * 8).rounded())
    let part = eighths % 8
    return String(repeating: full, count: eighths / 8) + (part > 0 ? glyphs.eighths[part - 1] : "")
  }

  /// Draws the bar into the first row of `rect`.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    let text = Bar.text(fraction, width: rect.width, glyphs: grid.glyphs)
    grid.draw(text, in: rect.row(0), style: style)
  }
}
