/// What the colours of a heat scale mean: a word, then four steps with their bounds, each beside a swatch in the very
/// colours that text of that step has: `colour: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less`.
/// Without colours the swatches are the marks that stand under text.
public struct HeatLegend: Widget, Hashable {
  /// What is coloured.
  public var label: String
  /// The steps, the expected first.
  public var steps: [Step]
  /// Whether swatches are coloured; else they are marks.
  public var isColored: Bool
  /// Whether the words beside swatches look like text of their step. With few colours two steps may differ in weight
  /// alone, which a solid swatch does not show.
  public var colorsWords = false

  /// One step of a legend.
  public struct Step: Hashable, Sendable {
    /// Two places on the heat scale, 0 to 1, within the step.
    public var fractions: [Double]
    /// The words beside the swatch.
    public var label: String

    /// One step of a legend.
    public init(_ fractions: [Double], _ label: String) {
      self.fractions = fractions
      self.label = label
    }
  }

  /// A legend.
  public init(_ label: String, steps: [Step], isColored: Bool = true) {
    self.label = label
    self.steps = steps
    self.isColored = isColored
  }

  /// The columns that it takes.
  public func width(glyphs: Glyphs) -> Int { spans(glyphs).reduce(0) { $0 + $1.text.columnWidth } }

  /// Draws into the first row of `rect`.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    grid.draw(spans(grid.glyphs), at: rect.origin, maxWidth: rect.width)
  }

  private func spans(_ glyphs: Glyphs) -> [Span] {
    var spans = [Span(label, Style(.dim))]
    for step in steps {
      spans.append(Span("  ", Style(.dim)))
      if isColored {
        // A whole cell: shades mix with the ground and show another colour than text does.
        spans += step.fractions.map { Span(glyphs.eighths.last ?? "#", Style(.heat(fraction: $0))) }
      } else {
        let mark = glyphs.shade(step.fractions.last ?? 0)
        spans.append(Span(mark == " " ? "none" : mark, Style(.dim)))
      }
      let place = step.fractions.last ?? 0
      spans.append(Span(" " + step.label, colorsWords ? Style(.heat(fraction: place)) : Style(.dim)))
    }
    return spans
  }
}

extension Glyphs {
  /// The shade for a place on the heat scale, 0 to 1: heat where there is no colour. What was expected has none.
  public func shade(_ fraction: Double) -> String {
    shades[min(HeatPlace.step(fraction), shades.count - 1)]
  }
}
