import Generation
import Testing

@Suite struct VocabularySearchTests {
  private let search = VocabularySearch(
    bytes: ["the", "The", " theatre", "", "É", "é", "\u{FF}", "x"].map { Array($0.utf8) })

  @Test(arguments: [
    ("the", [0, 1, 2]), ("The", [1]), ("th", [0, 1, 2]), ("HE", []), (" ", [2]), ("é", [4, 5]), ("É", [4]),
    ("", [0, 1, 2, 3, 4, 5, 6, 7]), ("theatres", []), ("xx", []),
  ])
  func caseMattersOnlyIfTheSearchHasCapitals(part: String, expected: [Int]) {
    #expect(search.ids(containing: part) == Set(expected))
  }

  @Test func invalidUTF8IsSearchedAsReplacementCharacters() {
    let broken = VocabularySearch(bytes: [[0xE2, 0x82], [0x61]])
    #expect(broken.ids(containing: "a") == [1])
    #expect(broken.ids(containing: "\u{FFFD}") == [0])
  }
}
