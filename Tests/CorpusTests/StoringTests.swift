import Foundation
import JSONText
import TestSupport
import Testing
import Tokenizers

@testable import Corpora

/// Token files, prepared folders and the index of copies.
@Suite struct StoringTests {
  private static func tokenizer() throws -> Tokenizer {
    let vocabulary = JSONObject(
      ["?", "a", "b", "c", "ab"].enumerated().map { (key: ByteString($1), value: .integer($0)) })
    return try Tokenizer(json: [
      "pre_tokenizer": ["type": "WhitespaceSplit"],
      "model": ["type": "WordLevel", "unk_token": "?", "vocab": .object(vocabulary)],
    ])
  }

  private func damages(_ bytes: [UInt8]) -> [[UInt8]] {
    var damages = stride(from: 0, to: bytes.count, by: 13).map { place in
      var changed = bytes
      changed[place] ^= 0x10
      return changed
    }
    damages += stride(from: 0, to: bytes.count, by: 11).map { Array(bytes[..<$0]) }
    damages.append(bytes + [0])
    return damages
  }

  @Test func idsAreReadAsTheyWereWritten() throws {
    try Fixtures.withScratchFolder { folder in
      let tokenizer = try Self.tokenizer()
      let texts = ["a b", "", "c ab zz a", "b"] + (0..<200).map { _ in "a c" }
      try TokenCache.write(texts, tokenizer, to: folder + "/x.tokens")
      let cache = try TokenCache(folder + "/x.tokens")
      #expect(cache.documentCount == texts.count)
      for (index, text) in texts.enumerated() { #expect(cache.ids(of: index) == tokenizer.encode(text).ids) }
      #expect(cache.ids(of: 2) == [3, 4, 0, 1])
      #expect(cache.tokenCount == 407 && cache.source == TokenCache.checksum(of: texts))
      #expect(cache.fingerprint == tokenizer.fingerprint)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.tokens"])
    }
  }

  @Test func theChecksumOfPartsIsThatOfTheWhole() {
    var generator = SplitMix64(seed: 2)
    let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }
    for end in [0, 1, 7, 8, 9, 31, 100] {
      var whole = Checksum()
      whole.add(Array(bytes[..<end]))
      for first in 0...end {
        var parts = Checksum()
        parts.add(Array(bytes[..<first]))
        parts.add(Array(bytes[first..<end]))
        #expect(parts.value == whole.value)
      }
      for place in 0..<end {
        var changed = Checksum()
        changed.add(bytes[..<end].enumerated().map { $0.offset == place ? $0.element ^ 1 : $0.element })
        #expect(changed.value != whole.value)
      }
    }
  }

  @Test func damagedFilesAreRefused() throws {
    try Fixtures.withScratchFolder { folder in
      try TokenCache.write(["a b", "c"], Self.tokenizer(), to: folder + "/x.tokens")
      try CopyIndex.write(["a b c a b c a b", "c c"], source: 1, to: folder + "/x.index")
      let tokens = Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/x.tokens")))
      let index = Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/x.index")))
      for damage in damages(tokens) {
        try Data(damage).write(to: URL(fileURLWithPath: folder + "/bad"))
        #expect(message { _ = try TokenCache(folder + "/bad") }?.hasPrefix("damaged token file") == true)
      }
      for damage in damages(index) {
        try Data(damage).write(to: URL(fileURLWithPath: folder + "/bad"))
        #expect(message { _ = try CopyIndex(folder + "/bad") }?.hasPrefix("damaged index") == true)
      }
      #expect(message { _ = try TokenCache(folder + "/missing") }?.hasPrefix("cannot read") == true)
      #expect(message { _ = try TokenCache(folder) }?.contains("no regular file") == true)
    }
  }

  @Test func aFileThatCannotBeWrittenLeavesNothingBehind() throws {
    try Fixtures.withScratchFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/taken/x", withIntermediateDirectories: true)
      #expect(
        message { try CopyIndex.write(["a"], source: 1, to: folder + "/taken") }?.hasPrefix("cannot write") == true)
      #expect(
        message { try CopyIndex.write(["a"], source: 1, to: folder + "/none/x") }?.hasPrefix("cannot write") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }

  @Test func preparedDataIsReadAsItWasWritten() throws {
    try Fixtures.withScratchFolder { folder in
      let lines = (0..<300).map { "{\"text\": \"a b c number \($0)\", \"label\": \"\($0 % 2)\"}" }
      let file = try CorpusFile(path: "a.jsonl", contents: Array(lines.joined(separator: "\n").utf8))
      let preparation = DatasetPreparation(files: [.train: [file]], shares: try SplitShares(validation: 0.1, test: 0.1))
      let result = try preparation.prepare()
      let data = folder + "/data"
      let written = try Dataset.write(
        result.splits, report: result.facts, tokenizer: ("words", Self.tokenizer()), to: data, replaces: false)
      let read = try Dataset(folder: data)
      #expect(read.description == written.description)
      var count = 0
      for split in Split.allCases {
        let records = try read.records(split)
        #expect(records == result.splits[split] && !records.isEmpty)
        count += records.count
        let cache = try #require(try read.tokens(split, column: "text"))
        #expect(cache.documentCount == records.count && cache.ids(of: 0).prefix(3) == [1, 2, 3])
        #expect(try read.tokens(split, column: "none") == nil)
      }
      #expect(count == 300)
      #expect(
        message {
          _ = try Dataset.write(result.splits, report: [:], tokenizer: nil, to: data, replaces: false)
        }?.hasPrefix("the folder has prepared data") == true)
      _ = try Dataset.write(
        [.train: result.splits[.train] ?? []], report: [:], tokenizer: nil, to: data, replaces: true)
      #expect(try Dataset(folder: data).records(.test).isEmpty)
      #expect(message { _ = try Dataset(folder: folder) }?.hasPrefix("no prepared data") == true)
    }
  }

  @Test func emptyDataIsRefused() throws {
    let file = try CorpusFile(path: "empty.txt", contents: [])
    let preparation = DatasetPreparation(files: [.train: [file]], shares: try SplitShares(validation: 0, test: 0))
    #expect(message { _ = try preparation.prepare() }?.hasPrefix("nothing to learn from, empty.txt") == true)
  }

  @Test func leaksAreRemovedOnlyIfAsked() throws {
    let file = { (path: String, text: String) in try CorpusFile(path: path, contents: Array(text.utf8)) }
    var preparation = DatasetPreparation(
      files: [.train: [try file("a.txt", "one text\n\ntwo texts")], .test: [try file("b.txt", "One  text\n\nthree")]],
      shares: try SplitShares(validation: 0.5, test: 0))
    let result = try preparation.prepare()
    #expect(result.leaks == [Leak(split: .test, index: 0, isExact: true)])
    #expect(result.splits[.test]?.count == 2 && result.splits[.train]?.count == 2)
    preparation.removesLeaks = true
    #expect(try preparation.prepare().splits[.test]?.map(\.text) == ["three"])
  }

  @Test func statisticsTellLabelsFromTexts() throws {
    let records = (0..<20).map { number in
      CorpusRecord(
        line: number,
        fields: [
          ("text", .text("Sentence number \(number)")), ("label", .text(number % 4 == 0 ? "b" : "a")),
          ("tags", .list(["O", "B-X", "O"])),
        ])
    }
    let columns = ColumnStatistics.of(records)
    #expect(columns.map(\.name) == ["text", "label", "tags"])
    #expect(columns[0].labels == nil && columns[0].words == 60 && columns[0].longest == 18)
    #expect(columns[1].labels?.map(\.label) == ["a", "b"] && columns[1].labels?.map(\.count) == [15, 5])
    #expect(columns[2].labels?.map(\.count) == [40, 20] && columns[2].words == 60)
  }
}
