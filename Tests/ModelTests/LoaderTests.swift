import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Models

@Suite("Opening model folders")
struct LoaderTests {
  private func error(_ folder: String) -> ModelError? {
    do throws(ModelError) {
      _ = try ModelLoader.open(folder: folder)
      return nil
    } catch {
      return error
    }
  }

  @Test("the error for an unsupported architecture names it and the supported ones")
  func unsupported() throws {
    let error = try ScratchModel.error("gpt2", changing: [("model_type", "\"mamba\"")])
    guard case .unsupportedArchitecture("mamba", _, let supported)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(supported == Architectures.all.map(\.name) && supported.contains("gpt2"))
    #expect(error?.description.hasPrefix("architecture mamba is not supported yet, ") == true)
  }

  @Test("without model_type the class name determines the architecture")
  func oldConfiguration() throws {
    let changes: [(String, String?)] = [("model_type", nil), ("architectures", "[\"GPT2LMHeadModel\"]")]
    #expect(try ScratchModel.error("gpt2", changing: changes) == nil)
    guard
      case .invalidConfiguration(_, "model_type", _, "none")? = try ScratchModel.error(
        "gpt2", changing: [("model_type", nil)])
    else {
      Issue.record("a configuration without an architecture was taken")
      return
    }
  }

  @Test("missing folders, empty folders and missing files have their own errors")
  func folders() throws {
    try Fixtures.withScratchFolder { folder in
      #expect(error(folder + "/none") == .checkpoint(.folderNotFound(path: folder + "/none")))
      #expect(error(folder) == .configurationNotFound(folder: folder))
      try Data("{".utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
      #expect(error(folder + "/config.json") == .checkpoint(.notAFolder(path: folder + "/config.json")))
      guard case .unreadableConfiguration? = error(folder) else {
        Issue.record("half a configuration was taken")
        return
      }
      try Data(#"{"model_type":"gpt2"}"#.utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
      #expect(error(folder) == .checkpoint(.weightsNotFound(folder: folder, instead: nil)))
    }
  }

  @Test("one error lists all missing and misshapen tensors")
  func problems() throws {
    let error = try ScratchModel.error("gpt2", changing: [("n_layer", "3"), ("n_positions", "41"), ("n_inner", "39")])
    guard case .checkpoint(.unfitTensors(_, let problems))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let missing = problems.filter {
      if case .missing(let name, _) = $0 { name.hasPrefix("transformer.h.2.") } else { false }
    }
    #expect(missing.count == 12)
    #expect(problems.contains(.shape(name: "transformer.wpe.weight", expected: [41, 10], found: [40, 10])))
    #expect(problems.contains(.shape(name: "transformer.h.1.mlp.c_proj.weight", expected: [39, 10], found: [40, 10])))
    #expect(problems.count == 12 + 1 + 2 * 3)
  }

  @Test("an untied head must be in the file under its own name")
  func untied() throws {
    let error = try ScratchModel.error("gpt2", changing: [("tie_word_embeddings", "false")])
    guard case .checkpoint(.unfitTensors(_, [.missing(name: "lm_head.weight", shape: [37, 10])]))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let bert = try ScratchModel.error("bert", changing: [("tie_word_embeddings", "false")])
    guard
      case .checkpoint(.unfitTensors(_, [.missing(name: "cls.predictions.decoder.weight", shape: [41, 12])]))? = bert
    else {
      Issue.record("\(String(describing: bert))")
      return
    }
  }

  @Test("weights stored twice in a file are kept in memory once")
  func duplicates() throws {
    let t5 = try ModelLoader.open(folder: Fixtures.path("models/t5-unscaled"))
    let facts = t5.model.base.facts
    // One shared embedding, one encoder layer and one decoder layer.
    let attention = 4 * 10 * 6 + 10
    let feedForward = 2 * 10 * 17 + 10
    #expect(facts.parameterCount == 35 * 10 + 3 * attention + 2 * feedForward + 2 * 8 * 2 + 2 * 10)
    #expect(t5.description.parameters == facts.parameterCount)
  }

  @Test("progress increases to 1")
  func progress() throws {
    var shares: [Double] = []
    _ = try ModelLoader.open(folder: Fixtures.path("models/gpt2")) { shares.append($0) }
    #expect(shares == shares.sorted())
    #expect(shares.last == 1)
  }

  @Test("a description reads no weights")
  func description() throws {
    let gpt2 = try ModelDescription(folder: Fixtures.path("models/gpt2-bf16"))
    #expect(
      gpt2.architecture == "gpt2" && gpt2.family == .causal && gpt2.context == .tokens(40) && gpt2.dtype == "bf16")
    let size = try Fixtures.bytes("models/gpt2-bf16/model.safetensors").count
    #expect(gpt2.bytes == size)
    let old = try ModelDescription(folder: Fixtures.path("models/gpt2-bare"))
    #expect(old.parameters == 37 * 10 + 40 * 10 + 2 * (40 + 330 + 110 + 11 * 23 + 24 * 10) + 20)
    try ScratchModel.with("gpt2", configuration: #"{"model_type":"mamba"}"#) { folder in
      let mamba = try ModelDescription(folder: folder)
      #expect(mamba.architecture == "mamba" && mamba.family == nil && mamba.parameters == 3450)
    }
  }

  @Test("ids outside the vocabulary and too long sequences are errors")
  func limits() throws {
    let opened = try ModelLoader.open(folder: Fixtures.path("models/gpt2"))
    let model = try opened.causal()
    let state = model.makeState()
    #expect(throws: ModelError.tokenOutOfRange(id: 37, vocabulary: 37)) {
      try model.forward([Segment(ids: [0, 37], state: state)])
    }
    #expect(throws: ModelError.tokenOutOfRange(id: -1, vocabulary: 37)) {
      try model.forward([Segment(ids: [-1], state: state)])
    }
    #expect(throws: ModelError.emptyInput) { try model.forward([Segment(ids: [], state: state)]) }
    _ = try model.forward([Segment(ids: Array(repeating: 1, count: 39), state: state)])
    #expect(throws: ModelError.contextExceeded(limit: 40, found: 41)) {
      try model.forward([Segment(ids: [1, 2], state: state)])
    }
    #expect(state.count == 39)
    _ = try model.forward([Segment(ids: [1], state: state)])
    let bert = try ModelLoader.open(folder: Fixtures.path("models/bert")).masked()
    #expect(throws: ModelError.contextExceeded(limit: 32, found: 33)) {
      try bert.forward([MaskedSequence(ids: Array(repeating: 1, count: 33))])
    }
    let t5 = try ModelLoader.open(folder: Fixtures.path("models/t5")).seq2seq()
    #expect(throws: ModelError.emptyInput) { try t5.encode([]) }
  }
}
