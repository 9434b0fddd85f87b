import JSONText
import Testing
import TestSupport

@testable import Tokenizers

@Suite("Each pipeline component equals the reference")
struct ComponentTests {
  @Test(
    "normalizers, pre-tokenizers, post-processors and added tokens equal the reference",
    arguments: ReferenceData.names(ReferenceData.components))
  func component(name: String) throws {
    let data = ReferenceData.components
    let found = try ReferenceData.find(name, in: data)
    let model = try #require(found["model"]?.string.flatMap { data["models"]?[$0] })
    let tokenizer = try Tokenizer(json: try #require(found["tokenizer"]).with("model", model))
    let own = found["texts"] ?? nil
    for result in try ReferenceResult.all(own.isNull ? data["texts"] : own, found["results"]) {
      result.check(tokenizer)
    }
  }

  static let decoders = ReferenceData.components["decoders"] ?? nil

  @Test("decoders equal the reference, at once and as a stream", arguments: ReferenceData.names(decoders))
  func decoder(name: String) throws {
    let data = Self.decoders
    let found = try ReferenceData.find(name, in: data)
    let json = try #require(data["tokenizer"]).with("decoder", found["decoder"] ?? nil)
    let tokenizer = try Tokenizer(json: json)
    let lists = try #require(data["lists"]?.array).map { $0.array?.compactMap(\.int) ?? [] }
    for (key, skips) in [("decoded", false), ("decoded_plain", true)] {
      let texts = try #require(found[key]?.array)
      try #require(texts.count == lists.count)
      for (ids, expected) in zip(lists, texts) {
        let text = tokenizer.decode(ids, skipSpecialTokens: skips)
        #expect(text.utf8.elementsEqual(expected.bytes ?? []), "\(ids.compactMap(tokenizer.piece(of:)))")
        var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: skips)
        let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
        #expect(streamed.utf8.elementsEqual(text.utf8), "\(ids.compactMap(tokenizer.piece(of:)))")
      }
    }
  }
}

@Suite("Trained tokenizers of every kind equal the reference")
struct TrainedModelTests {
  @Test("ids, ranges and decoded text equal the reference", arguments: ReferenceData.names(ReferenceData.models))
  func model(name: String) throws {
    let data = ReferenceData.models
    let found = try ReferenceData.find(name, in: data)
    let tokenizer = try Tokenizer(json: try #require(found["tokenizer"]))
    for result in try ReferenceResult.all(data["texts"], found["results"]) {
      result.check(tokenizer, byteTokensShareRange: name.hasPrefix("Unigram"))
    }
  }

  static func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(json: try #require(try ReferenceData.find(name, in: ReferenceData.models)["tokenizer"]))
  }

  @Test("byte-level BPE decodes to the encoded text, and each token's bytes are those of its range")
  func byteLevelRoundTrip() throws {
    let tokenizer = try Self.tokenizer("byte-level BPE")
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let text = randomText(&random)
      let encoding = tokenizer.encode(text)
      #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: false).utf8.elementsEqual(text.utf8))
      let utf8 = Array(text.utf8)
      var position = 0
      for (id, range) in zip(encoding.ids, encoding.ranges) {
        #expect(range.lowerBound == position)
        #expect(tokenizer.bytes(of: id) == Array(utf8[range]))
        position = range.upperBound
      }
      #expect(position == utf8.count)
    }
  }

  @Test("byte-level BPE decodes any ids as their bytes, and a stream never returns part of a character")
  func randomIDs() throws {
    let tokenizer = try Self.tokenizer("byte-level BPE")
    var random = SplitMix64(seed: 12)
    for _ in 0..<300 {
      let ids = (0..<Int(random.next() % 20)).map { _ in Int(random.next() % UInt64(tokenizer.vocabularySize)) }
      let bytes = ids.flatMap(tokenizer.bytes(of:))
      let text = tokenizer.decode(ids, skipSpecialTokens: false)
      #expect(text.utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8))
      var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: false)
      var streamed = ""
      for id in ids {
        let part = decoder.append(id)
        streamed += part
        #expect(part.isEmpty || text.utf8.starts(with: streamed.utf8))
      }
      streamed += decoder.finish()
      #expect(streamed.utf8.elementsEqual(text.utf8))
    }
  }

  @Test(
    "every kind encodes any text, and all ranges lie inside the text",
    arguments: ReferenceData.names(ReferenceData.models))
  func anyText(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    var random = SplitMix64(seed: 13)
    for _ in 0..<60 {
      let text = randomText(&random)
      let encoding = tokenizer.encode(text)
      #expect(encoding.ids.count == encoding.ranges.count && encoding.ids.count == encoding.special.count)
      #expect(encoding.ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= text.utf8.count })
      #expect(encoding.ids.allSatisfy { tokenizer.piece(of: $0) != nil && $0 < tokenizer.vocabularySize })
    }
  }

  @Test("long runs of one character are encoded in linear time", arguments: ReferenceData.names(ReferenceData.models))
  func longRuns(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    for run in ["a", " ", "é", "\n", "!", "ab", "中"] {
      let text = String(repeating: run, count: 60_000)
      let encoding = tokenizer.encode(text)
      #expect(encoding.ranges.last.map { $0.upperBound <= text.utf8.count } ?? true)
    }
  }

  @Test("the bytes of a token follow the kind of its model")
  func bytesOfTokens() throws {
    let wordPiece = try Self.tokenizer("WordPiece")
    let suffix = try #require(
      (0..<wordPiece.vocabularySize).first { wordPiece.piece(of: $0)?.hasPrefix("##") ?? false })
    #expect(wordPiece.bytes(of: suffix).starts(with: Array("##".utf8)))
    let unigram = try Self.tokenizer("Unigram, byte fallback, no type")
    #expect(unigram.bytes(of: try #require(unigram.id(of: "▁"))) == [0x20])
    #expect(unigram.bytes(of: try #require(unigram.id(of: "<0xE4>"))) == [0xE4])
    #expect(unigram.bytes(of: -1).isEmpty && unigram.bytes(of: 1 << 40).isEmpty)
    #expect(unigram.piece(of: -1) == nil && unigram.decode([-1, 1 << 40, .max, .min]).isEmpty)
  }

  @Test("fingerprints are equal exactly for equal vocabularies")
  func fingerprints() throws {
    let names = ReferenceData.names(ReferenceData.models)
    let prints = try names.map { try Self.tokenizer($0).fingerprint }
    #expect(try prints == names.map { try Self.tokenizer($0).fingerprint })
    #expect(Set(prints).count >= 8)
    #expect(prints[0] == prints[1])
  }

  func randomText(_ random: inout SplitMix64) -> String {
    let ranges: [ClosedRange<UInt32>] = [
      0...0x7F, 0x20...0x7E, 0x20...0x7E, 0x80...0x24F, 0x300...0x36F, 0x370...0x6FF, 0x900...0xDFF, 0x2000...0x206F,
      0x3040...0x30FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFFFF, 0x1F300...0x1F9FF, 0x20...0x20,
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<random.next() % 60 {
      let range = ranges[Int(random.next() % UInt64(ranges.count))]
      let code = range.lowerBound + UInt32(random.next() % UInt64(range.count))
      if let scalar = Unicode.Scalar(code) { text.append(scalar) }
    }
    return String(text)
  }
}
