import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Models

@Suite("Folders of packed weights")
struct PackedFolderTests {
  /// Fixtures of each family, with tied, duplicated, stacked and sharded weights of several types.
  static let fixtures = [
    "gpt2", "gpt2-bare", "gpt2-bf16", "gpt2-sharded", "gpt2-untied", "bert", "bert-old", "bert-untied", "t5", "t5-v1.1",
    "bart-uneven", "gemma3", "gpt-neo-untied", "gpt-neox-serial", "llama", "llama-tied", "llama-wide", "m2m-100-odd",
    "marian-separate", "mbart", "mt5", "opt-plain", "opt-untied", "phi3", "qwen3", "t5-unscaled", "umt5-scaled",
  ]

  /// Calls `body` with a folder of a fixture packed in a format.
  static func withPacked<R>(_ fixture: String, _ format: NumberFormat, _ body: (String) throws -> R) throws -> R {
    try Fixtures.withScratchFolder { folder in
      let packer = try ModelPacker(folder: Fixtures.path("models/\(fixture)"), format: format, progress: { _ in })
      #expect(try packer.writeWeights(to: folder, shouldContinue: { _ in true }))
      try Data(packer.configurationText.utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
      return try body(folder)
    }
  }

  /// The bits of the logits and hidden rows for a few ids.
  static func numbers(_ opened: OpenedModel) throws -> [UInt32] {
    let log = ProbeLog()
    let ids = [3, 1, 4, 1, 5, 9, 2, 6]
    let rows: HiddenRows
    switch opened.model {
    case .causal(let model):
      rows = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)], probe: log.probe)
    case .masked(let model): rows = try model.forward([MaskedSequence(ids: ids)], probe: log.probe)
    case .labeling(let model): rows = try model.forward([MaskedSequence(ids: ids)], probe: log.probe)
    case .seq2seq(let model):
      let state = model.makeState(try model.encode(ids, probe: log.probe))
      rows = try model.forward([Segment(ids: [0, 7, 8], state: state, wanted: .all)], probe: log.probe)
    }
    let seen = log.activations.sorted { $0.key < $1.key }.flatMap(\.value.bits)
    return seen + opened.model.base.logits(rows.tensor).bits
  }

  @Test(
    "a packed folder gives the same bits as the original opened in that format", arguments: fixtures,
    NumberFormat.uniform)
  func roundTrip(_ fixture: String, _ format: NumberFormat) throws {
    let original = try ModelLoader.open(folder: Fixtures.path("models/\(fixture)"), format: format)
    try Self.withPacked(fixture, format) { folder in
      let packed = try ModelLoader.open(folder: folder)
      #expect(packed.format == format)
      #expect(try Self.numbers(packed) == Self.numbers(original))
      #expect(packed.model.base.facts == original.model.base.facts)
      let (description, before) = (try ModelDescription(folder: folder), original.description)
      #expect(description.dtype == format.rawValue && description.architecture == before.architecture)
      #expect(description.parameters == before.parameters && description.context == before.context)
      #expect(packed.generation == original.generation)
    }
  }

  @Test("packing a packed folder gives the same file", arguments: ["gpt2", "bert-old", "t5"])
  func again(_ fixture: String) throws {
    try Self.withPacked(fixture, .q8) { folder in
      let first = try Data(contentsOf: URL(fileURLWithPath: folder + "/model.safetensors"))
      let packer = try ModelPacker(folder: folder, format: .q8, progress: { _ in })
      try Fixtures.withScratchFolder { second in
        let isWhole = try packer.writeWeights(to: second, shouldContinue: { _ in true })
        let again = try Data(contentsOf: URL(fileURLWithPath: second + "/model.safetensors"))
        #expect(isWhole && again == first)
      }
    }
  }

  @Test("a packed folder can't be opened in another format", arguments: NumberFormat.uniform)
  func otherFormats(_ format: NumberFormat) throws {
    try Self.withPacked("gpt2", .q8) { folder in
      guard format != .q8 else {
        _ = try ModelLoader.open(folder: folder, format: .q8)
        return
      }
      let error = ModelError.packedInAnotherFormat(folder: folder, stored: .q8, asked: format)
      #expect(throws: error) { try ModelLoader.open(folder: folder, format: format) }
      #expect(throws: error) { try ModelPacker(folder: folder, format: format, progress: { _ in }) }
      #expect(error.description.hasSuffix("\(folder): expected q8, found \(format.rawValue) asked for"))
      #expect(error.hint == "leave the format out, which opens it as q8, or open the original model")
    }
  }

  @Test("config.json names the format for other programs")
  func configuration() throws {
    try Self.withPacked("gpt2", .q4) { folder in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/config.json"))
      let members = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
      let entry = try #require(members["quantization_config"] as? [String: Any])
      #expect(entry["quant_method"] as? String == "triptych" && entry["dtype"] as? String == "q4")
      #expect(entry["block"] as? Int == 32 && entry["version"] as? Int == 1)
      #expect(members["model_type"] as? String == "gpt2" && members["n_embd"] as? Int == 10)
    }
  }

  @Test("weights quantized by another program are refused")
  func otherMethods() throws {
    let error = try ScratchModel.error("gpt2", changing: [("quantization_config", #"{"quant_method":"gptq"}"#)])
    guard case .invalidConfiguration(_, "quantization_config", _, #"{"quant_method":"gptq"}"#)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try ScratchModel.error("gpt2", changing: [("quantization_config", "null")]) == nil)
    let plain = try ScratchModel.error("gpt2", changing: [("quantization_config", #"{"quant_method":"triptych"}"#)])
    guard case .invalidConfiguration(_, "quantization_config", _, "ordinary tensors")? = plain else {
      Issue.record("\(String(describing: plain))")
      return
    }
  }

  @Test("writing stops when shouldContinue returns false")
  func stopping() throws {
    let packer = try ModelPacker(folder: Fixtures.path("models/gpt2"), format: .q4, progress: { _ in })
    try Fixtures.withScratchFolder { folder in
      var shares: [Double] = []
      let isWhole = try packer.writeWeights(to: folder) { share in
        shares.append(share)
        return shares.count < 3
      }
      #expect(!isWhole && shares.count == 3 && shares[0] == 0 && shares[2] < 1)
      #expect(throws: ModelError.self) { try packer.writeWeights(to: folder + "/none", shouldContinue: { _ in true }) }
    }
  }
}
