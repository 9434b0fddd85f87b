import EngineAPI
import Foundation
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `score --words` and `--watch` on tiny models, with reference values of transformers.
struct WordTests {
  private static func expected(_ key: String) throws -> [JSONValue] {
    try #require(try JSONValue(contentsOfFile: Fixtures.path("comparisons/words.json"))[key]?.array)
  }

  private func object(_ arguments: [String]) async throws -> JSONValue {
    let outcome = await FixtureModel.run(arguments + ["--json", "-q"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  private func isNear(_ found: JSONValue?, _ expected: JSONValue?, _ tolerance: Double = 1e-3) -> Bool {
    guard let found = found?.double, let expected = expected?.double else { return false }
    return abs(found - expected) < tolerance
  }

  @Test func wordsOfAMaskedModelEqualTheReference() async throws {
    let folder = Fixtures.path("program/masked")
    for text in try Self.expected("masked") {
      let found = try await object([
        "score", "-m", folder, text["text"]?.string ?? "", "--words", "--top-logprobs", "5",
      ])
      let words = try #require(found["words"]?.array)
      let references = try #require(text["words"]?.array)
      #expect(words.map { $0["text"] } == references.map { $0["text"] })
      for (word, reference) in zip(words, references) {
        #expect(isNear(word["logprob"], reference["logprob"]), "\(word["text"]?.string ?? "")")
        #expect(word["least"] == reference["least"])
        let likelier = word["likelier"]?.array ?? []
        let others = reference["likelier"]?.array ?? []
        #expect(likelier.map { $0["id"] } == others.map { $0["id"] })
        for (one, other) in zip(likelier, others) { #expect(isNear(one["logprob"], other["logprob"])) }
      }
      // The words add up to the text.
      let sum = words.compactMap { $0["logprob"]?.double }.reduce(0, +)
      #expect(abs(sum - (found["total_logprob"]?.double ?? .nan)) < 1e-9)
    }
    let table = await FixtureModel.run("score", "-m", folder, "the king had a boat by Tom", "--words", "-q")
    #expect(table.output.contains("likelier"))
  }

  @Test func watchedStringsEqualTheReference() async throws {
    let folder = Fixtures.path("program/causal")
    for text in try Self.expected("watched") {
      let watch = try #require(text["watch"]?.string)
      let found = try await object(["score", "-m", folder, text["text"]?.string ?? "", "--watch", watch])
      let tokens = try #require(found["tokens"]?.array)
      let references = try #require(text["logprobs"]?.array)
      #expect(tokens.count == references.count)
      for (token, reference) in zip(tokens.dropFirst(), references.dropFirst()) {
        #expect(isNear(token["watched"]?[watch], reference))
      }
      #expect(tokens[0]["watched"]?[watch]?.isNull == true)
      // The last layer of the lens gives the same.
      let inside = try await object(["inspect", "-m", folder, text["text"]?.string ?? "", "--watch", watch])
      let last = try #require(inside["watched"]?[0])
      #expect(isNear(last["logprob"], text["next"]) && last["layers"]?.array?.last == last["logprob"])
      #expect((last["tokenizations"]?.int ?? 0) >= 1)
    }
  }

  @Test func theLeastLikelyWordsAreBelowTheOthers() {
    #expect(LeastLikely.indices(of: [-1, -1.2, -0.9, -8]) == [3])
    #expect(LeastLikely.indices(of: [-1, -1, -1]) == [] && LeastLikely.indices(of: [-9]) == [])
    #expect(LeastLikely.indices(of: [nil, -0.1, -0.2, -0.5]) == [])
  }

  @Test func aMaskedModelDoesNotGoOnWithAText() async {
    let outcome = await FixtureModel.run(
      "score", "-m", Fixtures.path("program/masked"), "the king", "--watch", "boat", "-q")
    #expect(outcome.exitCode == 2 && outcome.errors.contains("a model that goes on with a text"))
  }
}
