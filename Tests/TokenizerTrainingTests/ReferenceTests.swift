import JSONText
import TestSupport
import Testing
import Tokenizers

@testable import TokenizerTraining

/// Vocabularies and merges against the trainers of the `tokenizers` library.
@Suite struct ReferenceTests {
  static let fixture = try? JSONValue(parsing: Fixtures.bytes("tokenizers/training.json"))
  static let text = Array((fixture?["text"]?.string ?? "").utf8)

  static func recipe(_ settings: JSONValue) throws -> TokenizerRecipe {
    let kind = try #require(TokenizerRecipe.Kind(rawValue: settings["kind"]?.string ?? ""))
    var recipe = TokenizerRecipe(kind, vocabularySize: settings["size"]?.int ?? 0)
    recipe.specialTokens = settings["special"]?.array?.compactMap(\.string) ?? []
    recipe.minimumFrequency = settings["frequency"]?.int ?? 0
    recipe.isLowercased = settings["lowercase"]?.bool ?? false
    recipe.addsPrefixSpace = settings["prefix_space"]?.bool ?? false
    recipe.alphabetLimit = settings["limit"]?.int
    recipe.initialAlphabet = settings["initial"]?.string ?? ""
    recipe.unicodeForm = .init(rawValue: settings["form"]?.string ?? "none") ?? .none
    return recipe
  }

  static func train(_ recipe: TokenizerRecipe, _ text: [UInt8] = text) throws -> TrainedTokenizer {
    var trainer = try TokenizerTrainer(recipe)
    try trainer.add(text, path: "text.txt")
    return try #require(try trainer.train { _ in true })
  }

  static func vocabulary(_ trained: TrainedTokenizer) -> [String] {
    trained.json["model"]?["vocab"]?.object?.members.map(\.key.description) ?? []
  }

  @Test func vocabularyAndMergesEqualTheReference() throws {
    let cases = Self.fixture?["cases"]?.array ?? []
    #expect(cases.count == 5)
    for expected in cases {
      let name = expected["name"]?.string ?? ""
      let trained = try Self.train(try Self.recipe(expected))
      #expect(Self.vocabulary(trained) == expected["vocabulary"]?.array?.compactMap(\.string), "\(name)")
      let merges = trained.json["model"]?["merges"]?.array?.map { merge in
        (merge.array ?? []).compactMap(\.string).joined(separator: " ")
      }
      #expect(merges ?? [] == expected["merges"]?.array?.compactMap(\.string), "\(name)")
    }
  }

  @Test func unigramNeedsAtMostOnePercentMoreBitsThanTheReference() throws {
    let expected = try #require(Self.fixture?["unigram"])
    var recipe = TokenizerRecipe(.unigram, vocabularySize: expected["size"]?.int ?? 0)
    recipe.specialTokens = ["<unk>"]
    recipe.unicodeForm = .none
    let trained = try Self.train(recipe)
    #expect(trained.size == recipe.vocabularySize)
    let scores = (trained.json["model"]?["vocab"]?.array ?? []).map { $0[1]?.double ?? .nan }
    let tokenizer = try trained.opened()
    var (sum, bytes) = (0.0, 0)
    for line in String(decoding: Self.text, as: UTF8.self).split(separator: "\n") {
      bytes += line.utf8.count
      for id in tokenizer.encode(String(line)).ids { sum += scores[id] }
    }
    let bits = -sum / 0.6931471805599453 / Double(bytes)
    #expect(bits < 1.01 * (expected["bits_per_byte"]?.double ?? 0), "\(bits)")
  }
}
