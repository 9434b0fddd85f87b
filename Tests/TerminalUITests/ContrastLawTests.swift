import Testing

@testable import TerminalUI

@Suite("Contrast of every role at every number of colors")
struct ContrastLawTests {
  private static let depths = [ColorDepth.ansi16, .indexed256, .trueColor]
  private static let texts: [Role] =
    [
      .text, .title, .heading, .dim, .accent, .key, .error, .warning, .success, .streamA, .streamB, .streamC, .streamD,
    ] + [0, 20, 56, 78, 100, 132, 152, 172, 204, 230, 255].map { Role.heat($0) }
  private static let grounds: [Role?] = [nil, .background, .selection, .cursor, .panel, .tokenShade]

  @Test(
    "Text has a contrast of at least 4.5 : 1 to its background", arguments: ThemeFileTests.names,
    HeatScale.Kind.allCases)
  func text(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    for depth in Self.depths {
      for role in Self.texts {
        for ground in Self.grounds {
          for attributes: Style.Attributes in [[], .bold] {
            for seen in theme.seen(Style(role, on: ground, attributes), depth) {
              let contrast = seen.text.contrast(to: seen.ground)
              #expect(contrast >= 4.5, "\(role) on \(String(describing: ground)), \(seen.place)")
            }
          }
        }
      }
    }
  }

  /// The middle of each step of the heat scale.
  private static let steps = (0..<4).map { HeatPlace.place(in: $0, 0.5) }

  @Test(
    "Each of the four heat steps has a color of its own, with 8 and 16 colors too",
    arguments: ThemeFileTests.names, HeatScale.Kind.allCases)
  func steps(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    for depth in Self.depths {
      let steps = Self.steps.map { theme.seen(Style(.heat(fraction: $0)), depth) }
      for place in steps[0].indices {
        for (index, one) in steps.enumerated() {
          for other in steps[(index + 1)...] {
            let distance = OKLab(one[place].text).squaredDistance(to: OKLab(other[place].text)).squareRoot()
            #expect(distance >= 0.055, "step \(index), \(one[place].place)")
          }
        }
      }
    }
  }

  @Test(
    "A heat step that differs from running text does so in a selected row too", arguments: ThemeFileTests.names,
    HeatScale.Kind.allCases)
  func selectedSteps(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    func distances(_ step: Double, _ depth: ColorDepth, on ground: Role?) -> [Double] {
      zip(theme.seen(Style(.heat(fraction: step), on: ground), depth), theme.seen(Style(.text, on: ground), depth))
        .map { OKLab($0.text).squaredDistance(to: OKLab($1.text)).squareRoot() }
    }
    for depth in [ColorDepth.indexed256, .trueColor] {
      for step in Self.steps where distances(step, depth, on: nil).allSatisfy({ $0 >= 0.055 }) {
        // Colors that move towards the text for contrast come closer to it. Half the distance can still be seen.
        let kept = distances(step, depth, on: .selection)
        #expect(kept.allSatisfy { $0 >= 0.03 }, "step \(step), \(depth), \(kept)")
      }
    }
  }

  @Test(
    "A bar has the color of its heat step, in a selected row too, and a contrast of at least 3 : 1",
    arguments: ThemeFileTests.names, HeatScale.Kind.allCases)
  func bars(_ name: String, _ kind: HeatScale.Kind) throws {
    let theme = try ThemeFileTests.theme(name).with(kind)
    for step in Self.steps {
      for depth in [ColorDepth.indexed256, .trueColor] {
        let legend = theme.paint(Style(.heat(fraction: step)), depth: depth).foreground
        for ground: Role? in [nil, .selection] {
          let style = Style(.bar(fraction: step), on: ground)
          #expect(theme.paint(style, depth: depth).foreground == legend, "\(depth), on \(String(describing: ground))")
          for seen in theme.seen(style, depth) { #expect(seen.text.contrast(to: seen.ground) >= 3, "\(seen.place)") }
        }
      }
      let legend = theme.paint(Style(.heat(fraction: step)), depth: .ansi16).foreground
      #expect(theme.paint(Style(.bar(fraction: step)), depth: .ansi16) == Paint(foreground: legend))
    }
  }

  @Test("Borders have a contrast of at least 3 : 1 to the background", arguments: ThemeFileTests.names)
  func borders(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    for depth in Self.depths {
      for role in [Role.border, .focusedBorder] {
        for seen in theme.seen(Style(role), depth) {
          #expect(seen.text.contrast(to: seen.ground) >= 3, "\(role), \(seen.place)")
        }
      }
    }
  }

  @Test("The border of the pane with the focus differs from the others", arguments: ThemeFileTests.names)
  func focus(_ name: String) throws {
    let theme = try ThemeFileTests.theme(name)
    for depth in ColorDepth.allCases {
      #expect(theme.paint(Style(.focusedBorder), depth: depth) != theme.paint(Style(.border), depth: depth), "\(depth)")
    }
    for (one, other) in zip(theme.seen(Style(.focusedBorder), .ansi16), theme.seen(Style(.border), .ansi16)) {
      #expect(OKLab(one.text).squaredDistance(to: OKLab(other.text)).squareRoot() > 0.15, "\(one.place)")
    }
  }

  @Test("Faint comment colors of a scheme become readable on every background")
  func faintScheme() throws {
    for isDark in [true, false] {
      let grays = (0..<16).map { index -> RGB in
        let gray = UInt8(index < 5 ? index * 22 : index < 8 ? 200 : 120)
        return isDark ? RGB(gray, gray, gray) : RGB(255 - gray, 255 - gray, 255 - gray)
      }
      let theme = Theme(name: "faint", scheme: try #require(Scheme(grays)))
      #expect(theme.isDark == isDark)
      for role in Self.texts {
        if case .heat = role { continue }
        for seen in Self.depths.flatMap({ theme.seen(Style(role), $0) }) {
          #expect(seen.text.contrast(to: seen.ground) >= 4.5, "\(role), \(seen.place)")
        }
      }
    }
  }

  @Test("With 8 colors, bright colors become bold and gray becomes dim; with 16, colors are unchanged")
  func reduced() {
    for index in UInt8(0)...7 {
      let plain = TerminalColor.indexed(index).reduced(to: 8)
      #expect(plain.color == .indexed(index) && plain.attributes.isEmpty)
    }
    for index in UInt8(9)...15 {
      let bright = TerminalColor.indexed(index).reduced(to: 8)
      #expect(bright.color == .indexed(index - 8) && bright.attributes == .bold)
      #expect(TerminalColor.indexed(index).reduced(to: 16).color == .indexed(index))
    }
    let gray = TerminalColor.indexed(8).reduced(to: 8)
    #expect(gray.color == .standard && gray.attributes == .dim)
    #expect(TerminalColor.indexed(200).reduced(to: 8).color == .standard)
    #expect(TerminalColor.standard.reduced(to: 8).color == .standard)
    #expect(TerminalColor.rgb(RGB(1, 2, 3)).reduced(to: 8).color == .rgb(RGB(1, 2, 3)))
  }
}
