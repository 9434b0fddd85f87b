/// A base16 or base24 colour scheme: sixteen colours with agreed meanings, and eight more in base24.
///
/// 00 ground · 01 lighter ground · 02 selection · 03 comments · 04 dark text · 05 text · 06, 07 light text · 08 red ·
/// 09 orange · 0A yellow · 0B green · 0C cyan · 0D blue · 0E purple · 0F brown · 10, 11 darker grounds · 12 to 17
/// bright red, yellow, green, cyan, blue, purple. Source:
/// <https://github.com/tinted-theming/home/blob/main/styling.md>.
public struct Scheme: Hashable, Sendable {
  /// The colours 00 to 0F, and 10 to 17 where the scheme is base24.
  public let colors: [RGB]

  /// A scheme of 16 or 24 colours.
  public init?(_ colors: [RGB]) {
    guard colors.count == 16 || colors.count == 24 else { return nil }
    self.colors = colors
  }

  /// The colour of a number; those of base24 fall back to their base16 kin.
  subscript(number: Int) -> RGB {
    if number < colors.count { return colors[number] }
    return colors[[0, 0, 8, 10, 11, 12, 13, 14][number - 16]]
  }
}
