import Checkpoints
import Foundation
import JSONText
import TestSupport
import Testing

@testable import Tokenizers

@Suite("Tokenizers of GGUF files give llama.cpp's ids")
struct GGUFTokenizerTests {
  private static let data = (try? JSONValue(contentsOfFile: Fixtures.path("gguf/tokenizers.json"))) ?? nil
  private static let shared = Fixtures.shared("gguf-vocabularies/vocabularies")
  /// The decompressor of the vocabularies in the shared folder.
  private static let unpacker = Unpacking.program

  private func tokenizer(_ metadata: JSONValue) throws -> Tokenizer {
    try Tokenizer(ggufMetadata: metadata, path: "model.gguf")
  }

  @Test("ids equal those of the libraries that created the vocabularies", arguments: ReferenceData.names(data))
  func libraries(name: String) throws {
    let found = try ReferenceData.find(name, in: Self.data)
    let tokenizer = try tokenizer(try #require(found["metadata"]))
    #expect(tokenizer.notice == nil)
    let texts = try #require(Self.data["texts"]?.array).map { $0.string ?? "" }
    for (key, addsSpecialTokens) in [("ids", false), ("framed", true)] {
      let expected = try #require(found[key]?.array).map { $0.integers ?? [] }
      try #require(texts.count == expected.count)
      for (text, ids) in zip(texts, expected) {
        // For texts that consist only of spaces, SentencePiece's rule for the prefix differs from llama.cpp's.
        if name.contains("keeps spaces"), text.allSatisfy({ $0 == " " }) { continue }
        #expect(
          tokenizer.encode(text, addSpecialTokens: addsSpecialTokens).ids == ids, "\(key) of \(text.debugDescription)")
      }
    }
  }

  @Test(
    "pre-tokenizers split texts as the published expressions do",
    arguments: data["pieces"]?.object?.members.map(\.key.description) ?? [])
  func pieces(name: String) throws {
    let row = try GGUFPreTokenizer.named(name, path: "")
    let texts = try #require(Self.data["texts"]?.array).map { $0.bytes ?? [] }
    let expected = try #require(Self.data["pieces"]?[name]?.array)
    for (text, pieces) in zip(texts, expected) {
      var split = SplitText(AlignedText(bytes: text, origin: 0))
      for pattern in row.patterns {
        split.split(by: try PatternLoading.regularExpression(pattern, path: ""), .isolated)
      }
      let found = split.pieces.map { String(decoding: split.text.bytes[$0], as: UTF8.self) }
      #expect(found == pieces.array?.map { $0.string ?? "" }, "\(name)")
    }
  }

  @Test(
    "the patterns of every pre-tokenizer compile, names of pre-tokenizers are unique, and an unknown name is an error")
  func expressions() throws {
    let names = GGUFPreTokenizer.all.flatMap(\.names)
    #expect(Set(names).count == names.count)
    for pattern in GGUFPreTokenizer.all.flatMap(\.patterns) {
      _ = try PatternLoading.regularExpression(pattern, path: "")
    }
    #expect(throws: TokenizerError.unsupported(part: "pre-tokenizer", name: "kimi", path: "x")) {
      try GGUFPreTokenizer.named("kimi", path: "x")
    }
  }

  private static let vocabularies = ["bert-bge", "deepseek-coder", "falcon", "gpt-2", "mpt", "phi-3"]

  @Test(
    "vocabularies of the shared folder give llama.cpp's ids and decode to the text",
    .enabled(if: shared != nil && unpacker != nil, "needs the shared folder, and xz"), arguments: vocabularies)
  func sharedVocabulary(name: String) throws {
    let folder = try #require(Self.shared)
    let cases = try #require(try JSONValue(contentsOfFile: "\(folder)/\(name).json")["cases"]?.array)
    let metadata = try metadata("\(folder)/ggml-vocab-\(name).gguf")
    let tokenizer = try Tokenizer(ggufMetadata: metadata, path: name, readsSpecialTokens: false)
    #expect(cases.count > 40)
    for found in cases {
      let text = try #require(found["text"]?.string)
      let ids = tokenizer.encode(text, addSpecialTokens: false).ids
      #expect(ids == found["ids"]?.integers, "\(text.debugDescription)")
      // WordPiece does not preserve spaces and capital letters.
      guard name != "bert-bge" else { continue }
      #expect(tokenizer.decode(ids, skipSpecialTokens: false).utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test(
    "vocabularies of the shared folder without reference ids open and decode to the text",
    .enabled(if: shared != nil && unpacker != nil, "needs the shared folder, and xz"),
    arguments: ["baichuan", "gpt-neox"])
  func opened(name: String) throws {
    let metadata = try metadata("\(#require(Self.shared))/ggml-vocab-\(name).gguf")
    let tokenizer = try tokenizer(metadata)
    #expect((tokenizer.notice != nil) == (name == "gpt-neox"))
    for text in ["Hello,  world 12345\n\t你好 🦙", "a", "\n\n x"] {
      let ids = tokenizer.encode(text, addSpecialTokens: false).ids
      #expect(tokenizer.decode(ids) == text)
    }
  }

  /// The metadata of a compressed file, given its path without the suffix.
  private func metadata(_ path: String) throws -> JSONValue {
    let bytes = try Unpacking.bytes(path)
    return try Fixtures.withScratchFolder { folder in
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/vocabulary.gguf"))
      let file = try GGUFFile(path: folder + "/vocabulary.gguf")
      return .object(try file.metadata { $0.hasPrefix("tokenizer.") || $0 == "general.name" })
    }
  }

  // MARK: - Special tokens and errors

  private static let small: JSONObject = [
    "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", "▁", "a", "▁a", "<b>"],
    "tokenizer.ggml.scores": [0, 0, 0, -3, -2, -1, 0], "tokenizer.ggml.token_type": [2, 3, 3, 1, 1, 1, 4],
  ]

  private func small(_ changes: [(String, JSONValue)]) throws -> Tokenizer {
    var metadata = Self.small
    for (key, value) in changes { metadata["tokenizer.ggml." + key] = value }
    return try tokenizer(.object(metadata))
  }

  @Test("the file determines the tokens added around a text")
  func frame() throws {
    #expect(try small([]).encode("a").ids == [1, 5])
    #expect(try small([("add_bos_token", false), ("add_eos_token", true)]).encode("a").ids == [5, 2])
    #expect(try small([("bos_token_id", 2)]).encode("a").ids == [2, 5])
    let pair = try small([("add_eos_token", true)]).encode("a", pair: "a")
    #expect(pair.encoding.ids == [1, 5, 2, 1, 5, 2])
    let doubled = try small([("add_eos_token", true), ("add_sep_token", true)]).encode("a", pair: "a")
    #expect(doubled.encoding.ids == [1, 5, 2, 2, 5, 2])
    // As in llama.cpp, an id outside the vocabulary counts as missing: the tokenizer's default stays.
    #expect(try small([("bos_token_id", 4_294_967_295)]).encode("a").ids == [1, 5])
  }

  @Test("special tokens written in a text are recognized if requested, user-defined ones always")
  func written() throws {
    let read = try small([])
    #expect(read.encode("</s>a<b>a", addSpecialTokens: false).ids == [2, 5, 6, 5])
    #expect(read.decode([1, 5, 6, 5, 2]) == "a<b> a" && read.specialTokens.eos?.id == 2)
    let plain = try Tokenizer(ggufMetadata: .object(Self.small), path: "", readsSpecialTokens: false)
    #expect(plain.encode("</s>a<b>a", addSpecialTokens: false).ids == [3, 0, 0, 0, 0, 4, 6, 5])
  }

  @Test("pairs are merged by score, the leftmost first among equals")
  func scores() throws {
    let tokens: JSONValue = ["<unk>", "<s>", "</s>", "a", "b", "ab", "ba", "aba"]
    func ids(_ scores: JSONValue, _ text: String) throws -> [Int] {
      try small([
        ("tokens", tokens), ("scores", scores), ("token_type", .array([2, 3, 3, 1, 1, 1, 1, 1])),
        ("add_space_prefix", false),
      ]).encode(text, addSpecialTokens: false).ids
    }
    #expect(try ids([0, 0, 0, 0, 0, -1, -1, -9], "abab") == [5, 5])
    #expect(try ids([0, 0, 0, 0, 0, -2, -1, -9], "abab") == [7, 4])
    #expect(try ids([0, 0, 0, 0, 0, -1, -2, -9], "aba") == [7])
  }

  @Test(
    "errors name the invalid key",
    arguments: [
      ("model", JSONValue("rwkv")), ("model", 3), ("tokens", []), ("tokens", ["a", 1]), ("scores", [0]),
      ("scores", nil), ("token_type", [1]), ("token_type", [1, 1, 1, 1, 1, 1, 9]), ("add_bos_token", 1),
      ("bos_token_id", "x"),
    ] as [(String, JSONValue)])
  func errors(key: String, value: JSONValue) {
    let error = #expect(throws: TokenizerError.self) { try small([(key, value)]) }
    #expect(error?.facts.place?.hasPrefix("model.gguf, tokenizer.ggml.\(key)") == true)
  }
}
