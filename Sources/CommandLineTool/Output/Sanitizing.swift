import TerminalUI

extension StringProtocol {
  /// The text with everything that a terminal would act on spelt out: `\x1b`, `\u{202e}`. Newlines and tabs stay.
  ///
  /// Besides control characters these are the separators of lines and paragraphs, the marks that turn the direction of
  /// text around, and characters that are not seen: with them a model could make a line read as something that it is
  /// not.
  var safeForTerminal: String {
    guard unicodeScalars.contains(where: { $0.needsSpelling && $0 != "\n" && $0 != "\t" }) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      text += scalar.needsSpelling && scalar != "\n" && scalar != "\t" ? scalar.spelt : String(scalar)
    }
  }

  /// A JSON text with the same characters as JSON escapes: the same value.
  var safeJSONForTerminal: String {
    guard unicodeScalars.contains(where: \.needsSpelling) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      guard scalar.needsSpelling else { return text.unicodeScalars.append(scalar) }
      for unit in String(scalar).utf16 {
        let hex = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
      }
    }
  }

  /// The text on one line, for errors and notices: newlines and tabs are spelt out too.
  var onOneLine: String {
    guard unicodeScalars.contains(where: \.needsSpelling) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      default: text += scalar.needsSpelling ? scalar.spelt : String(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var needsSpelling: Bool {
    if isTerminalControl { return true }
    switch value {
    // Separators, marks and overrides of direction.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return true
    // Nothing to be seen: zero-width spaces, invisible operators, tags. Joiners (U+200C, U+200D) belong to words.
    case 0x200B, 0x2060...0x2065, 0xFEFF, 0xE0000...0xE007F: return true
    default: return false
    }
  }

  fileprivate var spelt: String {
    let hex = String(value, radix: 16)
    return value < 0x100 ? "\\x" + (hex.utf8.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
  }
}
