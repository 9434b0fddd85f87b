import Foundation
import JSONText
import TestSupport
import Testing

@testable import Tokenizers

@Suite("Model folders load as in transformers")
struct FolderTests {
  @discardableResult
  static func withFolder<R>(_ files: [String: [UInt8]], _ body: (String) throws -> R) throws -> R {
    try Fixtures.withScratchFolder { folder in
      for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
      return try body(folder)
    }
  }

  /// The error from opening a folder of these files and tokenizing a text; `nil` if there is none.
  static func error(_ files: [String: [UInt8]]) -> TokenizerError? {
    do {
      _ = try withFolder(files) { try Tokenizer(folder: $0).encode("the ships, l'été") }
      return nil
    } catch {
      return error as? TokenizerError ?? .noTokenizer(folder: "\(error)")
    }
  }

  static func files(_ found: JSONValue) throws -> [String: [UInt8]] {
    let contents = try #require(ReferenceData.folders["files"]?.array)
    var files: [String: [UInt8]] = [:]
    for (name, number) in try #require(found["files"]?.object).members {
      let content = contents[try #require(number.int)]
      files[name.description] =
        content.bytes ?? Array(content["base64"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data())
    }
    return files
  }

  @Test(
    "ids, ranges, decoded text and special tokens equal the reference",
    arguments: ReferenceData.names(ReferenceData.folders))
  func folder(name: String) throws {
    let found = try ReferenceData.find(name, in: ReferenceData.folders)
    let tokenizer = try Self.withFolder(try Self.files(found)) { try Tokenizer(folder: $0) }
    for result in try ReferenceResult.all(ReferenceData.folders["texts"], found["results"]) {
      // Tokenizers that transformers implements in Python give no offsets.
      #expect((result.offsets == nil) == (name == "byt5"))
      result.check(tokenizer)
    }
    #expect(tokenizer.vocabularySize == found["size"]?.int)
    let special = tokenizer.specialTokens
    let named = [
      ("bos_token", special.bos), ("eos_token", special.eos), ("unk_token", special.unk), ("sep_token", special.sep),
      ("pad_token", special.pad), ("cls_token", special.cls), ("mask_token", special.mask),
    ]
    for (name, token) in named {
      #expect(token?.id == found["special"]?[name]?.int, "\(name)")
      if let token { #expect(tokenizer.piece(of: token.id) == token.content && tokenizer.isSpecial(token.id)) }
    }
  }

  @Test("without special tokens, only the text's own tokens remain")
  func plain() throws {
    let found = try ReferenceData.find("bert: vocab.txt", in: ReferenceData.folders)
    let tokenizer = try Self.withFolder(try Self.files(found)) { try Tokenizer(folder: $0) }
    let whole = tokenizer.encode("the ships [MASK]")
    let bare = tokenizer.encode("the ships [MASK]", addSpecialTokens: false)
    #expect(whole.ids == [tokenizer.specialTokens.cls?.id] + bare.ids + [tokenizer.specialTokens.sep?.id])
    #expect(whole.special.first == true && whole.special.last == true)
    #expect(bare.special.last == true && bare.special.first == false)
    #expect(whole.ranges.first == 0..<0 && whole.ranges.last == 0..<0 && bare.ranges.last == 10..<16)
  }

  @Test(
    "a pair has the tokens of both texts, framed and divided into segments as its class does",
    arguments: [
      ("bert: vocab.txt", ["cls", 0, "sep", 1, "sep"], [0, 0, 0, 1, 1]),
      ("roberta: vocab and merges", ["cls", 0, "sep", "sep", 1, "sep"], [0, 0, 0, 0, 0, 0]),
      ("t5: spiece.model", [0, "eos", 1, "eos"], [0, 0, 0, 0]),
      ("gpt2: vocab and merges, bos and prefix", ["bos", 0, "bos", 1], [0, 0, 1, 1]),
    ] as [(String, [any Sendable], [Int])])
  func pairs(name: String, form: [any Sendable], types: [Int]) throws {
    let found = try ReferenceData.find(name, in: ReferenceData.folders)
    let tokenizer = try Self.withFolder(try Self.files(found)) { try Tokenizer(folder: $0) }
    let special = tokenizer.specialTokens
    let ids = ["cls": special.cls?.id, "sep": special.sep?.id, "eos": special.eos?.id, "bos": special.bos?.id]
    let texts = ["The ships", "keep the light on"]
    let parts = texts.map { tokenizer.encode($0, addSpecialTokens: false) }
    var expected = (ids: [Int](), types: [Int](), isSecond: [Bool]())
    for (part, type) in zip(form, types) {
      let tokens = try (part as? Int).map { parts[$0].ids } ?? [#require(ids[part as? String ?? ""] ?? nil)]
      expected.ids += tokens
      expected.types += tokens.map { _ in type }
      expected.isSecond += tokens.map { _ in part as? Int == 1 }
    }
    let pair = tokenizer.encode(texts[0], pair: texts[1])
    #expect(pair.encoding.ids == expected.ids && pair.types == expected.types && pair.isSecond == expected.isSecond)
    #expect(pair.encoding.ranges.last { $0 != 0..<0 }?.upperBound == texts[1].utf8.count)
    let bare = tokenizer.encode(texts[0], pair: texts[1], addSpecialTokens: false)
    #expect(bare.encoding.ids == parts[0].ids + parts[1].ids)
    #expect(tokenizer.encode(texts[0], pair: "").encoding == tokenizer.encode(texts[0]))
  }

  @Test("a folder without tokenizer files throws noTokenizer")
  func empty() throws {
    try Self.withFolder(["vocab.json": Array("{}".utf8)]) { folder in
      #expect(throws: TokenizerError.noTokenizer(folder: folder)) { try Tokenizer(folder: folder) }
    }
    #expect(throws: TokenizerError.noTokenizer(folder: "/nowhere/at/all")) { try Tokenizer(folder: "/nowhere/at/all") }
  }

  @Test("a truncated or corrupted SentencePiece file never traps")
  func truncatedSentencePiece() throws {
    let found = try ReferenceData.find("t5: spiece.model", in: ReferenceData.folders)
    let model = try #require(try Self.files(found)["spiece.model"])
    var refused = 0
    for end in stride(from: 0, to: model.count, by: 7) {
      do {
        _ = try SentencePieceModel(Array(model[..<end]), path: "spiece.model")
      } catch {
        refused += 1
      }
    }
    #expect(refused > model.count / 20)
    var random = SplitMix64(seed: 21)
    for _ in 0..<200 {
      var broken = model
      for _ in 0..<8 { broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next()) }
      _ = try? Self.withFolder(["spiece.model": broken]) { try Tokenizer(folder: $0).encode("a\u{301} ﬁ x") }
    }
  }
}
