import Testing

@testable import LocalFiles

/// Near names.
@Suite struct SpellingTests {
  @Test(arguments: [
    ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "abc", 3), ("abc", "acb", 1), ("kitten", "sitting", 3),
    ("temprature", "temperature", 1), ("ca", "abc", 3),
  ])
  func editsAreCounted(a: String, b: String, expected: Int) {
    #expect(Spelling.edits(Array(a), Array(b)) == expected)
    #expect(Spelling.edits(Array(b), Array(a)) == expected)
  }

  @Test func nearNamesComeBestFirst() {
    let names = ["theme", "themes", "threads", "mouse"]
    #expect(Spelling.nearest(to: "theme", among: names) == ["theme", "themes"])
    #expect(Spelling.nearest(to: "TEHME", among: names) == ["theme"])
    #expect(Spelling.nearest(to: "thr", among: names) == ["threads"])
    #expect(Spelling.nearest(to: "color", among: names).isEmpty)
    #expect(Spelling.nearest(to: "", among: names).isEmpty)
    #expect(Spelling.nearest(to: String(repeating: "theme", count: 1000), among: names).isEmpty)
  }
}
