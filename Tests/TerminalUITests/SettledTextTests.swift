import Testing

@testable import TerminalUI

@Suite("Text for the terminal library")
struct SettledTextTests {
  /// The width table of an old C library: no emoji beyond Unicode 9, no flags.
  private func old(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: -1
    case 0x1FA70...0x1FAFF: -1
    case 0x1F1E6...0x1F1FF: 1
    case 0x231A: 1
    case 0x302A...0x302D: 0
    default: scalar.columnWidth
    }
  }

  @Test(
    "Cells are split into pieces that the library measures correctly",
    arguments: [
      ("a", 1, ["a"]), ("日", 2, ["日", ""]), ("e\u{301}", 1, ["e\u{301}"]), ("👩‍👩‍👧", 2, ["👩", ""]), ("👍🏽", 2, ["👍", ""]),
      ("🇫🇷", 2, ["F", "R"]), ("❤\u{FE0F}", 2, ["❤", " "]), ("1\u{FE0F}\u{20E3}", 2, ["1", " "]), ("\u{AD}", 1, ["-"]),
      ("\u{3000}", 2, [" ", " "]), ("\u{A0}", 1, [" "]), ("🩷", 2, ["\u{FFFD}", " "]), ("⌚", 2, ["\u{FFFD}", " "]),
    ] as [(String, Int, [String])])
  func pieces(_ text: String, _ width: Int, _ expected: [String]) {
    #expect(text.columnWidth == width)
    #expect(settledText(text, width: width, measure: old) == expected)
  }

  @Test("ASCII terminals get ASCII")
  func ascii() {
    #expect(settledText("日", width: 2, isASCII: true) { _ in 1 } == ["?", " "])
    #expect(settledText("é", width: 1, isASCII: true) { _ in 1 } == ["?"])
    #expect(settledText("a", width: 1, isASCII: true) { _ in 1 } == ["a"])
    #expect(settledText("e\u{301}", width: 1, isASCII: true) { $0.value == 0x301 ? 0 : 1 } == ["e"])
  }

  @Test("With any width table, each cell gets pieces of its width, of at most five characters")
  func everyTable() {
    for table in [-1, 0, 1, 2] {
      let scalars = stride(from: UInt32(0), to: 0x1FFFF, by: 7).compactMap { Unicode.Scalar($0) }
      let wrong = scalars.filter { scalar in
        Character(scalar).columnPieces.contains { piece in
          let settled = settledText(piece.text + "\u{301}\u{302}\u{303}\u{304}\u{305}", width: piece.width) {
            (0x300...0x36F).contains($0.value) ? 0 : table
          }
          return settled.count != piece.width || settled.contains { $0.unicodeScalars.count > 5 }
        }
      }
      #expect(wrong == [])
    }
  }
}
