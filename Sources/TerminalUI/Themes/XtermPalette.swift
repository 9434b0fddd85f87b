/// The part of xterm's 256 colors that is the same on every terminal: the color cube 16…231 and the grays 232…255.
enum XtermPalette {
  private static let levels: [UInt8] = [0, 95, 135, 175, 215, 255]

  private static let colors: [OKLab] = (16...255).map { OKLab(color(UInt8($0))) }

  /// The color at an index of 16 or more.
  static func color(_ index: UInt8) -> RGB {
    if index >= 232 {
      let gray = 8 + (index - 232) * 10
      return RGB(gray, gray, gray)
    }
    let place = Int(index) - 16
    return RGB(levels[place / 36], levels[place / 6 % 6], levels[place % 6])
  }

  /// The color at an index of 16 or more, in OKLab.
  static func lab(_ index: UInt8) -> OKLab { colors[Int(index) - 16] }

  /// The `count` allowed indices with the colors nearest to `color`, nearest first.
  static func nearest(_ count: Int, to color: OKLab, among isPossible: (UInt8) -> Bool) -> [UInt8] {
    let known = (UInt8(16)...255).filter(isPossible).map { ($0, lab($0).squaredDistance(to: color)) }
    return known.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count).map(\.0)
  }

  /// The index, 16 to 255, of the perceptually nearest color.
  static func nearest(to color: RGB) -> UInt8 { nearest(to: color) { _ in true } ?? 16 }

  /// The nearest color with at least the given contrast to `ground`; if there is none, the nearest color.
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

/// A heat scale in xterm's palette: one color for each step of `HeatPlace`.
///
/// The palette is coarse: taking the color nearest to each point would give uneven steps, some of them zero. Instead
/// the colors are chosen together, as close to the scale as even steps and monotonic lightness allow.
struct XtermRamp: Hashable, Sendable {
  /// The indices, expected first. All differ unless the scale has only one color.
  let indices: [UInt8]

  /// The position of each color on the scale: 0 for expected tokens, otherwise a point in the warmer half of a step,
  /// because the palette is coarse.
  private static let places: [UInt8] = [0] + (1..<4).map { UInt8(HeatPlace.place(in: $0, 0.75) * 255) }
  /// The weights of two penalties relative to the distance from the scale: for uneven steps, and for steps with too
  /// small a change in lightness.
  private static let (evenness, flatness) = (4.0, 100.0)
  /// Brown, red, magenta: the steps of a warm scale behind dark text. The colors nearest to such a scale are reds that
  /// are hard to tell apart. These three are readable on light grounds, and easy to tell apart with every kind of color
  /// vision.
  private static let onLight: [UInt8] = [94, 160, 127]
  /// The candidates considered for each color.
  private static let candidates = 40
  private struct Path {
    var cost: Double
    var indices: [UInt8]
  }

  /// The ramp of a scale on a background. Each color has at least the given contrast to it.
  init(_ scale: HeatScale, on ground: RGB, contrast: Double) {
    let points = Self.places.map { OKLab(scale[$0]) }
    let last = points[points.count - 1]
    let lengths = zip(points, points.dropFirst()).map { $0.squaredDistance(to: $1).squareRoot() }
    let step = lengths.reduce(0, +) / Double(lengths.count)
    guard step > 0.01 else {
      indices = Array(repeating: XtermPalette.nearest(to: scale[0]), count: points.count)
      return
    }
    let below = XtermPalette.color(XtermPalette.nearest(to: ground))
    let text = XtermPalette.nearest(to: scale[0], on: below, contrast: contrast)
    if points[0].lightness < 0.4, points[0].chroma < OKLab.grayest,
      last.hasHue(near: XtermPalette.lab(Self.onLight[1])),
      Self.onLight.allSatisfy({ XtermPalette.color($0).contrast(to: below) >= contrast })
    {
      indices = [text] + Self.onLight
      return
    }
    let rise = last.lightness - points[0].lightness
    // Near black a change of hue alone is not visible, so each step must change the lightness too.
    let leastRise = points[0].lightness < 0.4 ? abs(rise) / Double(lengths.count) * 0.75 : 0
    // Dark grays would look like plain text, so the steps must have a visible hue.
    let isColored = points[0].chroma < OKLab.grayest && last.chroma >= OKLab.grayest
    var paths = [Path(cost: 0, indices: [text])]
    for point in points.dropFirst() {
      let near = XtermPalette.nearest(Self.candidates, to: point) { index in
        XtermPalette.color(index).contrast(to: below) >= contrast
          && (!isColored || XtermPalette.lab(index).hasHue(near: point))
      }
      paths = near.compactMap { index -> Path? in
        let color = XtermPalette.lab(index)
        let own = color.squaredDistance(to: point)
        let whole = paths.compactMap { path -> Path? in
          guard let last = path.indices.last, !path.indices.contains(index) else { return nil }
          let before = XtermPalette.lab(last)
          let uneven = color.squaredDistance(to: before).squareRoot() - step
          let flat = max(0, leastRise - (color.lightness - before.lightness) * (rise < 0 ? -1 : 1))
          let cost = path.cost + own + Self.evenness * uneven * uneven + Self.flatness * flat * flat
          return Path(cost: cost, indices: path.indices + [index])
        }
        return whole.min { $0.cost < $1.cost }
      }
    }
    indices =
      paths.min { $0.cost < $1.cost }?.indices
      ?? points.map { XtermPalette.nearest(to: $0.rgb, on: below, contrast: contrast) }
  }

  /// The palette index for a position on the scale.
  subscript(place: UInt8) -> UInt8 { indices[HeatPlace.step(place)] }
}

extension OKLab {
  /// Colors with less chroma than this look gray.
  fileprivate static let grayest = 0.03

  /// Whether the color is not gray and its hue is within 45 degrees of another color's.
  fileprivate func hasHue(near other: OKLab) -> Bool {
    chroma >= OKLab.grayest && a * other.a + b * other.b >= chroma * other.chroma * 0.7071
  }
}
