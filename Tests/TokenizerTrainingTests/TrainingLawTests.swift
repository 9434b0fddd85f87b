import JSONText
import TestSupport
import Testing
import Tokenizers

@testable import TokenizerTraining

/// Laws of trained tokenizers.
@Suite struct TrainingLawTests {
  /// About 1.5 MB of words from a fixed seed, so that several threads count.
  static let longText: [UInt8] = {
    var generator = SplitMix64(seed: 1)
    let syllables = ["ka", "ri", "to", "mu", "se", "na", "lo", "é", "th", "ing", "er", "-", "7", "”"]
    let words = (0..<3000).map { _ in
      (0..<Int.random(in: 1...5, using: &generator)).map { _ in syllables.randomElement(using: &generator) ?? "" }
        .joined()
    }
    var text = ""
    for number in 0..<250_000 {
      text += words[Int.random(in: 0..<words.count, using: &generator)] + (number % 11 == 0 ? "\n" : " ")
    }
    return Array(text.utf8)
  }()

  static let recipes = TokenizerRecipe.Kind.allCases.map { TokenizerRecipe($0, vocabularySize: 800) }

  @Test(arguments: recipes)
  func theSameTextGivesTheSameTokenizer(recipe: TokenizerRecipe) throws {
    let trained = try ReferenceTests.train(recipe, Self.longText)
    #expect(try ReferenceTests.train(recipe, Self.longText).json == trained.json)
    #expect(trained.size == 800)
    // The same lines in several parts are the same text.
    let cut = try #require(Self.longText[1_000_000...].firstIndex(of: 0x0A)) + 1
    var trainer = try TokenizerTrainer(recipe)
    try trainer.add(Array(Self.longText[..<cut]), path: "a")
    try trainer.add(Array(Self.longText[cut...]), path: "b")
    #expect(try trainer.train { _ in true }?.json == trained.json)
    #expect(trainer.bytes == Self.longText.count)
  }

  @Test(arguments: recipes)
  func aTrainedTokenizerOpensAndCoversItsText(recipe: TokenizerRecipe) throws {
    let trained = try ReferenceTests.train(recipe)
    let tokenizer = try trained.opened()
    #expect(tokenizer.vocabularySize == trained.size)
    for (id, token) in recipe.specialTokens.enumerated() {
      #expect(tokenizer.id(of: token) == id && tokenizer.isSpecial(id))
    }
    let unknown = tokenizer.specialTokens.unk?.id
    let text = String(decoding: ReferenceTests.text, as: UTF8.self)
    for line in text.split(separator: "\n") {
      let ids = tokenizer.encode(String(line), addSpecialTokens: false).ids
      if recipe.kind == .bpe { #expect(tokenizer.decode(ids) == line) }
      #expect(!ids.contains { $0 == unknown }, "\(line)")
    }
  }

  @Test func aLargerVocabularyBeginsLikeASmallerOne() throws {
    for kind in [TokenizerRecipe.Kind.bpe, .wordpiece] {
      var recipe = TokenizerRecipe(kind, vocabularySize: 400)
      let small = ReferenceTests.vocabulary(try ReferenceTests.train(recipe))
      recipe.vocabularySize = 600
      let large = ReferenceTests.vocabulary(try ReferenceTests.train(recipe))
      #expect(small.count == 400 && large.count == 600 && Array(large[..<400]) == small)
    }
  }

  @Test func moreFrequentPairsAreMergedFirst() throws {
    var recipe = TokenizerRecipe(.bpe, vocabularySize: 300)
    recipe.minimumFrequency = 3
    recipe.specialTokens = []
    let trained = try ReferenceTests.train(recipe, Array("ab ab ab ab cd cd cd ef ef".utf8))
    let merges = trained.json["model"]?["merges"]?.array?.map { $0.array?.compactMap(\.string).joined() ?? "" }
    #expect(merges == ["ab", "cd", "Ġab", "Ġcd"])
    #expect(trained.size == 256 + (merges?.count ?? 0))
  }

  @Test func scoresOfUnigramAreLogProbabilities() throws {
    let trained = try ReferenceTests.train(TokenizerRecipe(.unigram, vocabularySize: 200))
    let pieces = trained.json["model"]?["vocab"]?.array ?? []
    #expect(pieces.count == 200)
    let scores = pieces.dropFirst(3).map { $0[1]?.double ?? .nan }
    #expect(scores.allSatisfy { $0 < 0 } && zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func theDigammaFunctionHasItsKnownValues() {
    // Abramowitz and Stegun, table 6.1.
    let known = [(1.0, -0.5772156649), (2.0, 0.4227843351), (1.5, 0.0364899740), (0.5, -1.9635100260)]
    for (x, value) in known { #expect(abs(UnigramTrainer.digamma(x) - value) < 1e-8) }
  }

  @Test func anInitialAlphabetIsAlwaysThere() throws {
    for kind in [TokenizerRecipe.Kind.wordpiece, .unigram] {
      var recipe = TokenizerRecipe(kind, vocabularySize: 200)
      recipe.initialAlphabet = "жщ"
      let tokenizer = try ReferenceTests.train(recipe).opened()
      #expect(tokenizer.id(of: "ж") != nil && tokenizer.id(of: "щ") != nil)
    }
  }

  @Test func progressCanEndTheTraining() throws {
    for recipe in Self.recipes {
      var trainer = try TokenizerTrainer(recipe)
      try trainer.add(Self.longText, path: "a")
      #expect(try trainer.train { _ in false } == nil)
    }
  }

  @Test func badInputIsNamed() throws {
    var trainer = try TokenizerTrainer(TokenizerRecipe(.bpe, vocabularySize: 300))
    #expect(
      error { try trainer.add(Array("a\nb\n".utf8) + [0xC3, 0x28], path: "x.txt") }?.contains("x.txt line 3") == true)
    #expect(error { _ = try trainer.train { _ in true } }?.contains("no text") == true)
    #expect(
      error { _ = try TokenizerTrainer(TokenizerRecipe(.bpe, vocabularySize: 256)) }?.contains("at least 257") == true)
    #expect(
      error { _ = try TokenizerTrainer(TokenizerRecipe(.unigram, vocabularySize: 0)) }?.contains("from 1") == true)
    var recipe = TokenizerRecipe(.bpe, vocabularySize: 300)
    recipe.alphabetLimit = 10
    #expect(error { _ = try TokenizerTrainer(recipe) }?.contains("found bpe") == true)
    recipe = TokenizerRecipe(.wordpiece, vocabularySize: 300)
    recipe.specialTokens = ["a", ""]
    #expect(error { _ = try TokenizerTrainer(recipe) }?.contains("an empty one") == true)
    recipe = TokenizerRecipe(.wordpiece, vocabularySize: 20)
    #expect(error { _ = try ReferenceTests.train(recipe) }?.contains("the special tokens and the alphabet") == true)
    recipe = TokenizerRecipe(.unigram, vocabularySize: 20)
    #expect(error { _ = try ReferenceTests.train(recipe) }?.contains("the characters") == true)
  }

  private func error(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
