/// The visible form of a token: every space, newline, tab and control character gets a sign.
///
/// A space is `·`, a newline `⏎`, a tab `⇥` (in ASCII `_`, `\n`, `\t`); other control characters are `\x07`; characters
/// that leave no ink of their own (lone marks, joiners, direction marks) are `\u{200d}`, except behind a base that
/// carries them. In the ASCII set anything beyond ASCII stays as it is: the terminal back end decides.
///
/// - Parameter keepsSpaces: Whether spaces stay spaces, as in a field that is being typed into.
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
  // Spaces other than U+0020 look like nothing or like a space; they are named.
  if let scalar = character.unicodeScalars.first, scalar.properties.isWhitespace, character.unicodeScalars.count == 1 {
    return "\\u{" + String(scalar.value, radix: 16) + "}"
  }
  return String(character)
}

extension Unicode.Scalar {
  /// Whether it is a tag, which is not seen behind any base: a text could hide a message in tags.
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
