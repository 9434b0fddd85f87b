import Testing

@testable import TerminalUI

@Suite("Columns of characters")
struct ColumnWidthTests {
  @Test(
    "Graphemes have the expected columns",
    arguments: [
      ("a", 1), (" ", 1), ("é", 1), ("e\u{301}", 1), ("e\u{301}\u{323}\u{327}", 1), ("日", 2), ("한", 2), ("ﾊ", 1),
      ("Ａ", 2),
      ("—", 1), ("…", 1), ("α", 1), ("א", 1), ("ب", 1), ("🙂", 2), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("🇫🇷", 2), ("🇫", 1), ("❤", 1),
      ("❤\u{FE0F}", 2), ("1\u{FE0F}\u{20E3}", 2), ("©", 1), ("©\u{FE0F}", 2), ("\u{301}", 0), ("\u{200B}", 0),
      ("\u{200D}", 0), ("\u{202E}", 0), ("\u{FEFF}", 0), ("\u{7}", 1), ("\u{1B}", 1), ("\u{9B}", 1), ("\n", 1),
      ("\r\n", 1), ("\u{2028}", 1), ("\u{AD}", 1), ("\u{3000}", 2), ("\u{1F1E6}\u{1F1E7}", 2), ("\u{E000}", 1),
      ("\u{1112}\u{1161}\u{11AB}", 2), ("क", 1), ("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", 2),
      ("𠀀", 2), ("\u{10FFFF}", 1),
    ] as [(String, Int)])
  func widths(_ text: String, _ width: Int) {
    #expect(text.count == 1)
    #expect(text.columnWidth == width)
  }

  @Test("The width of a text is the sum over its graphemes")
  func sums() {
    #expect("日本 x".columnWidth == 6)
    #expect("".columnWidth == 0)
    #expect("naïve cafe\u{301}".columnWidth == 10)
  }

  @Test("The columns of a grapheme's pieces add up, and pieces have no control characters")
  func pieces() {
    let wrong = (UInt32(0)...0x3FFFF).compactMap { Unicode.Scalar($0) }.filter { scalar in
      let pieces = Character(scalar).columnPieces
      if pieces.reduce(0, { $0 + $1.width }) != Character(scalar).columnWidth { return true }
      return scalar.isTerminalControl && pieces.map(\.text) != ["\u{FFFD}"]
    }
    #expect(wrong == [])
  }

  @Test("The number of combining marks in a cell is limited")
  func manyMarks() {
    let text = "a" + String(repeating: "\u{301}", count: 100_000)
    let pieces = Character(text).columnPieces
    #expect(pieces.count == 1)
    #expect(pieces[0].text.unicodeScalars.count <= 32)
  }

  @Test("The width table is sorted, as binary search requires")
  func tableOrder() {
    for (left, right) in zip(WideCharacters.ranges, WideCharacters.ranges.dropFirst()) {
      #expect(left.upperBound < right.lowerBound)
    }
  }
}
