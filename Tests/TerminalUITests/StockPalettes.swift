@testable import TerminalUI

/// A terminal's default palette of sixteen colors, on black or on white.
struct StockPalette: Hashable, CustomStringConvertible {
  let name: String
  /// The default text and background colors.
  let text: RGB
  let ground: RGB
  private let colors: [RGB]

  var description: String { name }

  private init(_ name: String, _ colors: [UInt32], text: UInt32, ground: UInt32) {
    let rgb = { (hex: UInt32) in RGB(UInt8(hex >> 16), UInt8(hex >> 8 & 0xFF), UInt8(hex & 0xFF)) }
    self.name = name
    self.colors = colors.map(rgb)
    self.text = rgb(text)
    self.ground = rgb(ground)
  }

  /// The defaults of xterm (`XTerm-col.ad`), and of the VGA text mode and the Linux console (`vt.c`).
  static func all(dark: Bool) -> [StockPalette] {
    let xterm: [UInt32] = [
      0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00,
      0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ]
    let vga: [UInt32] = [
      0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA, 0x555555, 0xFF5555, 0x55FF55,
      0xFFFF55, 0x5555FF, 0xFF55FF, 0x55FFFF, 0xFFFFFF,
    ]
    return [("xterm", xterm), ("VGA", vga)].map { name, colors in
      dark
        ? StockPalette("\(name) on black", colors, text: colors[7], ground: 0)
        : StockPalette("\(name) on white", colors, text: 0, ground: 0xFFFFFF)
    }
  }

  /// The displayed colors of text and background.
  ///
  /// Both terminals show bold text in the bright color; the console shows dim text as bright black.
  ///
  /// - Parameter count: The terminal's number of colors, 8 or 16.
  func seen(_ paint: Paint, count: Int) -> (text: RGB, ground: RGB) {
    let reduced = paint.foreground.reduced(to: count)
    let attributes = paint.attributes.union(reduced.attributes)
    var letter = text
    if case .indexed(let index) = reduced.color {
      letter = colors[Int(index) + (index < 8 && attributes.contains(.bold) ? 8 : 0)]
    } else if attributes.contains(.dim) {
      letter = colors[8]
    }
    return attributes.contains(.reverse) ? (ground, letter) : (letter, ground)
  }
}

extension Theme {
  /// The displayed text and background colors of a style, for each palette of a color depth.
  func seen(_ style: Style, _ depth: ColorDepth) -> [(text: RGB, ground: RGB, place: String)] {
    let paint = paint(style, depth: depth)
    switch (paint.foreground, paint.background) {
    case (.rgb(let text), .rgb(let ground)): return [(text, ground, "true color")]
    case (.indexed(let text), .indexed(let ground)) where depth == .indexed256:
      return [(XtermPalette.color(text), XtermPalette.color(ground), "256 colors")]
    default:
      return StockPalette.all(dark: isDark).flatMap { palette in
        [8, 16].map { count in
          let seen = palette.seen(paint, count: count)
          return (seen.text, seen.ground, "\(count) colors of \(palette)")
        }
      }
    }
  }
}
