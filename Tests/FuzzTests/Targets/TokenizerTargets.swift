import Foundation
import JSONText
import TestSupport

@testable import Tokenizers

extension FuzzTarget {
  static let tokenizerTargets = [
    tokenizerJSON, vocabularyAndMerges, vocabularyLines, sentencePiece, mappedPieces, pattern, tokenizedText,
    ggufTokenizer,
  ]

  private static let sample = Array("The  ships’ [MASK] é e\u{301} 12 中\r\n<s> \u{1F44D}\u{1F3FD}x".utf8)

  /// A text and a tokenizer.json.
  static let tokenizerJSON = FuzzTarget(
    name: "tokenizer-json",
    seeds: {
      let models = try JSONValue(contentsOfFile: Fixtures.path("tokenizers/models.json"))
      return (models["cases"]?.array ?? []).compactMap { $0["tokenizer"] }
        .map { joined([sample, Array(shortened($0).serialized().utf8)]) }
    },
    words: jsonWords + [
      #""type": "Sequence""#, #""type": "Split""#, #""Regex": "(?i)\\p{L}+""#, #""type": "Metaspace""#, #""Isolated""#,
    ],
    partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      guard let json = try? JSONValue(parsing: input[1]), let tokenizer = try? Tokenizer(json: json) else { return }
      check(tokenizer, input[0])
    })

  /// A text, vocab.json and merges.txt.
  static let vocabularyAndMerges = FuzzTarget(
    name: "vocabulary-and-merges",
    seeds: { try folders(["vocab.json", "merges.txt"]) }, words: jsonWords + ["#version: 0.2\n", " ", "\n"],
    partCount: 3,
    run: { bytes in
      let input = parts(bytes, 3)
      checkFolder("merges", [("vocab.json", input[1]), ("merges.txt", input[2])], input[0])
    })

  /// A text and vocab.txt.
  static let vocabularyLines = FuzzTarget(
    name: "vocabulary-lines",
    seeds: { try folders(["vocab.txt"]) }, words: ["##", "[UNK]\n", "\n", "\r\n", "\u{3000}\n", "\n\n"], partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      checkFolder("lines", [("vocab.txt", input[1])], input[0])
    })

  /// A text and spiece.model.
  static let sentencePiece = FuzzTarget(
    name: "sentence-piece",
    seeds: { try folders(["spiece.model"]) },
    words: ["\u{A}\u{8}\u{A}\u{1}a\u{18}\u{4}", "▁", "\u{1A}\u{2}\u{12}\u{0}"],
    partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      checkFolder("pieces", [("spiece.model", input[1])], input[0])
    })

  /// A text, a SentencePiece model, vocab.json and tokenizer_config.json: as Marian's files and as those of M2M-100.
  static let mappedPieces = FuzzTarget(
    name: "mapped-pieces",
    seeds: {
      let data = try JSONValue(contentsOfFile: Fixtures.path("tokenizers/mapped.json"))
      return (data["cases"]?.array ?? []).compactMap { $0["files"] }.map { files in
        let model = (files["source.spm"] ?? files["sentencepiece.bpe.model"])?["base64"]?.string
        let pieces = model.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? []
        return joined([
          sample, files["tokenizer_config.json"]?.bytes ?? [], files["vocab.json"]?.bytes ?? [], pieces,
        ])
      }
    },
    words: jsonWords + [
      "\u{A}\u{8}\u{A}\u{1}a\u{18}\u{4}", "▁", "\u{1A}\u{2}\u{12}\u{0}", ">>fra<<", "__fr__", "\"src_lang\":\"fr\"",
      "\"language_codes\":\"wmt21\"", "\"<unk>\":7",
    ],
    partCount: 4,
    run: { bytes in
      let input = parts(bytes, 4)
      for (folder, name) in [("marian", "source.spm"), ("m2m", "sentencepiece.bpe.model")] {
        checkFolder(
          folder, [("tokenizer_config.json", input[1]), ("vocab.json", input[2]), (name, input[3])], input[0])
      }
    })

  /// A text and the metadata of a GGUF file's tokenizer.
  static let ggufTokenizer = FuzzTarget(
    name: "gguf-tokenizer",
    seeds: {
      let data = try JSONValue(contentsOfFile: Fixtures.path("gguf/tokenizers.json"))
      let byteLevel: JSONValue = [
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "llama-bpe",
        "tokenizer.ggml.tokens": ["a", "b", "ab", "Ġ", "Ġa", "<x>"], "tokenizer.ggml.merges": ["a b", "Ġ a"],
        "tokenizer.ggml.token_type": [1, 1, 1, 1, 1, 4], "tokenizer.ggml.add_bos_token": true,
        "tokenizer.ggml.bos_token_id": 5,
      ]
      return ((data["cases"]?.array ?? []).compactMap { $0["metadata"] } + [byteLevel])
        .map { joined([sample, Array($0.serialized().utf8)]) }
    },
    words: jsonWords + [
      #""tokenizer.ggml.pre": "qwen2""#, #""tokenizer.ggml.model": "t5""#, "\"tokenizer.ggml.", "▁", "<0x41>",
    ],
    partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      guard let metadata = try? JSONValue(parsing: input[1]),
        let tokenizer = try? Tokenizer(
          ggufMetadata: metadata, path: "model.gguf", readsSpecialTokens: bytes.count % 3 > 0)
      else { return }
      check(tokenizer, input[0])
    })

  /// A text and a regular expression of a pre-tokenizer: matches must be in order and within the text.
  static let pattern = FuzzTarget(
    name: "pattern",
    seeds: {
      [
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#,
        #"(?<=[a-z&&[^aeiou]])\X*?(?>b{2,}|\x{41}-\u0042)+\b^$|[\p{Lu}\P{M}&&[:alpha:]]"#,
      ].map { joined([sample, Array($0.utf8)]) }
    },
    words: [
      "(?:", "(?=", "(?<!", "(?>", ")*", "){2,9}", "++", "*?", "\\p{Han}", "[^", "&&", "|", "\\R", "\\G", "\\1", "(?i)",
      "$",
      "{1000}",
    ],
    partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      guard let cutter = try? RegexCutter(text(input[1])) else { return }
      let subject = Array(text(input[0]).utf8)
      subject.withUnsafeBufferPointer { buffer in
        var end = 0
        cutter.matches(buffer, 0..<buffer.count) { range in
          law(range.lowerBound >= end && range.upperBound <= buffer.count, "a match out of order")
          end = range.upperBound
        }
      }
    })

  /// Any text with valid tokenizers.
  static let tokenizedText = FuzzTarget(
    name: "tokenized-text",
    seeds: { [sample, Array("Ünïcödé ﬁ \u{1100}\u{1161}\u{11A8} ｱ ½ \u{0} \u{200B}\u{FEFF}\u{FFFD}".utf8)] },
    words: [
      "▁", "[MASK]", "<unk>", "<0x0A>", "</w>", "##", "Ġ", "\u{301}", "\u{327}", "\u{AC00}", "    ", "\u{1F1EB}",
    ],
    run: { bytes in
      // Use only one tokenizer, chosen by the input, so that an input takes about a millisecond.
      let number = bytes.reduce(0) { $0 &* 31 &+ Int($1) }.magnitude
      check(rightTokenizers[Int(number % UInt(rightTokenizers.count))], bytes)
    })

  private static let rightTokenizers: [Tokenizer] = {
    let models = try? JSONValue(contentsOfFile: Fixtures.path("tokenizers/models.json"))
    return (models?["cases"]?.array ?? []).compactMap { $0["tokenizer"] }.compactMap { try? Tokenizer(json: $0) }
  }()

  // MARK: - Invariants

  /// Encodes and decodes: ranges must be within the text, ids within the vocabulary, and streaming must give the whole
  /// text.
  private static func check(_ tokenizer: Tokenizer, _ bytes: [UInt8]) {
    let subject = text(bytes)
    for addsSpecial in [true, false] {
      let encoding = tokenizer.encode(subject, addSpecialTokens: addsSpecial)
      law(encoding.ids.count == encoding.ranges.count, "a range for each id")
      for range in encoding.ranges { law(range.upperBound <= subject.utf8.count, "a range beyond the text") }
      // The post-processor adds the ids named in its file, as the reference does, even if the model rejects them.
      let named = addsSpecial ? tokenizer.encode("", addSpecialTokens: true).ids : []
      for id in encoding.ids {
        law(
          0..<tokenizer.vocabularySize ~= id || named.contains(id), "id \(id) of \(tokenizer.vocabularySize)")
      }
      let strange = encoding.ids + [-1, tokenizer.vocabularySize, .max] + bytes.prefix(16).map(Int.init)
      for skips in [true, false] {
        var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: skips)
        let streamed = strange.reduce(into: "") { $0 += decoder.append($1) } + decoder.finish()
        law(
          Array(streamed.utf8) == Array(tokenizer.decode(strange, skipSpecialTokens: skips).utf8), "streaming differs")
      }
    }
  }

  private static func checkFolder(_ name: String, _ files: [(name: String, bytes: [UInt8])], _ subject: [UInt8]) {
    guard let tokenizer = try? Tokenizer(folder: ScratchFolder.with(name, files)) else { return }
    check(tokenizer, subject)
  }

  // MARK: - Seeds

  /// The contents of the fixtures' files with these names, after a text.
  private static func folders(_ names: [String]) throws -> [[UInt8]] {
    let data = try JSONValue(contentsOfFile: Fixtures.path("tokenizers/folders.json"))
    let contents = data["files"]?.array ?? []
    let inputs = (data["cases"]?.array ?? []).compactMap { found -> [UInt8]? in
      let files = names.compactMap { found["files"]?[$0]?.int }.map { contents[$0] }
      guard files.count == names.count else { return nil }
      return joined(
        [sample]
          + files.map { $0.bytes ?? Array($0["base64"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data()) })
    }
    return Array(Set(inputs)).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The tokenizer with only the first pieces of its vocabulary, so that mutations also hit other parts.
  private static func shortened(_ tokenizer: JSONValue) -> JSONValue {
    guard var root = tokenizer.object, var model = root["model"]?.object else { return tokenizer }
    let isShort = { (value: JSONValue) in (value.int ?? 0) < 90 }
    if let vocabulary = model["vocab"]?.object {
      model["vocab"] = .object(JSONObject(vocabulary.members.filter { isShort($0.value) }))
    } else if let pieces = model["vocab"]?.array {
      model["vocab"] = .array(Array(pieces.prefix(90)))
    }
    if let merges = model["merges"]?.array {
      let kept = merges.filter { merge in
        let pair = merge.array?.compactMap(\.string) ?? merge.string?.split(separator: " ").map(String.init) ?? []
        return pair.count == 2 && model["vocab"]?[pair[0]] != nil && model["vocab"]?[pair[1]] != nil
          && model["vocab"]?[pair[0] + pair[1]] != nil
      }
      model["merges"] = .array(Array(kept.prefix(30)))
    }
    root["model"] = .object(model)
    return .object(root)
  }
}
