/// A color scale that is perceptually even: interpolated in OKLab, with equal distances between equal steps.
public struct HeatScale: Hashable, Sendable {
  /// Which of a theme's two scales is used to color tokens.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// From the color of plain text (expected) to a warm one (surprising).
    case sequential
    /// From a cool color (expected) through gray to a warm one (surprising).
    case diverging

    /// The other one.
    public var next: Kind { self == .sequential ? .diverging : .sequential }
  }

  /// The colors at 0, 1, … 255.
  let colors: [RGB]

  /// Creates the scale through `stops`. One stop gives a constant scale; none gives gray.
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

  /// The color at a position on the scale.
  public subscript(place: UInt8) -> RGB { colors[Int(place)] }
}

/// Maps a token's statistics to a position on the heat scale: 0 is expected, 1 is most surprising.
///
/// The scale has four steps with round bounds, which the legend shows. Within a step the position grows linearly.
/// Between two steps it jumps, so that tokens in neighboring steps always look different. The first step is short:
/// expected tokens look like plain text.
public enum HeatPlace {
  /// The positions of the steps, 0 to 255, with gaps between them.
  private static let ranges: [ClosedRange<UInt8>] = [0...20, 56...100, 132...172, 204...255]

  /// The position of a probability. The steps end at 50 %, 10 % and 1 %. NaN counts as most surprising.
  public static func probability(_ value: Double) -> Double {
    value.isNaN ? 1 : place(-value, among: [-1, -0.5, -0.1, -0.01, 0])
  }

  /// The position of a rank, counted from 1. Rank 1 is expected; the next two steps end at ranks 5 and 50.
  public static func rank(_ rank: Int) -> Double {
    rank <= 1 ? 0 : place(Double(rank - 1), among: [0, 0.99, 4.99, 49.99, 1000])
  }

  /// The position of a surprisal in bits. The steps end at 1, 3 and 7.
  public static func surprise(_ bits: Double) -> Double { bits.isNaN ? 1 : place(bits, among: [0, 1, 3, 7, 14]) }

  /// The step, 0 to 3, of a position on the scale of 256. A position in a gap belongs to the step before it.
  public static func step(_ place: UInt8) -> Int { ranges.dropFirst().count { place >= $0.lowerBound } }

  /// The step of a position, 0 to 1.
  public static func step(_ fraction: Double) -> Int {
    step(fraction > 0 ? UInt8((min(fraction, 1) * 255).rounded()) : 0)
  }

  /// The position at a fraction of a step: 0 is its start, 1 its end.
  public static func place(in step: Int, _ share: Double) -> Double {
    let (low, high) = (Double(ranges[step].lowerBound), Double(ranges[step].upperBound))
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

/// The legend of a heat scale: a label and four steps with their bounds, each next to a swatch in the step's colors:
/// `color: probability  ██ >50 %  ██ >10 %  ██ >1 %  ██ less`. Without colors, the swatches are the marks that replace
/// colors under the text.
public struct HeatLegend: Widget, Hashable {
  /// The label: what the colors show. May be empty.
  public var label: String
  /// The steps, the expected first.
  public var steps: [Step]
  /// Whether swatches are colored. Otherwise they are marks.
  public var isColored: Bool
  /// Whether labels have the style of their step. With few colors two steps may differ only by an underline, which a
  /// solid swatch cannot show.
  public var colorsWords = false
  /// Whether each step has one swatch instead of two, where there is little room.
  public var isBrief = false

  /// One step of a legend.
  public struct Step: Hashable, Sendable {
    /// Two positions on the heat scale, 0 to 1, within the step.
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

  /// Its width in columns.
  public func width(glyphs: Glyphs) -> Int { spans(glyphs).reduce(0) { $0 + $1.text.columnWidth } }

  /// Draws into the first row of `rect`.
  public func draw(in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    grid.draw(spans(grid.glyphs), at: rect.origin, maxWidth: rect.width)
  }

  private func spans(_ glyphs: Glyphs) -> [Span] {
    var spans = [Span(label, Style(.dim))]
    for (index, step) in steps.enumerated() {
      if index > 0 || !label.isEmpty { spans.append(Span("  ", Style(.dim))) }
      if isColored {
        // Use a full block: shade characters would mix with the background color.
        spans += step.fractions.suffix(isBrief ? 1 : 2).map {
          Span(glyphs.eighths.last ?? "#", Style(.heat(fraction: $0)))
        }
      } else {
        let mark = glyphs.shade(step.fractions.last ?? 0)
        spans.append(Span(mark == " " ? "none" : mark, Style(.dim)))
      }
      let place = step.fractions.last ?? 0
      spans.append(Span(" ", Style(.dim)))
      spans.append(Span(step.label, colorsWords ? Style(.heat(fraction: place)) : Style(.dim)))
    }
    return spans
  }
}

extension Glyphs {
  /// The shade for a position on the heat scale, 0 to 1, for terminals without color. The first step has no shade.
  public func shade(_ fraction: Double) -> String {
    shades[min(HeatPlace.step(fraction), shades.count - 1)]
  }
}
