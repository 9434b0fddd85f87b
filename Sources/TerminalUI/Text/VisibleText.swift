/// The visible form of a token. Signs replace spaces, newlines, tabs and control characters.
///
/// A space is `·`, a newline `⏎`, a tab `⇥` (in ASCII `_`, `\n`, `\t`). Other control characters are written like
/// `\x07`. Characters without a glyph of their own (lone combining marks, joiners, direction marks) are written like
/// `\u{200d}`, unless they follow a base character. With the ASCII glyphs, other characters beyond ASCII are kept; the
/// terminal back end replaces them.
///
/// - Parameter keepsSpaces: Whether spaces stay spaces, as in a text field.
public func visible(
  _ text: some StringProtocol, glyphs: Glyphs = .unicode, keepsSpaces: Bool = false
) -> String {
  var result = ""
  for character in text { result += keepsSpaces && character == " " ? " " : visible(character, glyphs: glyphs) }
  return result
}

/// The visible form of raw bytes: UTF-8 where it is valid, `\xe2` for each byte that is not.
public func visible(bytes: some Sequence<UInt8>, glyphs: Glyphs = .unicode) -> String {
  var result = ""
  var text = ""
  var rest = Array(bytes)[...]
  while let first = rest.first {
    if let length = wellFormedPrefix(rest) {
      text += String(decoding: rest.prefix(length), as: UTF8.self)
      rest = rest.dropFirst(length)
    } else {
      result += visible(text, glyphs: glyphs) + hexEscape(first)
      text = ""
      rest = rest.dropFirst()
    }
  }
  return result + visible(text, glyphs: glyphs)
}

private func visible(_ character: Character, glyphs: Glyphs) -> String {
  switch character {
  case " ": return glyphs.space
  case "\n": return glyphs.newline
  case "\t": return glyphs.tab
  default: break
  }
  guard character.columnWidth > 0, !character.unicodeScalars.contains(where: { $0.isTerminalControl || $0.isTag })
  else {
    return character.unicodeScalars.map { scalar in
      switch scalar.value {
      case 0x0A: glyphs.newline
      case let value where scalar.isASCII && value > 0x20 && value < 0x7F: String(scalar)
      case let value where value < 0x100: hexEscape(UInt8(value))
      case let value: "\\u{" + String(value, radix: 16) + "}"
      }
    }.joined()
  }
  // Other spaces are invisible or look like U+0020: show their code point.
  if let scalar = character.unicodeScalars.first, scalar.properties.isWhitespace, character.unicodeScalars.count == 1 {
    return "\\u{" + String(scalar.value, radix: 16) + "}"
  }
  return String(character)
}

extension Unicode.Scalar {
  /// Whether it is a tag character. Tags are invisible, so a text could hide a message in them.
  fileprivate var isTag: Bool { (0xE0000...0xE007F).contains(value) }
}

private func hexEscape(_ byte: UInt8) -> String {
  "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

/// The length of the well-formed UTF-8 sequence at the start of `bytes`, nil when there is none.
private func wellFormedPrefix(_ bytes: ArraySlice<UInt8>) -> Int? {
  var decoder = UTF8()
  var iterator = bytes.prefix(4).makeIterator()
  guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
  return UTF8.width(scalar)
}

/// The text of a cell in a form that every terminal library draws in the cell's columns.
///
/// The library computes columns with its own table (`wcwidth`), the terminal with another. Text is passed on unchanged
/// only if our width and the library's agree and it is one base character with at most four combining marks. Otherwise:
/// - An emoji sequence is reduced to its first character, a flag to its two letters.
/// - A base character that the library measures differently, or does not know, becomes U+FFFD (`?` in ASCII).
/// - Text narrower than its cells is padded with spaces.
///
/// - Parameters:
///   - text: The text of a cell.
///   - width: The cell's columns, 1 or 2.
///   - measure: The columns of a scalar according to the library; negative if it does not know the scalar.
/// - Returns: One piece per column: a base with its marks, or an empty string after a wide piece.
public func settledText(
  _ text: String, width: Int, isASCII: Bool = false, measure: (Unicode.Scalar) -> Int
) -> [String] {
  let replacement = isASCII ? "?" : "\u{FFFD}"
  let scalars = text.unicodeScalars
  guard let base = scalars.first else { return [] }
  if base.isRegionalIndicator, width == 2 {
    return scalars.prefix(2).map { flagLetter($0).map(String.init) ?? replacement }
  }
  // Terminals differ in how they show U+00AD and spaces other than U+0020.
  if base.value == 0xAD { return ["-"] }
  if base.properties.isWhitespace { return padded([" "], width) }
  let measured = isASCII && !base.isASCII ? -1 : measure(base)
  guard measured == 1 || measured == 2, measured <= width, !base.isTerminalControl else {
    return padded([replacement], width)
  }
  // Our width is larger than the library's: because of U+FE0F, or because the character is newer than the library's
  // table. Terminals differ here. Only a base character that is narrow without U+FE0F is drawn, followed by a space.
  if measured < width, base.columnWidth != measured { return padded([replacement], width) }
  var piece = String(base)
  var marks = 0
  for mark in scalars.dropFirst() {
    if mark.value == 0x200D || mark.properties.isEmojiModifier { break }
    if isVariationSelector(mark) || mark.value == 0x20E3 { continue }
    // Drop tags and other format characters: they are invisible and could hide a message.
    guard marks < 4, !isASCII, measure(mark) == 0, mark.properties.generalCategory != .format else { continue }
    piece.unicodeScalars.append(mark)
    marks += 1
  }
  return measured == 2 ? [piece, ""] : padded([piece], width)
}

private func padded(_ pieces: [String], _ width: Int) -> [String] {
  pieces + Array(repeating: " ", count: max(0, width - pieces.count))
}

private func flagLetter(_ scalar: Unicode.Scalar) -> Character? {
  guard scalar.isRegionalIndicator else { return nil }
  return Character(Unicode.Scalar(UInt8(scalar.value - 0x1F1E6 + 0x41)))
}

private func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool { (0xFE00...0xFE0F).contains(scalar.value) }
