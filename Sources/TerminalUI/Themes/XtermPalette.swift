/// The part of xterm's 256 colours that is the same on every terminal: the cube 16…231 and the greys 232…255.
enum XtermPalette {
  private static let levels: [UInt8] = [0, 95, 135, 175, 215, 255]

  private static let colors: [OKLab] = (16...255).map { OKLab(color(UInt8($0))) }

  /// The colour at an index of 16 or more.
  static func color(_ index: UInt8) -> RGB {
    if index >= 232 {
      let grey = 8 + (index - 232) * 10
      return RGB(grey, grey, grey)
    }
    let place = Int(index) - 16
    return RGB(levels[place / 36], levels[place / 6 % 6], levels[place % 6])
  }

  /// The colour at an index of 16 or more, as the eye sees it.
  static func lab(_ index: UInt8) -> OKLab { colors[Int(index) - 16] }

  /// The possible indices whose colours are nearest to `color`, nearest first.
  static func nearest(_ count: Int, to color: OKLab, among isPossible: (UInt8) -> Bool) -> [UInt8] {
    let known = (UInt8(16)...255).filter(isPossible).map { ($0, lab($0).squaredDistance(to: color)) }
    return known.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count).map(\.0)
  }

  /// The index, 16 to 255, of the colour nearest to the eye.
  static func nearest(to color: RGB) -> UInt8 { nearest(to: color) { _ in true } ?? 16 }

  /// The nearest colour with at least a contrast to `ground`; where there is none, the nearest.
  static func nearest(to color: RGB, on ground: RGB, contrast: Double) -> UInt8 {
    nearest(to: color) { XtermPalette.color($0).contrast(to: ground) >= contrast } ?? nearest(to: color)
  }

  private static func nearest(to color: RGB, among isPossible: (UInt8) -> Bool) -> UInt8? {
    let wanted = OKLab(color)
    var best: UInt8?
    var distance = Double.infinity
    for (place, candidate) in colors.enumerated() {
      let here = candidate.squaredDistance(to: wanted)
      let index = UInt8(place + 16)
      if here < distance, isPossible(index) { (best, distance) = (index, here) }
    }
    return best
  }
}

/// A heat scale in xterm's palette: five colours, the first for what was expected, the last two for the strongest step.
///
/// The nearest colour of each place makes uneven steps, some of them none: the palette is coarse. So the five are chosen
/// together, as near to the scale as the evenness of their steps allows.
struct XtermRamp: Hashable, Sendable {
  /// The indices, the expected first; all differ, unless the scale is one colour.
  let indices: [UInt8]

  private static let count = 5
  /// What the unevenness of a step and a turn back in lightness weigh against the distance to the scale.
  private static let (evenness, turning) = (4.0, 4.0)
  /// Candidates for each of the five: enough for any path that can be a good one.
  private static let candidates = 30
  /// Less colour than this is grey to the eye.
  private static let greyest = 0.03

  private struct Path {
    var cost: Double
    var indices: [UInt8]
  }

  /// The ramp of a scale on a ground: each colour has at least the contrast to it.
  init(_ scale: HeatScale, on ground: RGB, contrast: Double) {
    let points = (0..<Self.count).map { OKLab(scale[UInt8($0 * 255 / (Self.count - 1))]) }
    let lengths = zip(points, points.dropFirst()).map { $0.squaredDistance(to: $1).squareRoot() }
    let step = lengths.reduce(0, +) / Double(lengths.count)
    guard step > 0.01 else {
      indices = Array(repeating: XtermPalette.nearest(to: scale[0]), count: Self.count)
      return
    }
    let below = XtermPalette.color(XtermPalette.nearest(to: ground))
    let rise = points[Self.count - 1].lightness - points[0].lightness
    // A straight way through dark greys would pass for text: it is the hue that tells.
    let isColored = points[0].chroma < Self.greyest && points[Self.count - 1].chroma >= Self.greyest
    let first = XtermPalette.nearest(to: scale[0], on: below, contrast: contrast)
    var paths = [Path(cost: 0, indices: [first])]
    for place in 1..<Self.count {
      let near = XtermPalette.nearest(Self.candidates, to: points[place]) { index in
        XtermPalette.color(index).contrast(to: below) >= contrast
          && (!isColored || XtermPalette.lab(index).chroma >= Self.greyest)
      }
      paths = near.compactMap { index -> Path? in
        let color = XtermPalette.lab(index)
        let own = color.squaredDistance(to: points[place])
        let whole = paths.compactMap { path -> Path? in
          guard let last = path.indices.last, !path.indices.contains(index) else { return nil }
          let before = XtermPalette.lab(last)
          let uneven = color.squaredDistance(to: before).squareRoot() - step
          let back = min(0, (color.lightness - before.lightness) * (rise < 0 ? -1 : 1))
          let cost = path.cost + own + Self.evenness * uneven * uneven + Self.turning * back * back
          return Path(cost: cost, indices: path.indices + [index])
        }
        return whole.min { $0.cost < $1.cost }
      }
    }
    indices =
      paths.min { $0.cost < $1.cost }?.indices
      ?? points.map { XtermPalette.nearest(to: $0.rgb, on: below, contrast: contrast) }
  }

  /// The index at a place of the scale: one colour a step, two for the last one.
  subscript(place: UInt8) -> UInt8 {
    let step = HeatPlace.step(place)
    return indices[step < 3 || place < 216 ? step : 4]
  }
}
