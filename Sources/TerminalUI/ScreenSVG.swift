/// A screen as a picture: an SVG 1.1 document in a theme's true colors, for papers and slides.
///
/// Every cell is 8 × 16 units. Text is text, so that it can be searched and copied; each run of one style is stretched
/// to its cells, whatever monospaced font shows it. Bars and the lines of boxes are shapes, so that they join without
/// gaps.
public struct ScreenSVG {
  private static let cell = (width: 8, height: 16)
  private let grid: CellGrid
  private let theme: Theme
  private let title: String

  /// The picture of a grid.
  /// - Parameter title: what a viewer shows as the picture's name, and what screen readers say.
  public init(_ grid: CellGrid, theme: Theme, title: String) {
    (self.grid, self.theme, self.title) = (grid, theme, title)
  }

  /// The document.
  public var document: String {
    let (width, height) = (grid.size.width * Self.cell.width, grid.size.height * Self.cell.height)
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)" height="\#(height)" viewBox="0 0 \#(width) \#(height)""#
        + #" role="img" font-family="ui-monospace, Menlo, 'DejaVu Sans Mono', Consolas, monospace" font-size="13">"#,
      "<title>\(Self.escaped(title))</title>",
      #"<rect width="\#(width)" height="\#(height)" fill="\#(theme.color(.background))"/>"#,
    ]
    for row in 0..<grid.size.height {
      let runs = runs(row)
      lines += runs.compactMap { ground($0, row) }
      lines += runs.flatMap { content($0, row) }
    }
    lines.append("</svg>\n")
    return lines.joined(separator: "\n")
  }

  /// Cells of a row with the same look.
  private struct Run {
    var column: Int
    var columns: Int
    var cells: [Cell]
    var paint: Paint
  }

  private func runs(_ row: Int) -> [Run] {
    var runs: [Run] = []
    for column in 0..<grid.size.width {
      let cell = grid[Point(column, row)]
      let paint = theme.paint(cell.style, depth: .trueColor)
      if cell.isContinuation, !runs.isEmpty {
        runs[runs.count - 1].columns += 1
      } else if let last = runs.last, last.paint == paint, Shape(cell) == nil, Shape(last.cells[0]) == nil,
        // A wide character is a run of its own, because fonts differ in its width.
        cell.width == 1, last.cells[0].width == 1
      {
        runs[runs.count - 1].columns += 1
        runs[runs.count - 1].cells.append(cell)
      } else {
        runs.append(Run(column: column, columns: 1, cells: [cell], paint: paint))
      }
    }
    return runs
  }

  /// The colors of text and background, swapped for reverse video.
  private func colors(_ paint: Paint) -> (text: String, ground: String) {
    let pair = [(paint.foreground, Role.text), (paint.background, Role.background)].map { color, role in
      if case .rgb(let color) = color { color } else { theme.color(role) }
    }
    let names = pair.map(\.description)
    return paint.attributes.contains(.reverse) ? (names[1], names[0]) : (names[0], names[1])
  }

  private func ground(_ run: Run, _ row: Int) -> String? {
    let ground = colors(run.paint).ground
    guard ground != theme.color(.background).description else { return nil }
    let (x, y) = (run.column * Self.cell.width, row * Self.cell.height)
    return #"<rect x="\#(x)" y="\#(y)" width="\#(run.columns * Self.cell.width)" height="16" fill="\#(ground)"/>"#
  }

  private func content(_ run: Run, _ row: Int) -> [String] {
    let (x, y) = (run.column * Self.cell.width, row * Self.cell.height)
    let color = colors(run.paint).text
    if let shape = Shape(run.cells[0]) { return shape.elements(x: x, y: y, color: color) }
    let text = run.cells.map(\.text).joined()
    guard text.contains(where: { $0 != " " }) else { return [] }
    var attributes = #"x="\#(x)" y="\#(y + 12)" textLength="\#(run.columns * Self.cell.width)""#
    attributes += #" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="\#(color)""#
    let style = run.paint.attributes
    if style.contains(.bold) { attributes += #" font-weight="bold""# }
    if style.contains(.italic) { attributes += #" font-style="italic""# }
    if style.contains(.underline) { attributes += #" text-decoration="underline""# }
    if style.contains(.dim) { attributes += #" opacity="0.6""# }
    return ["<text \(attributes)>\(Self.escaped(text))</text>"]
  }

  /// Text for XML: markup escaped, and a replacement for characters that XML 1.0 forbids.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// A character that is drawn as a shape.
private enum Shape: Equatable {
  /// A part of the cell, in eighths: from the left, from the top, width, height.
  case block(x: Int, y: Int, width: Int, height: Int)
  /// Lines from the middle of the cell to its sides: up, down, left, right. Rounded where two meet at a corner.
  case lines(up: Bool, down: Bool, left: Bool, right: Bool, isRounded: Bool)

  init?(_ cell: Cell) {
    guard let scalar = cell.text.unicodeScalars.first, cell.text.unicodeScalars.count == 1 else { return nil }
    switch scalar.value {
    case 0x2580: self = .block(x: 0, y: 0, width: 8, height: 4)
    case 0x2581...0x2588:
      let height = Int(scalar.value - 0x2580)
      self = .block(x: 0, y: 8 - height, width: 8, height: height)
    case 0x2589...0x258F: self = .block(x: 0, y: 0, width: Int(0x2590 - scalar.value), height: 8)
    case 0x2590: self = .block(x: 4, y: 0, width: 4, height: 8)
    default:
      guard let arms = Self.arms[scalar] else { return nil }
      self = .lines(
        up: arms.contains("u"), down: arms.contains("d"), left: arms.contains("l"), right: arms.contains("r"),
        isRounded: (0x256D...0x2570).contains(scalar.value))
    }
  }

  private static let arms: [Unicode.Scalar: String] = [
    "─": "lr", "│": "ud", "╭": "dr", "╮": "dl", "╰": "ur", "╯": "ul", "┌": "dr", "┐": "dl", "└": "ur", "┘": "ul",
    "├": "udr", "┤": "udl", "┬": "dlr", "┴": "ulr", "┼": "udlr", "╴": "l", "╶": "r", "╵": "u", "╷": "d",
  ]

  /// The elements for a cell whose upper left corner is at a point.
  func elements(x: Int, y: Int, color: String) -> [String] {
    switch self {
    case .block(let left, let top, let width, let height):
      return [
        #"<rect x="\#(x + left)" y="\#(y + 2 * top)" width="\#(width)" height="\#(2 * height)" fill="\#(color)"/>"#
      ]
    case .lines(let up, let down, let left, let right, let isRounded):
      let (middleX, middleY) = (x + 4, y + 8)
      var path = ""
      if isRounded {
        let (endX, endY) = (right ? x + 8 : x, down ? y + 16 : y)
        let turnY = down ? middleY + 4 : middleY - 4
        path = "M\(middleX) \(endY)V\(turnY)Q\(middleX) \(middleY) \(endX) \(middleY)"
      } else {
        if up || down { path += "M\(middleX) \(up ? y : middleY)V\(down ? y + 16 : middleY)" }
        if left || right { path += "M\(left ? x : middleX) \(middleY)H\(right ? x + 8 : middleX)" }
      }
      return [#"<path d="\#(path)" stroke="\#(color)" fill="none"/>"#]
    }
  }
}
