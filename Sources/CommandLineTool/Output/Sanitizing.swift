import TerminalUI

extension StringProtocol {
  /// The text with everything that a terminal would act on spelt out: `\x1b`, `\u{202e}`. Newlines and tabs stay.
  ///
  /// Besides control characters these are the separators of lines and paragraphs, and the marks that turn the direction
  /// of text around: with them a model could make a line read as something that it is not.
  var safeForTerminal: String {
    guard unicodeScalars.contains(where: { $0.needsSpelling && $0 != "\n" && $0 != "\t" }) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      text += scalar.needsSpelling && scalar != "\n" && scalar != "\t" ? scalar.spelt : String(scalar)
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
    isTerminalControl || (0x2028...0x202E).contains(value) || (0x2066...0x2069).contains(value)
  }

  fileprivate var spelt: String {
    let hex = String(value, radix: 16)
    return value < 0x100 ? "\\x" + (hex.utf8.count < 2 ? "0" : "") + hex : "\\u{\(hex)}"
  }
}
