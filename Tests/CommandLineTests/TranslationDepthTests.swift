import EngineAPI
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `translate --begin`, `--align` and `--back` on a tiny model, with reference values of transformers.
struct TranslationDepthTests {
  private static let folder = Fixtures.path("program/encoder-decoder")

  private func translation(_ arguments: String...) async throws -> JSONValue {
    let outcome = await FixtureModel.run(["translate", "-m", Self.folder, "--json", "-q"] + arguments)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let all = try JSONValue(parsing: Array(outcome.output.utf8))
    return try #require(all["translations"]?.array?.first)
  }

  @Test func beginningAlignmentAndWayBackEqualThoseOfTheReference() async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("translation/depth.json"))
    for expected in try #require(all["cases"]?.array) {
      let begin = try #require(expected["begin"]?.string)
      let found = try await translation(
        expected["line"]?.string ?? "", "--begin", begin, "--align", "--back", "--num-beams", "4", "-n", "12")
      let ids = try #require(expected["ids"]?.array)
      let new = try #require(found["tokens"]?.array).map { $0["id"] }
      #expect(!new.isEmpty && Array(ids.suffix(new.count)) == new.compactMap(\.self), "\(begin)")
      #expect(found["text"]?.string?.hasPrefix(begin) == true)
      let alignment = try #require(found["alignment"])
      #expect(alignment["source"] == expected["source"])
      let rows = try #require(alignment["weights"]?.array?.map { $0.array?.compactMap(\.double) ?? [] })
      let reference = try #require(expected["weights"]?.array?.map { $0.array?.compactMap(\.double) ?? [] })
      #expect(rows.count == reference.count && alignment["target"]?.array?.count == rows.count)
      for (row, other) in zip(rows, reference) {
        #expect(row.count == other.count && zip(row, other).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(abs(row.reduce(0, +) - 1) < 1e-9)
      }
      for key in ["logprob", "logprob_back"] {
        let own = try #require(found["back"]?[key]?.double)
        #expect(abs(own - (try #require(expected[key]?.double))) < 1e-3, "\(key) of \(begin)")
      }
    }
  }

  @Test func withoutTheOptionsNothingIsAdded() async throws {
    let found = try await translation("How are you?")
    #expect(found["alignment"] == nil && found["back"] == nil)
    let empty = try await translation("How are you?", "--begin", "")
    #expect(empty["tokens"] == found["tokens"])
  }

  @Test func theTextShowsBothDirectionsAndTheWayBack() async throws {
    let outcome = await FixtureModel.run(
      "translate", "-m", Self.folder, "How are you?", "--align", "--back", "-q", "-n", "6")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    for title in ["translation", "text", "back"] { #expect(lines.contains { $0.hasPrefix(title + " ") }, "\(title)") }
    #expect(lines.contains { $0.hasPrefix("you?") })
  }

  @Test func wordsEndAtWhiteSpaceAndKeepTheirTokens() {
    let words = WordAlignment.Word.all(in: Array("go: a bc\td".utf8), [0..<3, 3..<5, 5..<7, 7..<8, 8..<10], from: 4)
    #expect(words.map(\.text) == ["a", "bc", "d"] && words.map(\.tokens) == [[1], [2, 3], [4]])
    #expect(WordAlignment.Word.all(in: Array(" \n".utf8), [0..<2]).isEmpty)
  }
}
