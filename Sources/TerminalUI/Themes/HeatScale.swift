/// A scale of colours, even to the eye: interpolated in OKLab, equal steps of the scale being equal distances there.
public struct HeatScale: Hashable, Sendable {
  /// Which of a theme's two scales colours tokens.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// From the colour of plain text (expected) to a warm one (surprising).
    case sequential
    /// From a cool colour (expected) through grey to a warm one (surprising).
    case diverging

    /// The other one.
    public var next: Kind { self == .sequential ? .diverging : .sequential }
  }

  /// The colours at 0, 1, … 255.
  let colors: [RGB]

  /// The scale through `stops`, at least two of them (a single one makes a scale of one colour; none, grey).
  public init(stops: [RGB]) {
    let points = stops.map { OKLab($0) }
    let lengths = zip(points, points.dropFirst()).map { $0.squaredDistance(to: $1).squareRoot() }
    let total = lengths.reduce(0, +)
    guard let last = stops.last, total > 0 else {
      colors = Array(repeating: stops.first ?? RGB(128, 128, 128), count: 256)
      return
    }
    colors = (0..<256).map { step in
      if step == 0 { return stops[0] }
      if step == 255 { return last }
      var distance = Double(step) / 255 * total
      for (index, length) in lengths.enumerated() {
        if distance <= length, length > 0 { return points[index].mixed(with: points[index + 1], distance / length).rgb }
        distance -= length
      }
      return last
    }
  }

  /// The colour at a place of the scale.
  public subscript(place: UInt8) -> RGB { colors[Int(place)] }
}

/// From a token's numbers to its place on a heat scale: 0 what the model was sure of, 1 what surprised it most.
///
/// The scale has four steps with round bounds, which a legend can name; within a step the place grows evenly. The first
/// steps are short, so that warmth is left for real surprises.
public enum HeatPlace {
  /// Where the steps begin and the last one ends, of 255.
  private static let ends: [UInt8] = [0, 40, 104, 176, 255]

  /// The place of a probability: 50 %, 10 % and 1 % end the steps. Not a number is the most surprising.
  public static func probability(_ value: Double) -> Double {
    value.isNaN ? 1 : place(-value, among: [-1, -0.5, -0.1, -0.01, 0])
  }

  /// The place of a rank, counted from 1: the first is expected; ranks 5 and 50 end the next two steps.
  public static func rank(_ rank: Int) -> Double {
    rank <= 1 ? 0 : place(Double(rank - 1), among: [0, 0.99, 4.99, 49.99, 1000])
  }

  /// The place of a surprise in bits: 1, 3 and 7 end the steps.
  public static func surprise(_ bits: Double) -> Double { bits.isNaN ? 1 : place(bits, among: [0, 1, 3, 7, 14]) }

  /// The step of a place on the scale of 256: 0 to 3.
  public static func step(_ place: UInt8) -> Int { ends[1...3].count { place >= $0 } }

  /// The step of a place, 0 to 1.
  public static func step(_ fraction: Double) -> Int {
    step(fraction > 0 ? UInt8((min(fraction, 1) * 255).rounded()) : 0)
  }

  /// The place within a step, from 0 (where it begins) to 1 (where it ends).
  public static func place(in step: Int, _ share: Double) -> Double {
    // The last place before the next step, so that rounding to 256 places never crosses a bound.
    let (low, high) = (Double(ends[step]), Double(ends[step + 1]) - (step < 3 ? 1 : 0))
    return (low + (high - low) * share) / 255
  }

  private static func place(_ value: Double, among bounds: [Double]) -> Double {
    for step in 0..<4 where value < bounds[step + 1] {
      let share = (value - bounds[step]) / (bounds[step + 1] - bounds[step])
      return place(in: step, min(max(share, 0), 1))
    }
    return 1
  }
}

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
