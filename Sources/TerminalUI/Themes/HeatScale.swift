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
