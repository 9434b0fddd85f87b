import Testing

@testable import TerminalUI

/// Sight without one kind of cones, and the full one.
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

  /// A color as it is seen.
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
    // Channels of eight bits round each end of a step by up to 0.003.
    #expect(steps.allSatisfy { abs($0 - mean) < 0.006 }, "\(steps)")
    #expect(mean * Double(steps.count) >= 0.2)
    guard name != "monochrome" else { return }
    for (one, other) in zip(places, places.dropFirst()) { #expect(other.b > one.b - 0.02) }
    #expect(places[15].a > places[0].a + 0.05 && places[15].b > places[0].b + 0.05)
  }

  @Test(
    "The four steps of the legend differ for every sight, and lightness never turns back",
    arguments: ThemeFileTests.names, ColorBlindness.allCases)
  func everySight(_ name: String, _ sight: ColorBlindness) throws {
    let scale = try ThemeFileTests.theme(name).sequential
    let seen = [0, 40, 104, 176, 255].map { sight.seen(scale[UInt8($0)]) }
    // About 0.02 is the least difference that is seen.
    for (one, other) in zip(seen, seen.dropFirst()) { #expect(distance(one, other) >= 0.025, "\(sight)") }
    let lightness = seen.map(\.lightness)
    #expect(lightness == lightness.sorted() || lightness == lightness.sorted(by: >), "\(sight): \(lightness)")
  }

  @Test("Both ends of the diverging scale differ from its middle for every sight", arguments: ThemeFileTests.names)
  func diverging(_ name: String) throws {
    let scale = try ThemeFileTests.theme(name).diverging
    for sight in ColorBlindness.allCases {
      let seen = [0, 128, 255].map { sight.seen(scale[UInt8($0)]) }
      #expect(distance(seen[0], seen[1]) > 0.05 && distance(seen[1], seen[2]) > 0.05, "\(sight)")
      #expect(distance(seen[0], seen[2]) > 0.1, "\(sight)")
    }
  }

  @Test("256 colors keep the legend's steps apart", arguments: ThemeFileTests.names, HeatScale.Kind.allCases)
  func indexed(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    let steps = [20, 72, 140, 216].map { theme.paint(Style(.heat(UInt8($0))), depth: .indexed256).foreground }
    #expect(Set(steps).count == 4)
  }

  @Test("With 256 colors the steps are even and distinct, and lightness is monotonic", arguments: ThemeFileTests.names)
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
    #expect(ramp.count == 5 && Set(ramp).count == 5, "\(ramp)")
    #expect(Set(indices[...39]).count == 1, "what was expected has one colour, that of text")
    let colors = ramp.map { XtermPalette.lab($0) }
    let steps = zip(colors, colors.dropFirst()).map(distance)
    // The palette's own grays are 0.03 or 0.06 apart.
    #expect((steps.max() ?? 9) <= 2.1 * (steps.min() ?? 0), "\(ramp): \(steps)")
    let rise = colors[4].lightness > colors[0].lightness ? 1.0 : -1
    for (one, other) in zip(colors, colors.dropFirst()) { #expect((other.lightness - one.lightness) * rise > -0.02) }
  }

  @Test(
    "The first steps of every scale are seen: neighbours among the legend's differ", arguments: ThemeFileTests.names)
  func firstSteps(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    let seen = [20, 72, 140, 216].map { OKLab(theme.sequential[UInt8($0)]) }
    guard name != "monochrome" else { return }
    for (one, other) in zip(seen, seen.dropFirst()) { #expect(distance(one, other) >= 0.055) }
    // Next to black a little hue is not seen: the second step is lighter, too.
    guard !theme.isDark else { return }
    #expect(seen[1].lightness - seen[0].lightness > 0.035)
  }

  @Test("Any scheme without stops of its own has a scale")
  func anyScheme() throws {
    let schemes: [[UInt32]] = [
      // Solarized-like: text with little contrast; amber on black: text as warm as the orange; all one gray.
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
