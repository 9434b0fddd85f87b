import EngineAPI
import Testing
import TestSupport

@testable import PlaygroundApp

@Suite struct TokenPiecesTests {
  private func pieces(_ bytes: [[UInt8]], isComplete: Bool = true, endOfText: [Int] = []) -> [String] {
    let tokens = bytes.enumerated().map { TokenValue(id: $0, bytes: $1) }
    return TokenPieces.pieces(tokens, endOfText: endOfText, isComplete: isComplete)
  }

  @Test func aCharacterStandsWithTheTokenThatCompletesIt() {
    #expect(pieces([[0x61, 0xE6], [0x9D], [0xB1, 0x62]]) == ["a", "", "東b"])
    #expect(pieces([[0xF0, 0x9F], [0x91, 0xA9]]) == ["", "👩"])
  }

  @Test func halfACharacterIsShownOnlyAtTheVeryEnd() {
    #expect(pieces([[0x61, 0xE6, 0x9D]], isComplete: false) == ["a"])
    #expect(pieces([[0x61, 0xE6, 0x9D]], isComplete: true) == ["a\u{FFFD}"])
  }

  @Test func bytesThatCanNotBeTextAreReplaced() {
    #expect(pieces([[0xFF], [0x61]]) == ["\u{FFFD}", "a"])
    #expect(pieces([[0xC3], [0x61]], isComplete: false) == ["", "\u{FFFD}a"])
  }

  @Test func theFirstSpaceAndTheEndOfTextAreLeftOut() {
    let tokens = [Array(" a".utf8), Array(" b".utf8), Array("<|end|>".utf8)]
    #expect(pieces(tokens, endOfText: [2]) == ["a", " b", ""])
  }

  @Test func allPiecesTogetherAreTheText() {
    var random = SplitMix64(seed: 4)
    let characters: [Character] = ["a", " ", "é", "東", "👩", "\n", "ß", "e\u{301}"]
    for _ in 0..<500 {
      let text =
        "x"
        + String(
          (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in characters.randomElement(using: &random) })
      var rest = Array(text.utf8)[...]
      var tokens: [[UInt8]] = []
      while !rest.isEmpty {
        let count = min(Int.random(in: 1...4, using: &random), rest.count)
        tokens.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(pieces(tokens).joined() == text)
      #expect(pieces(tokens).count == tokens.count)
    }
  }
}
