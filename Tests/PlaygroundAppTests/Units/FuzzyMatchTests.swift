import Testing

@testable import PlaygroundApp

@Suite struct FuzzyMatchTests {
  @Test func lettersMustOccurInOrder() {
    #expect(FuzzyMatch.score("cm", in: "Choose a model") != nil)
    #expect(FuzzyMatch.score("mc", in: "Choose a model") == nil)
    #expect(FuzzyMatch.score("", in: "anything") == 0)
    #expect(FuzzyMatch.score("x", in: "") == nil)
  }

  @Test func wordsAndRunsMatchBest() throws {
    let begins = try #require(FuzzyMatch.score("col", in: "Color by probability"))
    let word = try #require(FuzzyMatch.score("col", in: "the color"))
    let scattered = try #require(FuzzyMatch.score("col", in: "Close the pool"))
    #expect(begins > word)
    #expect(word > scattered)
    #expect(word >= FuzzyMatch.good && scattered < FuzzyMatch.good)
  }

  @Test func severalWordsMatchInAnyOrder() throws {
    let turned = try #require(FuzzyMatch.score("model ch", in: "Choose a model"))
    #expect(turned >= FuzzyMatch.good)
    #expect(try #require(FuzzyMatch.score("choose a", in: "Choose a model")) > turned)
  }
}
