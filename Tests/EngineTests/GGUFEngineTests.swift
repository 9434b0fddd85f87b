import EngineAPI
import Foundation
import TestSupport
import Testing

@testable import Engines

@Suite("A GGUF file opens by its path as a folder does")
struct GGUFEngineTests {
  private let engine = LocalEngine(catalog: .paths)

  /// A small file, for one test.
  private func with<R>(_ writer: GGUFWriter, _ body: (ModelReference) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("tiny.gguf")
    try Data(writer.bytes).write(to: path)
    return try await body(ModelReference(path.path))
  }

  private func greedy(_ model: ModelReference, _ text: String, tokens: Int) async throws -> Heard {
    let ids = try await engine.ids(text, model)
    var request = GenerationRequest(context: ModelContext(model: model, ids: ids), maxTokens: tokens)
    request.settings.temperature = 0
    return await Heard(engine.generate(request))
  }

  @Test("family, size, context length, tokens and end-of-text ids match the file's metadata")
  func information() async throws {
    try await with(TinyGGUF.writer) { model in
      #expect(try engine.family(of: model) == .causal)
      let information = try await engine.load(model) { _ in }
      #expect(information.summary.architecture == "llama" && information.summary.dtype == "f32")
      #expect(information.summary.path == model.name && information.summary.bytes == TinyGGUF.writer.bytes.count)
      #expect(information.endOfTextIDs == [2] && information.contextLength == 32 && information.format == .f32)
      #expect(try await engine.ids("ab a", model) == [1, 6, 5, 6])
      let heard = try await greedy(model, "ab a", tokens: 5)
      #expect(heard.reason == .length || heard.reason == .endOfText)
      let ids = try await engine.ids("ab a", model) + heard.ids
      let whole = try await engine.detokenize(ids, model: model, skippingSpecialTokens: true)
      #expect(whole == "ab a" + heard.text)
    }
  }

  @Test("files in a catalog are listed, broken ones with the reason")
  func listing() async throws {
    try await with(TinyGGUF.writer) { model in
      let entries = [("tiny", model.name), ("broken", #filePath)].map {
        ModelPlace(name: $0.0, path: $0.1, source: "bundled")
      }
      let listed = try await LocalEngine(
        catalog: ModelCatalog(entries: { entries }) { _ throws(EngineError) in entries[0] }
      ).models()
      #expect(listed.map(\.name) == ["tiny", "broken"] && listed.first?.parameters == 568)
      #expect(listed.first?.reason == nil && listed.last?.reason?.isEmpty == false)
    }
  }

  @Test("an invalid value in a file is a model error that names the value")
  func errors() async throws {
    try await with(TinyGGUF.changing([("llama.expert_count", .uint32(8))])) { model in
      let error = await #expect(throws: EngineError.self) { try await engine.load(model) { _ in } }
      #expect(error?.kind == .model && error?.place == "\(model.name), llama.expert_count" && error?.found == "8")
    }
    try await with(TinyGGUF.changing([("tokenizer.ggml.model", .string("rwkv"))])) { model in
      let error = await #expect(throws: EngineError.self) { try await engine.ids("x", model) }
      #expect(error?.kind == .model && error?.found == "rwkv")
    }
  }

  @Test(
    "the shared model writes the same greedily from its folder and from its files",
    .enabled(if: Fixtures.shared("real-weights/stories260K") != nil, "needs the shared folder"),
    arguments: [
      "real-weights/stories260K", "gguf-vocabularies/models/stories260K-F32.gguf",
      "gguf-vocabularies/models/stories260K-F16.gguf",
    ])
  func stories(name: String) async throws {
    let model = ModelReference(try #require(Fixtures.shared(name)))
    let heard = try await greedy(model, "Once upon a time", tokens: 18)
    #expect(heard.text.hasPrefix(", there was a little girl named Lily."))
  }
}
