import JSONText
import TestSupport
import Testing

@testable import Tokenizers

@Suite("Malformed tokenizer files throw errors and never trap")
struct HostileTokenizerTests {
  static let word: JSONValue = ["type": "WordLevel", "vocab": ["<unk>": 0], "unk_token": "<unk>"]

  static func open(_ parts: JSONValue) throws -> Tokenizer {
    try Tokenizer(json: parts["model"] == nil ? parts.with("model", word) : parts)
  }

  @Test(
    "malformed models throw",
    arguments: [
      #"{"type": "BPE", "vocab": {"a": -1}, "merges": []}"#,
      #"{"type": "BPE", "vocab": {"a": 4294967296}, "merges": []}"#,
      #"{"type": "BPE", "vocab": {"a": 99999999999999999999}, "merges": []}"#,
      #"{"type": "BPE", "vocab": {"a": 1.5}, "merges": []}"#,
      #"{"type": "BPE", "vocab": {"a": 20000000}, "merges": []}"#,
      #"{"type": "BPE", "vocab": {"a": "x"}, "merges": []}"#,
      #"{"type": "BPE", "vocab": "a", "merges": []}"#, #"{"type": "BPE", "vocab": {"a": 0}}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}"#,
      #"{"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": [[0, 0]]}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": {"a": "b"}}"#,
      #"{"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}"#,
      #"{"type": "BPE", "vocab": {"a": 0}, "merges": [], "byte_fallback": 1}"#, #"{"type": "BPE"}"#, #"{"type": 5}"#,
      "[]", "null",
      #"{"type": "Nonsense"}"#, #"{"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "[UNK]"}"#,
      #"{"type": "WordPiece", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]", "max_input_chars_per_word": -1}"#,
      #"{"type": "WordLevel", "vocab": {"a": 0}}"#, #"{"type": "Unigram", "vocab": []  , "unk_id": 0}"#,
      #"{"type": "Unigram", "vocab": [["a", -1]], "unk_id": 1}"#,
      #"{"type": "Unigram", "vocab": [["a", -1]], "unk_id": -1}"#,
      #"{"type": "Unigram", "vocab": [["a"]], "unk_id": 0}"#,
      #"{"type": "Unigram", "vocab": [["a", "b"]], "unk_id": 0}"#,
      #"{"type": "Unigram", "vocab": [["a", NaN]], "unk_id": 0}"#,
      #"{"type": "Unigram", "vocab": {"a": 0}, "unk_id": 0}"#,
    ])
  func models(json: String) throws {
    let model = try JSONValue(parsing: Array(json.utf8))
    #expect(throws: TokenizerError.self) { try Tokenizer(json: ["model": model]) }
  }

  @Test("a lone surrogate in added_tokens.json throws, a surrogate pair does not")
  func loneSurrogate() throws {
    let files = [
      "vocab.txt": "[UNK]\n[PAD]\n[CLS]\n[SEP]\n[MASK]\na\n",
      "tokenizer_config.json": #"{"tokenizer_class": "BertTokenizer"}"#,
    ]
    for (key, isText) in [(#"\ud800"#, false), (#"\ud83d\ude00"#, true)] {
      let bytes = files.merging(["added_tokens.json": "{\"\(key)\": 6}"]) { $1 }.mapValues { Array($0.utf8) }
      try FolderTests.withFolder(bytes) { folder in
        if isText {
          let tokenizer = try Tokenizer(folder: folder)
          #expect(tokenizer.encode("a😀").ids.contains(6))
        } else {
          let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
          #expect(error.map { "\($0)" }?.contains("added_tokens.json") == true)
        }
      }
    }
  }

  @Test(
    "malformed normalizers, pre-tokenizers, post-processors, decoders and added tokens throw",
    arguments: [
      #"{"normalizer": {"type": "Nonsense"}}"#, #"{"normalizer": {}}"#, #"{"normalizer": 3}"#,
      #"{"normalizer": {"type": "Strip"}}"#,
      #"{"normalizer": {"type": "Sequence"}}"#,
      #"{"normalizer": {"type": "Sequence", "normalizers": [{"type": "x"}]}}"#,
      #"{"normalizer": {"type": "Replace", "content": "a"}}"#,
      #"{"normalizer": {"type": "Replace", "pattern": {"Regex": "("}, "content": "a"}}"#,
      #"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "!!!!"}}"#,
      #"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAA"}}"#,
      #"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": ""}}"#,
      #"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "////////"}}"#,
      #"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": null}}"#,
      #"{"normalizer": {"type": "BertNormalizer", "lowercase": "yes"}}"#,
      #"{"pre_tokenizer": {"type": "Nonsense"}}"#, #"{"pre_tokenizer": {"type": "Metaspace"}}"#,
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": ""}}"#,
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "ab"}}"#,
      #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "often"}}"#,
      #"{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Eaten", "invert": false}}"#,
      #"{"pre_tokenizer": {"type": "Split", "pattern": "a", "behavior": "Isolated"}}"#,
      #"{"pre_tokenizer": {"type": "FixedLength", "length": 0}}"#,
      #"{"pre_tokenizer": {"type": "Punctuation", "behavior": 1}}"#,
      #"{"pre_tokenizer": {"type": "Sequence", "pretokenizers": {}}}"#,
      #"{"post_processor": {"type": "Nonsense"}}"#,
      #"{"post_processor": {"type": "BertProcessing", "sep": ["a"], "cls": ["a", 0]}}"#,
      #"{"post_processor": {"type": "BertProcessing", "sep": ["a", -5], "cls": ["a", 0]}}"#,
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}}"#,
      #"{"post_processor": {"type": "TemplateProcessing"}}"#, #"{"decoder": {"type": "Nonsense"}}"#,
      #"{"decoder": {"type": "Strip", "content": " ", "start": -1, "stop": 0}}"#,
      #"{"decoder": {"type": "Metaspace", "replacement": 5}}"#, #"{"decoder": {"type": "Sequence", "decoders": [1]}}"#,
      #"{"added_tokens": {}}"#, #"{"added_tokens": [{"content": "a"}]}"#,
      #"{"added_tokens": [{"id": -1, "content": "a"}]}"#,
      #"{"added_tokens": [{"id": 99999999, "content": "a"}]}"#, #"{"added_tokens": [{"id": 0, "content": 5}]}"#,
      #"{"added_tokens": [{"id": 0, "content": "\udc00"}]}"#,
    ])
  func parts(json: String) throws {
    let parts = try JSONValue(parsing: Array(json.utf8))
    #expect(throws: TokenizerError.self) { try Self.open(parts) }
  }

  @Test(
    "malformed configurations throw",
    arguments: [
      #"[]"#, #"{"added_tokens_decoder": []}"#, #"{"added_tokens_decoder": {"x": {"content": "a"}}}"#,
      #"{"added_tokens_decoder": {"-1": {"content": "a"}}}"#,
      #"{"added_tokens_decoder": {"1": "a"}}"#, #"{"mask_token": 5}"#, #"{"extra_special_tokens": "a"}"#,
      #"{"extra_special_tokens": [1]}"#,
      #"{"split_special_tokens": 3}"#, #"{"bos_token": {"content": 3}}"#,
    ])
  func configurations(json: String) throws {
    let configuration = try JSONValue(parsing: Array(json.utf8))
    #expect(throws: TokenizerError.self) { try Tokenizer(json: ["model": Self.word], configuration: configuration) }
  }

  @Test("errors name the path in the file, what was expected and what was found")
  func descriptions() throws {
    do {
      _ = try Tokenizer(json: ["model": ["type": "BPE", "vocab": ["a": 0], "merges": ["a b"]]])
      Issue.record("no error")
    } catch {
      #expect(error == .missingToken(token: "b", path: "tokenizer.json.model.merges[0]"))
      #expect(
        error.description
          == "bad tokenizer, tokenizer.json.model.merges[0]: expected the token \"b\" in the vocabulary, found none")
      #expect(error.hint != nil)
    }
  }

  @Test("replacing any value of a tokenizer.json by one of another kind never traps")
  func replacedValues() throws {
    let replacements: [JSONValue] = [nil, true, -1, 1e300, "", "x", [], [1], [:], ["type": "ByteLevel"]]
    var opened = 0
    var refused = 0
    for name in ["byte-level BPE, split by pattern", "WordPiece", "Unigram", "Llama-like BPE, byte fallback"] {
      let file = try #require(try ReferenceData.find(name, in: ReferenceData.models)["tokenizer"])
      for path in Self.paths(file, depth: 5) {
        for replacement in replacements {
          do {
            _ = try Tokenizer(json: Self.replacing(path, in: file, replacement)).encode("Héllo, the [MASK] 12 \u{0} 中")
            opened += 1
          } catch {
            refused += 1
          }
        }
      }
    }
    #expect(opened > 50 && refused > 200)
  }

  /// The key paths of all values of a file. Of long arrays and objects, only the first few elements count.
  static func paths(_ value: JSONValue, depth: Int) -> [[String]] {
    guard depth > 0 else { return [] }
    var children: [(String, JSONValue)] = []
    if let object = value.object { children = object.members.prefix(12).map { ($0.key.description, $0.value) } }
    if let array = value.array { children = array.prefix(3).enumerated().map { ("\($0)", $1) } }
    return children.flatMap { key, child in [[key]] + paths(child, depth: depth - 1).map { [key] + $0 } }
  }

  static func replacing(_ path: [String], in value: JSONValue, _ replacement: JSONValue) -> JSONValue {
    guard let key = path.first else { return replacement }
    let rest = Array(path.dropFirst())
    if var elements = value.array, let index = Int(key) {
      elements[index] = replacing(rest, in: elements[index], replacement)
      return .array(elements)
    }
    return value.with(key, replacing(rest, in: value[key] ?? nil, replacement))
  }

  @Test("a character map must be canonical base64", arguments: ["BAAAAAAAAAA=AAA=", "BAAAAAAAAAB=", "BAAAAAAAAAA"])
  func base64(text: String) throws {
    func normalizer(_ map: String) -> JSONValue {
      ["normalizer": ["type": "Precompiled", "precompiled_charsmap": .string(ByteString(map))]]
    }
    #expect(throws: Never.self) { try Self.open(normalizer("BAAAAAAAAAA=")) }
    let error = #expect(throws: TokenizerError.self) { try Self.open(normalizer(text)) }
    #expect(error?.description.contains("expected base 64") == true)
  }

  @Test("character maps of random bytes never trap and give valid UTF-8")
  func randomMaps() {
    var random = SplitMix64(seed: 31)
    var valid = 0
    for _ in 0..<2000 {
      let units = 1 + Int(random.next() % 64)
      var map: [UInt8] = [UInt8(units * 4 & 255), UInt8(units * 4 >> 8), 0, 0]
      for _ in 0..<units {
        // Small offsets and letters as labels, so that lookups get past the first node.
        let unit = UInt32(random.next() % 64) << 10 | UInt32(random.next() % 2) << 8 | UInt32(random.next() % 128)
        map += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: unit >> $0) }
      }
      map += Array("a\0bé\0中".utf8)
      guard let normalizer = PrecompiledNormalizer(map) else { continue }
      valid += 1
      var text = AlignedText(bytes: Array("Hello, e\u{301}\u{327} wörld \r\n x中".utf8), origin: 0)
      normalizer.normalize(&text)
      #expect(isValidUTF8(text.bytes))
    }
    #expect(valid > 1000)
  }

  @Test("canonically equivalent pieces are different pieces")
  func canonicalEquivalence() throws {
    let tokenizer = try Tokenizer(json: [
      "model": ["type": "WordLevel", "vocab": ["<unk>": 0, "\u{E9}": 1, "e\u{301}": 2], "unk_token": "<unk>"]
    ])
    #expect(tokenizer.encode("\u{E9}").ids == [1] && tokenizer.encode("e\u{301}").ids == [2])
    #expect(tokenizer.id(of: "\u{E9}") == 1 && tokenizer.id(of: "e\u{301}") == 2)
  }
}
