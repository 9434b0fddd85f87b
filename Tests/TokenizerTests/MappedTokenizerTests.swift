import Foundation
import JSONText
import TestSupport
import Testing

@testable import Tokenizers

/// See `make_mapped_tokenizer_fixtures.py`.
@Suite("SentencePiece models with the ids of another vocabulary equal the reference")
struct MappedTokenizerTests {
  private static let data: JSONValue =
    (try? JSONValue(contentsOfFile: Fixtures.path("tokenizers/mapped.json"))) ?? nil

  private static func files(_ name: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for (file, content) in try #require(try ReferenceData.find(name, in: data)["files"]?.object).members {
      files[file.description] =
        content.bytes ?? Array(content["base64"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data())
    }
    return files
  }

  private static func tokenizer(_ name: String) throws -> Tokenizer {
    try FolderTests.withFolder(files(name)) { try Tokenizer(folder: $0) }
  }

  @Test("ids and decoded text equal the reference", arguments: ReferenceData.names(data))
  func cases(_ name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let texts = try #require(Self.data["texts"]?.array).compactMap(\.string)
    let results = try #require(try ReferenceData.find(name, in: Self.data)["results"]?.array)
    try #require(texts.count == results.count && !texts.isEmpty)
    for (text, result) in zip(texts, results) {
      let encoding = tokenizer.encode(text)
      #expect(encoding.ids == result["ids"]?.integers, "\(text)")
      #expect(encoding.ranges.allSatisfy { $0.upperBound <= text.utf8.count })
      #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: true) == result["decoded"]?.string, "\(text)")
      #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: false) == result["whole"]?.string, "\(text)")
    }
  }

  @Test("Marian's target languages and its direction are known")
  func languages() throws {
    let tokenizer = try Self.tokenizer("marian")
    #expect(tokenizer.pieces(from: ">>", to: "<<").map(\.content) == ["fra", "deu"])
    #expect(tokenizer.pieces(from: ">>", to: "<<").map(\.id) == [2, 3])
    #expect(tokenizer.languagePair == LanguagePair(source: "en", target: "roa"))
  }

  @Test("settings that contradict the files are errors")
  func refused() throws {
    func error(_ name: String, _ settings: String) throws -> TokenizerError? {
      var files = try Self.files(name)
      files["tokenizer_config.json"] = Array(settings.utf8)
      return FolderTests.error(files)
    }
    for (name, settings) in [
      ("marian", #"{"separate_vocabs": true}"#), ("marian", #"{"unk_token": "<none>"}"#),
      ("m2m_100, bpe", #"{"src_lang": "xx"}"#), ("m2m_100, bpe", #"{"language_codes": "another"}"#),
      ("m2m_100, bpe", #"{"src_lang": 7}"#),
    ] { #expect(try error(name, settings) != nil, "\(settings)") }
    #expect(try error("marian", "{}") == nil && error("m2m_100, bpe", "{}") == nil)
  }

  @Test("a truncated SentencePiece file opens or throws, and never crashes")
  func cut() throws {
    let files = try Self.files("marian")
    let model = try #require(files["source.spm"])
    for end in stride(from: 0, to: model.count, by: 31) {
      _ = FolderTests.error(files.merging(["source.spm": Array(model[..<end])]) { $1 })
    }
  }
}
