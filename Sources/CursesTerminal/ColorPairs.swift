import CNCurses
import TerminalUI

/// The pairs of text and ground that ncurses knows, defined as they are needed.
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

  /// No pairs yet, on a terminal with this many colours.
  init(colors: Int32, hasDirectColor: Bool) {
    self.colors = colors
    self.hasDirectColor = hasDirectColor
    limit = min(Int(cn_pair_limit()), 32_767)
  }

  /// The number of a pair and the attributes that stand in for colours that there are not; nil when no number is left.
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

  /// Forgets all pairs: their numbers can be defined anew.
  mutating func removeAll() { defined.removeAll(keepingCapacity: true) }

  private func number(_ color: TerminalColor, _ attributes: inout attr_t) -> Int32 {
    switch color {
    case .standard: return -1
    case .indexed(let index):
      if Int32(index) < colors { return Int32(index) }
      // Eight colours: a bright one is its plain twin in bold, grey is the text's colour, weaker.
      guard index < 16 else { return -1 }
      if index == 8 {
        attributes |= cn_dim()
        return -1
      }
      attributes |= cn_bold()
      return Int32(index) - 8
    case .rgb(let color):
      guard hasDirectColor else { return -1 }
      let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
      // Direct-colour entries read 0…7 as the terminal's own colours.
      return value < 8 ? 0x010101 : value
    }
  }
}
