/// What the colours mean: a word, then four shades with their bounds: `colour: probability  ░ <1 %  ▒ <10 %  ▓ <50 %`.
public struct HeatLegend: Widget, Hashable {
  /// What is coloured.
  public var label: String
  /// Four steps from cold to hot: their place on the heat scale and their words.
  public var steps: [Step]

  /// One step of a legend.
  public struct Step: Hashable, Sendable {
    /// The place on the heat scale, 0 to 1.
    public var fraction: Double
    /// The words beside the sign.
    public var label: String

    /// One step of a legend.
    public init(_ fraction: Double, _ label: String) {
      self.fraction = fraction
      self.label = label
    }
  }

  /// A legend.
  public init(_ label: String, steps: [Step]) {
    self.label = label
    self.steps = steps
  }

  /// Draws into the first row of `rect`.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    var spans = [Span(label, Style(.dim))]
    for (index, step) in steps.enumerated() {
      let shade = grid.glyphs.shades[min(index, grid.glyphs.shades.count - 1)]
      spans += [Span("  " + shade, Style(.heat(fraction: step.fraction))), Span(" " + step.label, Style(.dim))]
    }
    grid.draw(spans, at: rect.origin, maxWidth: rect.width)
  }
}

extension Glyphs {
  /// The shade for a place on the heat scale, 0 to 1: heat where there is no colour.
  public func shade(_ fraction: Double) -> String {
    let place = fraction > 0 ? Int(min(fraction, 1) * Double(shades.count)) : 0
    return shades[min(place, shades.count - 1)]
  }
}
