import CNCurses
import TerminalUI

/// Draws grids with ncurses. Only cells that differ from the last grid are drawn.
@MainActor
struct GridPainter {
  private let depth: ColorDepth
  private let isASCII: Bool
  private var pairs: ColorPairs
  private var shown: CellGrid?
  private var theme: Theme?
  private var looks: [Style: Look] = [:]
  private var settled: [String: [String]] = [:]
  private var cursorIsVisible: Bool?

  /// A style as ncurses draws it.
  private struct Look {
    var attributes: attr_t
    let pair: Int32
    /// Whether a vertical line takes the place of the cell's bar.
    let isPlotCursor: Bool
  }

  /// Creates a painter.
  init(depth: ColorDepth, isASCII: Bool, pairs: ColorPairs) {
    self.depth = depth
    self.isASCII = isASCII
    self.pairs = pairs
  }

  /// Forgets the last grid, so that the next call draws every cell.
  mutating func forget() {
    shown = nil
    cursorIsVisible = nil
  }

  /// Shows a grid on a screen of `size`; cells outside the grid are blank.
  mutating func show(_ grid: CellGrid, theme: Theme, on size: Size) {
    if theme != self.theme {
      self.theme = theme
      looks.removeAll(keepingCapacity: true)
      pairs.removeAll()
      shown = nil
    }
    if !paint(grid, theme, size) {
      // The color pairs are used up: remove all and repaint.
      looks.removeAll(keepingCapacity: true)
      pairs.removeAll()
      shown = nil
      _ = paint(grid, theme, size)
    }
    shown = grid
    placeCursor(grid.cursor, size)
    cn_refresh()
  }

  /// Paints changed cells. Returns false if the color pairs ran out.
  private mutating func paint(_ grid: CellGrid, _ theme: Theme, _ size: Size) -> Bool {
    var hadPairs = true
    for y in 0..<size.height {
      for x in 0..<size.width {
        let cell = grid[Point(x, y)]
        if let shown, shown.size == grid.size, shown[Point(x, y)] == cell { continue }
        guard !cell.isContinuation else { continue }
        let width = Int(cell.width)
        let fits = x + width <= size.width
        guard var look = look(cell.style, theme) else {
          hadPairs = false
          continue
        }
        let pieces = look.isPlotCursor ? [isASCII ? "|" : "│"] : fits ? settledPieces(cell) : [" "]
        // An underline that shows a role, such as an improbable token's, begins at the letters and not at the space
        // before them.
        let isRoleSpace = cell.text == " " && !cell.style.attributes.contains(.underline)
        if cell.isBlock || isRoleSpace { look.attributes &= ~cn_underline() }
        for (index, piece) in pieces.enumerated() where !piece.isEmpty {
          put(piece, Int32(y), Int32(x + index), look)
        }
      }
    }
    return hadPairs
  }

  private mutating func look(_ style: Style, _ theme: Theme) -> Look? {
    if let known = looks[style] { return known }
    let paint = theme.paint(style, depth: depth)
    guard let pair = depth == .none ? (0, 0) : pairs.pair(paint) else { return nil }
    var attributes = pair.attributes
    if paint.attributes.contains(.bold) { attributes |= cn_bold() }
    if paint.attributes.contains(.dim) { attributes |= cn_dim() }
    if paint.attributes.contains(.underline) { attributes |= cn_underline() }
    if paint.attributes.contains(.reverse) { attributes |= cn_reverse() }
    if paint.attributes.contains(.italic) { attributes |= cn_italic() }
    let look = Look(attributes: attributes, pair: pair.number, isPlotCursor: paint.attributes.contains(.plotCursor))
    looks[style] = look
    return look
  }

  private mutating func settledPieces(_ cell: Cell) -> [String] {
    if cell.text.utf8.count == 1 { return [cell.text] }
    if let known = settled[cell.text] { return known }
    // Limit the cache: a text can contain any number of distinct graphemes.
    if settled.count > 4_096 { settled.removeAll() }
    let pieces = settledText(cell.text, width: Int(cell.width), isASCII: isASCII) { scalar in
      Int(cn_character_width(wchar_t(bitPattern: scalar)))
    }
    settled[cell.text] = pieces
    return pieces
  }

  private func put(_ piece: String, _ y: Int32, _ x: Int32, _ look: Look) {
    var text: (wchar_t, wchar_t, wchar_t, wchar_t, wchar_t, wchar_t) = (0, 0, 0, 0, 0, 0)
    withUnsafeMutableBytes(of: &text) { bytes in
      let places = bytes.bindMemory(to: wchar_t.self)
      for (index, scalar) in piece.unicodeScalars.prefix(5).enumerated() {
        places[index] = wchar_t(bitPattern: scalar)
      }
      guard let start = places.baseAddress else { return }
      cn_put(y, x, start, look.attributes, look.pair)
    }
  }

  private mutating func placeCursor(_ cursor: Point?, _ size: Size) {
    let isVisible = cursor.map { Rect(size: size).contains($0) } ?? false
    if isVisible != cursorIsVisible {
      curs_set(isVisible ? 1 : 0)
      cursorIsVisible = isVisible
    }
    if let cursor, isVisible { cn_move(Int32(cursor.y), Int32(cursor.x)) }
  }
}

extension wchar_t {
  fileprivate init(bitPattern scalar: Unicode.Scalar) { self = wchar_t(truncatingIfNeeded: scalar.value) }
}

/// The color pairs defined in ncurses, created on first use.
@MainActor
struct ColorPairs {
  private struct Pair: Hashable {
    let foreground: Int32
    let background: Int32
  }

  private let colors: Int32
  private let limit: Int
  private let hasDirectColor: Bool
  private var defined: [Pair: Int32] = [:]

  /// Creates an empty set for a terminal with this many colors.
  init(colors: Int32, hasDirectColor: Bool) {
    self.colors = colors
    self.hasDirectColor = hasDirectColor
    limit = min(Int(cn_pair_limit()), 32_767)
  }

  /// The number of a pair, and attributes that replace missing colors; nil if no pair number is left.
  mutating func pair(_ paint: Paint) -> (number: Int32, attributes: attr_t)? {
    var attributes: attr_t = 0
    let pair = Pair(
      foreground: number(paint.foreground, &attributes), background: number(paint.background, &attributes))
    if pair.foreground < 0, pair.background < 0 { return (0, attributes) }
    if let known = defined[pair] { return (known, attributes) }
    let next = defined.count + 1
    guard next < limit, cn_define_pair(Int32(next), pair.foreground, pair.background) else { return nil }
    defined[pair] = Int32(next)
    return (Int32(next), attributes)
  }

  /// Removes all pairs so that their numbers can be reused.
  mutating func removeAll() { defined.removeAll(keepingCapacity: true) }

  private func number(_ color: TerminalColor, _ attributes: inout attr_t) -> Int32 {
    let (color, replacing) = color.reduced(to: Int(colors))
    if replacing.contains(.dim) { attributes |= cn_dim() }
    if replacing.contains(.bold) { attributes |= cn_bold() }
    switch color {
    case .standard: return -1
    case .indexed(let index): return Int32(index)
    case .rgb(let color):
      guard hasDirectColor else { return -1 }
      let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
      // Direct-color terminals interpret 0…7 as palette colors.
      return value < 8 ? 0x010101 : value
    }
  }
}
