/// A scale of colours from cold to hot, even to the eye: interpolated in OKLab, the stops equally far apart.
public struct HeatScale: Hashable, Sendable {
  /// The colours at 0, 1, … 255.
  let colors: [RGB]

  /// The scale through `stops`, at least two of them (a single one makes a scale of one colour; none, grey).
  public init(stops: [RGB]) {
    let points = stops.map { OKLab($0) }
    guard let first = points.first, points.count > 1 else {
      colors = Array(repeating: stops.first ?? RGB(128, 128, 128), count: 256)
      return
    }
    colors = (0..<256).map { step in
      let position = Double(step) / 255 * Double(points.count - 1)
      let index = min(Int(position), points.count - 2)
      let start = index == 0 ? first : points[index]
      return start.mixed(with: points[index + 1], position - Double(index)).rgb
    }
  }

  /// The colour at a place of the scale.
  public subscript(place: UInt8) -> RGB { colors[Int(place)] }
}
