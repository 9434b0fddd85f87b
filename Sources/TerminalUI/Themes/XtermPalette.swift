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
