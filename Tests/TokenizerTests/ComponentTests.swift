import JSONText
import Testing

@testable import Tokenizers

@Suite("Each part of a pipeline equals the reference")
struct ComponentTests {
  @Test(
    "normalizers, pre-tokenizers, post-processors, added tokens",
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

  @Test("decoders, at once and as a stream", arguments: ReferenceData.names(decoders))
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
