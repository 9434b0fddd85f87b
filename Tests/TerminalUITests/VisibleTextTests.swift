import Testing

@testable import TerminalUI

@Suite("The visible form of tokens")
struct VisibleTextTests {
  @Test("Spaces, newlines, tabs and control characters become visible signs")
  func signs() {
    #expect(visible(" little") == "·little")
    #expect(visible("a\n\tb") == "a⏎⇥b")
    #expect(visible("\u{7}\u{1B}[0m\u{7F}\u{9B}") == "\\x07\\x1b[0m\\x7f\\x9b")
    #expect(visible("\r\n") == "\\x0d⏎")
    #expect(visible("日本") == "日本")
    #expect(visible("e\u{301}") == "e\u{301}")
    #expect(visible("\u{301}x") == "\\u{301}x")
    #expect(visible("\u{200D}\u{202E}\u{A0}\u{3000}") == "\\u{200d}\\u{202e}\\u{a0}\\u{3000}")
  }

  @Test("The ASCII signs are ASCII")
  func ascii() {
    #expect(visible(" a\n\t", glyphs: .ascii) == "_a\\n\\t")
  }

  @Test("Spaces are kept if requested")
  func spaces() {
    #expect(visible("a b\n", keepsSpaces: true) == "a b⏎")
  }

  @Test("Invalid UTF-8 is written as hexadecimal escapes")
  func bytes() {
    #expect(visible(bytes: [0x20, 0xE2, 0x80]) == "·\\xe2\\x80")
    #expect(visible(bytes: [0xC3, 0xA9, 0xFF, 0x0A]) == "é\\xff⏎")
    #expect(visible(bytes: [0xED, 0xA0, 0x80]) == "\\xed\\xa0\\x80")
    #expect(visible(bytes: Array("日".utf8)) == "日")
    #expect(visible(bytes: []) == "")
  }

  @Test("The visible form has no control characters for any text")
  func noControls() {
    let wrong = (UInt32(0)...0x2FFF).compactMap { Unicode.Scalar($0) }.filter { scalar in
      let text = visible(String(Character(scalar)))
      return text.unicodeScalars.contains { $0.isTerminalControl } || text.columnWidth == 0
    }
    #expect(wrong == [])
  }
}
