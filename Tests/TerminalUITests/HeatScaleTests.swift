import Testing

@testable import TerminalUI

/// Normal color vision and three kinds of color blindness.
///
/// The matrices act on linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
/// Color Vision Deficiency", 2009, severity 1.
enum ColorBlindness: CaseIterable {
  case none, protanopia, deuteranopia, tritanopia

  private var matrix: [[Double]] {
    switch self {
    case .none: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case .protanopia:
      [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    case .deuteranopia:
      [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    case .tritanopia:
      [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    }
  }

  /// The perceived color.
  func seen(_ color: RGB) -> OKLab {
    let light = [color.red, color.green, color.blue].map(RGB.linear)
    let channels = matrix.map { row -> UInt8 in
      let sum = min(max(zip(row, light).reduce(0) { $0 + $1.0 * $1.1 }, 0), 1)
      let value = sum <= 0.0031308 ? 12.92 * sum : 1.055 * power(sum, 1 / 2.4) - 0.055
      return UInt8((value * 255).rounded())
    }
    return OKLab(RGB(channels[0], channels[1], channels[2]))
  }
}

@Suite("The heat scales of the theme files")
struct HeatScaleTests {
  private func distance(_ one: OKLab, _ other: OKLab) -> Double { one.squaredDistance(to: other).squareRoot() }

  @Test("Expected tokens have the color of plain text", arguments: ThemeFileTests.names)
  func calm(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    #expect(theme.heatKind == .sequential)
    for depth in ColorDepth.allCases {
      #expect(theme.paint(Style(.heat(0)), depth: depth) == theme.paint(Style(.text), depth: depth), "\(depth)")
    }
  }

  @Test("Every heat step is readable on every background", arguments: ThemeFileTests.names, HeatScale.Kind.allCases)
  func contrast(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    for place in UInt8(0)...255 {
      for ground in [nil, Role.selection, .cursor, .tokenShade] {
        let style = Style(.heat(place), on: ground)
        guard case .rgb(let text) = theme.paint(style, depth: .trueColor).foreground,
          case .rgb(let under) = theme.paint(style, depth: .trueColor).background
        else { continue }
        #expect(text.contrast(to: under) >= 4.5, "\(place) on \(ground ?? .background)")
        guard ground == nil, case .indexed(let near) = theme.paint(style, depth: .indexed256).foreground,
          case .indexed(let below) = theme.paint(style, depth: .indexed256).background
        else { continue }
        #expect(XtermPalette.color(near).contrast(to: XtermPalette.color(below)) >= 4.5, "\(place) of 256")
      }
    }
  }

  @Test("Heat steps are even and end warm", arguments: ThemeFileTests.names)
  func even(_ name: String) throws {
    let scale = try ThemeFileTests.theme(name).sequential
    let places = stride(from: 0, through: 255, by: 17).map { OKLab(scale[UInt8($0)]) }
    let steps = zip(places, places.dropFirst()).map(distance)
    let mean = steps.reduce(0, +) / Double(steps.count)
    // Rounding to eight bits per channel moves each end of a step by up to 0.003.
    #expect(steps.allSatisfy { abs($0 - mean) < 0.006 }, "\(steps)")
    #expect(mean * Double(steps.count) >= 0.2)
    guard name != "monochrome" else { return }
    for (one, other) in zip(places, places.dropFirst()) { #expect(other.b > one.b - 0.02) }
    #expect(places[15].a > places[0].a + 0.05 && places[15].b > places[0].b + 0.05)
  }

  @Test(
    "The lightness of the scale is monotonic, for every kind of color vision",
    arguments: ThemeFileTests.names, ColorBlindness.allCases)
  func everySight(_ name: String, _ sight: ColorBlindness) throws {
    let scale = try ThemeFileTests.theme(name).sequential
    let seen = [0, 20, 56, 100, 132, 172, 204, 255].map { sight.seen(scale[UInt8($0)]) }
    let lightness = seen.map(\.lightness)
    #expect(lightness == lightness.sorted() || lightness == lightness.sorted(by: >), "\(sight): \(lightness)")
  }

  @Test(
    "Both ends of the diverging scale differ from its middle, for every kind of color vision",
    arguments: ThemeFileTests.names)
  func diverging(_ name: String) throws {
    let scale = try ThemeFileTests.theme(name).diverging
    for sight in ColorBlindness.allCases {
      let seen = [0, 128, 255].map { sight.seen(scale[UInt8($0)]) }
      #expect(distance(seen[0], seen[1]) > 0.05 && distance(seen[1], seen[2]) > 0.05, "\(sight)")
      #expect(distance(seen[0], seen[2]) > 0.1, "\(sight)")
    }
  }

  /// The middle of each step of the legend, expected first.
  private static let middles = (0..<4).map { HeatPlace.place(in: $0, 0.5) }

  @Test(
    "Neighboring steps have a minimum distance at every color depth, for every kind of color vision",
    arguments: ThemeFileTests.names, HeatScale.Kind.allCases)
  func neighbors(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    for depth in [ColorDepth.indexed256, .trueColor] {
      // The minimum distance is smaller for the monochrome scale, which varies only in lightness, and for diverging
      // scales, whose middle is gray.
      let least =
        name == "monochrome"
        ? 0.055 : kind == .diverging ? 0.06 : depth == .trueColor ? 0.07 : theme.isDark ? 0.09 : 0.1
      // About 0.02 is the least difference that is seen.
      let leastSeen = kind == .diverging ? 0.02 : depth == .trueColor || theme.isDark ? 0.035 : 0.05
      let steps = Self.middles.compactMap { theme.seen(Style(.heat(fraction: $0)), depth).first?.text }
      try #require(steps.count == 4)
      for (one, other) in zip(steps, steps.dropFirst()) {
        let step = distance(OKLab(one), OKLab(other))
        #expect(step >= least, "\(depth): \(one), \(other): \(step)")
        for sight in ColorBlindness.allCases {
          #expect(distance(sight.seen(one), sight.seen(other)) >= leastSeen, "\(depth), \(sight): \(one), \(other)")
        }
        // For text on white, close to black, a change of hue alone is not visible.
        guard kind == .sequential, !theme.isDark else { continue }
        let rise = OKLab(other).lightness - OKLab(one).lightness
        #expect(rise >= 0.04 || OKLab(one).lightness > 0.45 && step >= 0.15, "\(depth): \(one), \(other)")
      }
    }
  }

  @Test(
    "With 8 and 16 colors, steps differ by color or underline for every kind of color vision, from plain to magenta",
    arguments: HeatScale.Kind.allCases, [true, false])
  func fewColors(_ kind: HeatScale.Kind, _ isDark: Bool) throws {
    let theme = try ThemeFileTests.theme(isDark ? "triptych-dark" : "triptych-light").with(kind)
    let styles = Self.middles.map { Style(.heat(fraction: $0)) }
    let paints = styles.map { theme.paint($0, depth: .ansi16) }
    for (one, other) in zip(paints, paints.dropFirst()) where kind == .sequential {
      #expect(other.attributes.isSuperset(of: one.attributes), "a higher step keeps the attributes of lower ones")
    }
    for palette in StockPalette.all(dark: isDark) {
      for count in [8, 16] {
        let colors = paints.map { palette.seen($0, count: count).text }
        for (index, (one, other)) in zip(colors, colors.dropFirst()).enumerated() {
          let isUnderlined = paints[index + 1].attributes.contains(.underline)
          // The Linux console (black background) cannot underline colored text.
          if isUnderlined, !isDark, !paints[index].attributes.contains(.underline) { continue }
          for sight in ColorBlindness.allCases {
            #expect(distance(sight.seen(one), sight.seen(other)) >= 0.03, "\(count) of \(palette), \(sight), \(index)")
          }
        }
        guard kind == .sequential else { continue }
        let labs = colors.map { OKLab($0) }
        #expect(labs[0].chroma < 0.01)
        // Plain, yellow (on white blue), red, magenta. Red and magenta have the largest OKLab a of the palette.
        #expect(labs[3].a > 0.15 && labs[2].a > 0.15 && labs[1].chroma > 0.1)
      }
    }
  }

  @Test(
    "With 256 colors the steps are even and distinct, and their lightness changes in one direction",
    arguments: ThemeFileTests.names
  )
  func evenIndexed(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    let indices = (UInt8(0)...255).compactMap { place -> UInt8? in
      guard case .indexed(let index) = theme.paint(Style(.heat(place)), depth: .indexed256).foreground else {
        return nil
      }
      return index
    }
    try #require(indices.count == 256)
    var ramp: [UInt8] = []
    for index in indices where ramp.last != index { ramp.append(index) }
    #expect(ramp.count == 4 && Set(ramp).count == 4, "\(ramp)")
    #expect(Set(indices[...20]).count == 1, "expected tokens have the color of text")
    let colors = ramp.map { XtermPalette.lab($0) }
    let steps = zip(colors, colors.dropFirst()).map(distance)
    // Neighboring grays of the palette differ by 0.03 or 0.06. The first step from black is larger, to be visible.
    #expect((steps.max() ?? 9) <= (theme.isDark ? 2.1 : 2.5) * (steps.min() ?? 0), "\(ramp): \(steps)")
    let rise = colors[3].lightness > colors[0].lightness ? 1.0 : -1
    for (one, other) in zip(colors, colors.dropFirst()) { #expect((other.lightness - one.lightness) * rise > -0.025) }
  }

  @Test(
    "With 256 colors on a light ground the scale goes from plain over brown and red to magenta, each a hue of its own")
  func lightIndexed() throws {
    for name in try ThemeFileTests.names.filter({ try !ThemeFileTests.theme($0).isDark }) {
      let theme = try ThemeFileTests.theme(name)
      let steps = Self.middles.compactMap { theme.seen(Style(.heat(fraction: $0)), .indexed256).first?.text }
      let labs = steps.map { OKLab($0) }
      try #require(labs.count == 4)
      #expect(labs[0].lightness < 0.4 && labs[0].chroma < 0.04)
      // From yellow (b alone) over red (a and b) to magenta (a, and b below 0).
      #expect(labs[1].b > labs[1].a && labs[2].a > labs[2].b && labs[2].b > 0.05 && labs[3].b < 0, "\(name): \(steps)")
      for index in 1..<3 {
        let (one, other) = (labs[index], labs[index + 1])
        let cosine = (one.a * other.a + one.b * other.b) / (one.chroma * other.chroma)
        #expect(cosine < 0.7, "\(name): \(steps[index]) and \(steps[index + 1]) are of one hue")
      }
    }
  }

  @Test("Every scheme without heat stops gets a readable scale")
  func anyScheme() throws {
    let schemes: [[UInt32]] = [
      // Low-contrast text (like Solarized), amber on black (text as warm as the orange), and a single gray.
      [0xFDF6E3, 0x657B83, 0xDC322F, 0xCB4B16], [0x000000, 0xFFB000, 0xFF4040, 0xFFA800],
      [0x808080, 0x808080, 0x808080, 0x808080],
    ]
    for colors in schemes {
      let rgb = colors.map { RGB(UInt8($0 >> 16), UInt8($0 >> 8 & 0xFF), UInt8($0 & 0xFF)) }
      var all = [RGB](repeating: rgb[0], count: 16)
      for index in 3...7 { all[index] = rgb[1] }
      for index in 8...15 { all[index] = index == 9 ? rgb[3] : rgb[2] }
      let theme = Theme(name: "any", scheme: try #require(Scheme(all)))
      #expect(theme.sequential[0] == rgb[1])
      let end = theme.sequential[255]
      #expect(end.contrast(to: rgb[0]) >= 4.5)
      #expect(distance(OKLab(end), OKLab(rgb[1])) >= 0.14)
    }
  }
}
