/// How a grapheme stands in running text: natural, but nothing that could disturb the terminal.
enum RunningForm {
  /// Columns between tab stops.
  static let tabWidth = 4

  /// Whether the grapheme ends a line.
  static func isNewline(_ character: Character) -> Bool { character == "\n" || character == "\r\n" }

  /// Whether a line may break before and after the grapheme: ideographs and emoji. Its first character tells, so that
  /// the answer stays when more characters join it.
  static func breaksAround(_ character: Character) -> Bool {
    guard let first = character.unicodeScalars.first, first.value >= 0x80 else { return false }
    return first.columnWidth == 2 || first.isRegionalIndicator || first.properties.isEmoji
  }

  /// The text to draw and its columns, for a grapheme that begins at `column` of its line. A tab reaches to the next
  /// stop; a control character is spelt out; a newline takes nothing.
  static func of(_ character: Character, column: Int, glyphs: Glyphs) -> (text: String, width: Int) {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F { return (String(character), 1) }
    if isNewline(character) { return ("", 0) }
    if character == "\t" {
      let width = tabWidth - column % tabWidth
      return (String(repeating: " ", count: width), width)
    }
    if character.unicodeScalars.contains(where: \.isTerminalControl) {
      let text = visible(String(character), glyphs: glyphs)
      return (text, text.columnWidth)
    }
    return (String(character), character.columnWidth)
  }
}
