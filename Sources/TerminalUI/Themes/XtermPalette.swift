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

  /// The index, 16 to 255, of the colour nearest to the eye.
  static func nearest(to color: RGB) -> UInt8 {
    let wanted = OKLab(color)
    var best = 0
    var distance = Double.infinity
    for (index, candidate) in colors.enumerated() {
      let here = candidate.squaredDistance(to: wanted)
      if here < distance { (best, distance) = (index, here) }
    }
    return UInt8(best + 16)
  }
}
