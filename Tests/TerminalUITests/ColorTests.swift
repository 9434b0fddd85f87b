import Testing

@testable import TerminalUI

@Suite("Colors")
struct ColorTests {
  @Test("OKLab values equal the published ones")
  func oklab() {
    // The sRGB primaries in OKLab, to three decimals, from the article that defines OKLab.
    let known: [(RGB, Double, Double, Double)] = [
      (RGB(255, 255, 255), 1, 0, 0), (RGB(0, 0, 0), 0, 0, 0), (RGB(255, 0, 0), 0.628, 0.225, 0.126),
      (RGB(0, 255, 0), 0.866, -0.234, 0.179), (RGB(0, 0, 255), 0.452, -0.032, -0.312),
    ]
    for (color, lightness, a, b) in known {
      let lab = OKLab(color)
      #expect(abs(lab.lightness - lightness) < 0.001)
      #expect(abs(lab.a - a) < 0.001)
      #expect(abs(lab.b - b) < 0.001)
    }
  }

  @Test("Converting to OKLab and back gives the same color")
  func roundTrip() {
    for red in stride(from: 0, through: 255, by: 15) {
      for green in stride(from: 0, through: 255, by: 15) {
        for blue in stride(from: 0, through: 255, by: 15) {
          let color = RGB(UInt8(red), UInt8(green), UInt8(blue))
          #expect(OKLab(color).rgb == color)
        }
      }
    }
  }

  @Test("The contrast of black and white is 21, of equal colors 1")
  func contrast() {
    #expect(abs(RGB(0, 0, 0).contrast(to: RGB(255, 255, 255)) - 21) < 1e-9)
    #expect(RGB(9, 8, 7).contrast(to: RGB(9, 8, 7)) == 1)
    // The limit case of WCAG: #767676 on white just exceeds 4.5.
    #expect(RGB(0x76, 0x76, 0x76).contrast(to: RGB(255, 255, 255)) >= 4.5)
    #expect(RGB(0x77, 0x77, 0x77).contrast(to: RGB(255, 255, 255)) < 4.5)
  }

  @Test("The heat scale passes through its stops in perceptually even steps")
  func heat() {
    let stops = [RGB(0xD5, 0xDA, 0xE0), RGB(0xD0, 0xCF, 0xC6), RGB(0xF0, 0x93, 0x3B)]
    let scale = HeatScale(stops: stops)
    #expect(scale[0] == stops[0])
    #expect(scale[255] == stops[2])
    let steps = (0..<15).map { index -> Double in
      let (left, right) = (OKLab(scale[UInt8(index * 17)]), OKLab(scale[UInt8(index * 17 + 17)]))
      return left.squaredDistance(to: right).squareRoot()
    }
    #expect((steps.max() ?? 1) / (steps.min() ?? 0) < 1.25)
    #expect(HeatScale(stops: [])[3] == RGB(128, 128, 128))
    #expect(HeatScale(stops: [stops[1]])[200] == stops[1])
  }

  @Test("Heat roles clamp out-of-range fractions")
  func heatRoles() {
    #expect(Role.heat(fraction: 0.5) == .heat(128))
    #expect(Role.heat(fraction: -1) == .heat(0))
    #expect(Role.heat(fraction: .nan) == .heat(0))
    #expect(Role.heat(fraction: .infinity) == .heat(255))
    #expect(Role.stream(-1) == .streamD)
    #expect(Role.stream(4) == .streamA)
  }

  @Test("The nearest palette color of a palette color is itself")
  func palette() {
    for index in UInt8(16)...255 {
      #expect(XtermPalette.color(XtermPalette.nearest(to: XtermPalette.color(index))) == XtermPalette.color(index))
    }
    #expect(XtermPalette.color(16) == RGB(0, 0, 0))
    #expect(XtermPalette.color(231) == RGB(255, 255, 255))
    #expect(XtermPalette.color(255) == RGB(238, 238, 238))
  }

  @Test("Only six hexadecimal digits are a color, with or without a hash")
  func hex() {
    #expect(RGB(hex: "#1a2B3c") == RGB(0x1A, 0x2B, 0x3C))
    #expect(RGB(hex: "1a2b3c")?.description == "#1a2b3c")
    for wrong in ["", "#", "12345", "1234567", "12345g", "+12345", "#12 456", "１２３４５６"] {
      #expect(RGB(hex: wrong) == nil)
    }
  }
}
