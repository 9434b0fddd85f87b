import Foundation
import TestSupport
import Testing

@testable import Corpora

/// Runs of words that were copied from training text.
@Suite struct CopyTests {
  private func found(_ documents: [String], _ text: String, minimum: Int = CopyIndex.shortestRun) throws
    -> CopyIndex.Result
  {
    try Fixtures.withScratchFolder { folder in
      try CopyIndex.write(documents, source: 1, to: folder + "/copies")
      return try CopyIndex(folder + "/copies").runs(in: text, minimum: minimum)
    }
  }

  @Test func aCopiedRunIsFoundWhateverItsPunctuationAndCase() throws {
    let document = "Once upon a time, there was a little girl who lived in a village near the forest."
    let text = "He said: “once upon a time there WAS a little girl — who lived” near Paris."
    let result = try found(["Another document, quite unrelated to it.", document], text)
    let run = try #require(result.runs.first)
    #expect(result.runs.count == 1 && run.words == 11 && run.document == 1 && run.occurrences == 1)
    #expect(
      String(decoding: Array(text.utf8)[run.range], as: UTF8.self)
        == "once upon a time there WAS a little girl — who lived")
    #expect(run.source == "Once upon a time, there was a little girl who lived")
    #expect(result.words == 15 && result.copiedWords == 11)
  }

  @Test func theIndexBelongsToTheColumnsOfItsFile() throws {
    try Fixtures.withScratchFolder { folder in
      let (first, second) = ("one two three four five six seven eight nine", "un deux trois quatre cinq six sept huit")
      let path = folder + "/pairs.tsv"
      try Data("en\tfr\n\(first)\t\(second)\n".utf8).write(to: URL(fileURLWithPath: path))
      for (column, text, other) in [("en", first, second), ("fr", second, first)] {
        var reading = CorpusReading()
        reading.columns = [column]
        let index = try CopyIndex.of(CorpusFile(path: path), reading) { _ in }
        #expect(try index.runs(in: text).runs.count == 1 && index.runs(in: other).runs.isEmpty, "\(column)")
      }
    }
  }

  @Test func runsEndAtTheBordersOfDocuments() throws {
    let words = (0..<16).map { "w\($0)" }
    let halves = [words[..<8], words[8...]].map { $0.joined(separator: " ") }
    let result = try found(halves, words.joined(separator: " "))
    #expect(result.runs.map(\.words) == [8, 8] && result.runs.map(\.document) == [0, 1])
  }

  /// Every run that a simple comparison of all places finds, and no other.
  @Test func theIndexFindsWhatASimpleSearchFinds() throws {
    var generator = SplitMix64(seed: 3)
    for round in 0..<12 {
      let letters = round % 2 == 0 ? 2...3 : 4...30
      let count = Int.random(in: letters, using: &generator)
      let words = { (length: Int, generator: inout SplitMix64) in
        (0..<length).map { _ in "v\(Int.random(in: 0..<count, using: &generator))" }
      }
      let documents = (0..<4).map { _ in words(Int.random(in: 0...90, using: &generator), &generator) }
      var text = words(30, &generator)
      for document in documents where document.count > 30 {
        let start = Int.random(in: 0..<document.count - 20, using: &generator)
        text += document[start..<start + Int.random(in: 7...20, using: &generator)] + words(3, &generator)
      }
      let expected = simpleRuns(documents, text, minimum: 8)
      let result = try found(documents.map { $0.joined(separator: " ") }, text.joined(separator: " "))
      let offsets = text.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.utf8.count + 1) }
      let ranges = expected.map { offsets[$0.lowerBound]..<offsets[$0.upperBound] - 1 }
      #expect(result.runs.map(\.range) == ranges, "round \(round)")
      #expect(result.copiedWords == Set(expected.flatMap { Array($0) }).count)
    }
  }

  private func simpleRuns(_ documents: [[String]], _ text: [String], minimum: Int) -> [Range<Int>] {
    var runs: Set<Range<Int>> = []
    for document in documents {
      for start in text.indices {
        for place in document.indices {
          var length = 0
          while start + length < text.count, place + length < document.count,
            text[start + length] == document[place + length]
          { length += 1 }
          if length >= minimum { runs.insert(start..<start + length) }
        }
      }
    }
    return runs.filter { run in
      !runs.contains { $0 != run && $0.lowerBound <= run.lowerBound && $0.upperBound >= run.upperBound }
    }.sorted { $0.lowerBound < $1.lowerBound }
  }

  @Test func wordsWithAccentsAndApostrophesCompareAsWords() throws {
    let document = "L’été, c'est déjà fini — Élodie et François s'en vont à Paris"
    #expect(try found([document], "l'été c’est déjà fini élodie ET françois s’en vont").runs.map(\.words) == [9])
    #expect(try found([document], "l'ete c’est déjà fini élodie ET françois s’en").runs.isEmpty)
  }

  @Test func textsWithoutWordsHaveNoRuns() throws {
    for text in ["", "…!", "a b c", "\u{0}\u{0}"] {
      let result = try found(["a b c d e f g h", "", "\u{0}"], text)
      #expect(result.runs.isEmpty && result.copiedWords == 0)
    }
    #expect(message { _ = try found(["a"], "a", minimum: 7) }?.contains("expected at least 8, found 7") == true)
  }
}
