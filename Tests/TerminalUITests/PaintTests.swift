import Testing

@testable import TerminalUI

@Suite("Resolving styles to colors")
struct PaintTests {
  private let theme = Theme.standard
  private let light: Theme = {
    let greys = (0..<16).map { (index: Int) -> RGB in
      let grey = UInt8(255 - index * 14)
      return RGB(grey, grey, grey)
    }
    guard let scheme = Scheme(greys) else { preconditionFailure("a scheme has sixteen colors") }
    return Theme(name: "light", scheme: scheme)
  }()

  @Test("With true color, styles have the theme's own colors")
  func trueColor() {
    let paint = theme.paint(Style(.text), depth: .trueColor)
    #expect(paint.foreground == .rgb(theme.color(.text)))
    #expect(paint.background == .rgb(theme.color(.background)))
  }

  @Test("Text with too little contrast to its background gets another color")
  func vanishing() {
    let paint = theme.paint(Style(.selection, on: .selection), depth: .trueColor)
    #expect(paint.foreground == .rgb(theme.color(.text)))
    let hot = theme.paint(Style(.text, on: .heat(255)), depth: .trueColor)
    #expect(hot.foreground == .rgb(theme.color(.background)))
    let bar = theme.paint(Style(.heat(255), on: .accent), depth: .trueColor)
    // A heat color keeps its hue: it changes only as far as the contrast needs.
    #expect(bar.foreground != .rgb(theme.color(.heat(255))) && bar.foreground != .rgb(theme.color(.background)))
    if case .rgb(let color) = bar.foreground {
      #expect(color.contrast(to: theme.color(.accent)) >= Theme.textContrast)
    } else {
      Issue.record("\(bar.foreground) is not a color of the theme")
    }
  }

  @Test("With 16 colors heat has four steps and backgrounds are reverse video")
  func sixteen() {
    for kind in HeatScale.Kind.allCases {
      for theme in [theme, light] {
        let heat = (UInt8(0)...255).map { theme.with(kind).paint(Style(.heat($0)), depth: .ansi16) }
        #expect(Set(heat).count == 4)
        let steps = [20, 56, 132, 204].map { heat[$0] }
        #expect(Set(steps).count == 4)
        #expect(Set(steps.map(\.foreground)).count == 4, "attributes alone are hard to see")
        guard kind == .sequential else { continue }
        #expect(steps.dropLast().allSatisfy { $0.attributes.isEmpty }, "only the strongest step has attributes")
      }
    }
    #expect(theme.paint(Style(.heat(0)), depth: .ansi16) == Paint())
    #expect(light.paint(Style(.heat(20)), depth: .ansi16) == Paint())
    #expect(theme.paint(Style(.text), depth: .ansi16) == Paint())
    #expect(theme.paint(Style(.dim, on: .selection), depth: .ansi16) == Paint(attributes: .reverse))
    #expect(theme.paint(Style(.text, on: .tokenShade), depth: .ansi16) == Paint())
  }

  @Test("In a selected row of 16 colors, a bar and the rest of its column keep the screen's background")
  func barInSelection() {
    var grid = CellGrid(Size(4, 1))
    grid.fill(grid.bounds, style: Style(on: .selection))
    grid.draw(bar: "█", in: Rect(1, 0, 2, 1), style: Style(.bar(fraction: 0.5), on: .selection))
    let paints = { (depth: ColorDepth) in (0..<4).map { theme.paint(grid[Point($0, 0)].style, depth: depth) } }
    let plain = theme.paint(Style(.bar(fraction: 0.5)), depth: .ansi16)
    let reversed = Paint(attributes: .reverse)
    #expect(paints(.ansi16) == [reversed, plain, plain, reversed])
    #expect(paints(.none) == Array(repeating: reversed, count: 4))
    #expect(Set(paints(.trueColor).map(\.background)).count == 1)
  }

  @Test("In a selected row of 16 colors, no bar has the standard color, which the reversed row has")
  func probableBarInSelection() {
    for theme in [theme, light] {
      for kind in HeatScale.Kind.allCases {
        for fraction in [0, 0.3, 0.6, 1] {
          var grid = CellGrid(Size(2, 1))
          grid.draw(bar: "█", in: Rect(0, 0, 1, 1), style: Style(.bar(fraction: fraction), on: .selection))
          let paint = theme.with(kind).paint(grid[Point(0, 0)].style, depth: .ansi16)
          #expect(paint.foreground != .standard && !paint.attributes.contains(.reverse), "\(theme.name) \(fraction)")
        }
      }
    }
  }

  @Test("Without colors, attributes show focus, cursor and selection")
  func none() {
    for role in [Role.text, .accent, .heat(3), .error, .streamB] {
      let paint = theme.paint(Style(role), depth: .none)
      #expect(paint.foreground == .standard)
      #expect(paint.background == .standard)
    }
    let bar = Style(.text, on: .selection, .plotCursor)
    for depth in [ColorDepth.none, .ansi16] {
      #expect(theme.paint(bar, depth: depth).attributes == [.plotCursor, .bold])
      #expect(theme.paint(bar.on(nil), depth: depth).attributes == [])
    }
    for depth in [ColorDepth.indexed256, .trueColor] { #expect(theme.paint(bar, depth: depth).attributes == []) }
    #expect(theme.paint(Style(.focusedBorder), depth: .none).attributes == .bold)
    #expect(theme.paint(Style(.text, on: .cursor), depth: .none).attributes == .reverse)
    for depth in [ColorDepth.none, .ansi16] {
      for style in [Style(.dim, on: .selection), Style(.border, on: .cursor), Style(.text, on: .cursor, .dim)] {
        #expect(theme.paint(style, depth: depth).attributes == .reverse, "dim text on a reversed background")
      }
    }
    #expect(theme.paint(Style(.text, on: .cursor, .underline), depth: .none).attributes == [.reverse, .underline])
  }

  @Test("Color depths are ordered by the number of colors")
  func depths() {
    #expect(ColorDepth.none < .ansi16)
    #expect(ColorDepth.indexed256 < .trueColor)
  }
}
