import Checkpoints
import Foundation
import JSONText
import TestSupport
import Tensors
import Testing

@testable import Models

@Suite("A GGUF file opens as the model that it was made from")
struct GGUFModelTests {
  private static let shared = Fixtures.shared("gguf-vocabularies/models")
  private static let weights = Fixtures.shared("real-weights/stories260K")

  /// Configuration keys that GGUF metadata cannot express, with the values that a file implies instead of the
  /// fixture's.
  private static let unsaid: [String: JSONObject] = [
    "gpt2-untied": ["activation_function": "gelu_new"], "t5": ["relative_attention_max_distance": 128],
    "t5-v1.1": ["relative_attention_max_distance": 128], "umt5": ["relative_attention_max_distance": 128],
    "gpt-neox-serial": ["hidden_act": "gelu"],
    "gemma2": ["query_pre_attn_scalar": 10], "gemma3": ["query_pre_attn_scalar": 10],
  ]

  private func file(_ name: String) -> String { Fixtures.path("gguf/models/\(name).gguf") }

  /// The folder that a file was made from, with these keys.
  private func original(_ name: String) throws -> ModelSource {
    let folder = Fixtures.path("models/\(name)")
    var configuration = try #require(try JSONValue(contentsOfFile: folder + "/config.json").object)
    for (key, value) in Self.unsaid[name]?.members ?? [] { configuration.setValue(value, forKey: key) }
    return try ModelSource(
      path: folder, configuration: .object(configuration),
      tensors: { () throws(CheckpointError) in try SafetensorsFolder(folder: folder) })
  }

  @Test(
    "the file's numbers equal the folder's bit for bit, in every format",
    arguments: [
      "gpt-neox", "gpt-neox-serial", "gpt2", "gpt2-untied", "llama", "llama-wide", "llama-yarn", "gemma2", "gemma3",
      "phi3", "phi3-long", "qwen2", "qwen3", "t5", "t5-v1.1", "umt5",
    ], [NumberFormat.f32, .q8])
  func numbers(name: String, format: NumberFormat) throws {
    let opened = try ModelLoader.open(ModelSource(path: file(name)), format: format)
    let expected = try ModelLoader.open(original(name), format: format)
    #expect(try PackedFolderTests.numbers(opened) == PackedFolderTests.numbers(expected))
    #expect(opened.description.parameters == expected.description.parameters)
    #expect(opened.description.architecture == expected.description.architecture)
    #expect(opened.model.base.facts.contextLength == expected.model.base.facts.contextLength)
  }

  @Test("the divisors of Llama 3.1's frequencies are those that its configuration describes")
  func divisors() throws {
    let golden = try Golden("llama-scaled")
    let model = try ModelLoader.open(ModelSource(path: file("llama-scaled"))).causal()
    let rows = try model.forward([Segment(ids: golden.ids(), state: model.makeState(), wanted: .all)])
    try golden.expect(model.logits(rows.tensor), equals: "logits")
  }

  @Test("the error for a file without the head of a masked language model says what is missing")
  func headless() throws {
    let error = #expect(throws: ModelError.self) { try ModelLoader.open(ModelSource(path: file("bert"))) }
    guard case .checkpoint(.unfitTensors(_, let problems))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    for case .missing(let name, _) in problems { #expect(name.hasPrefix("cls.predictions.")) }
    #expect(problems.count == 5 && error?.hint?.contains("head") == true)
  }

  @Test(
    "a classifier's logits are transformers', with the labels that the file names",
    arguments: ["roberta-texts", "distilbert-texts"])
  func classifiers(name: String) throws {
    let golden = try Golden(name)
    let opened = try ModelLoader.open(ModelSource(path: file(name)))
    let model = try opened.labeling()
    try golden.expect(model.logits(try model.forward([MaskedSequence(ids: golden.ids())]).tensor), equals: "logits")
    #expect(model.labels == LabelSet(.texts, names: ["bad", "fair", "good"], scoring: .softmax))
    #expect(opened.description.family == .classifier)
    #expect(model.facts.contextLength == (name == "roberta-texts" ? 22 : 24))
  }

  @Test("a BERT classifier without its pooler, as llama.cpp's converter writes it, is refused")
  func poolerless() throws {
    let error = #expect(throws: ModelError.self) { try ModelLoader.open(ModelSource(path: file("bert-texts"))) }
    guard case .checkpoint(.unfitTensors(_, let problems))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      problems == [
        .missing(name: "pooler.dense.weight", shape: [8, 8]), .missing(name: "pooler.dense.bias", shape: [8]),
      ])
    #expect(error?.hint?.contains("pooler of a classifier") == true)
  }

  // MARK: - What a file says about itself

  private func with<R>(_ writer: GGUFWriter, _ body: (ModelSource) throws -> R) throws -> R {
    try Fixtures.withScratchFolder { folder in
      try Data(writer.bytes).write(to: URL(fileURLWithPath: folder + "/model.gguf"))
      return try body(ModelSource(path: folder + "/model.gguf"))
    }
  }

  private func failure(_ changes: [(key: String, value: GGUFWriter.Value?)]) throws -> (key: String, found: String)? {
    try failure(TinyGGUF.changing(changes))
  }

  private func failure(_ writer: GGUFWriter) throws -> (key: String, found: String)? {
    do {
      _ = try with(writer) { try ModelLoader.open($0) }
      return nil
    } catch ModelError.invalidConfiguration(_, let key, _, let found) {
      return (key, found)
    }
  }

  @Test("tokens that end and begin a text, the chat template and the tokenizer's metadata come from the file")
  func metadata() throws {
    let writer = TinyGGUF.changing([
      ("tokenizer.ggml.eot_token_id", .uint32(7)), ("tokenizer.ggml.eom_token_id", .uint32(2)),
      ("tokenizer.ggml.padding_token_id", .uint32(4_294_967_295)),
    ])
    try with(writer) { source in
      let opened = try ModelLoader.open(source)
      #expect(opened.generation.eosTokenIDs == [2, 7] && opened.generation.bosTokenID == 1)
      #expect(opened.generation.padTokenID == nil)
      let metadata = try #require(try source.tokenizerMetadata())
      #expect(metadata["tokenizer.chat_template"]?.string == "{{ messages }}")
      #expect(metadata["tokenizer.ggml.tokens"]?.array?.count == 8 && metadata["llama.block_count"] == nil)
      #expect(opened.description.dtype == "f32" && opened.description.family == .causal)
    }
    try with(TinyGGUF.changing([("tokenizer.ggml.bos_token_id", nil)])) { source in
      let opened = try ModelLoader.open(source)
      #expect(opened.generation.bosTokenID == nil)
    }
    #expect(try ModelSource(folder: Fixtures.path("models/gpt2")).tokenizerMetadata() == nil)
  }

  @Test("an architecture that is not supported is described, and refused when it is opened")
  func architectures() throws {
    // An architecture that opens only from folders is described as `NAME (GGUF)`.
    for (name, told) in [("mamba", "mamba"), ("bart", "bart (GGUF)")] {
      try with(TinyGGUF.changing([("general.architecture", .string(name))])) { source in
        let description = try ModelDescription(source)
        #expect(description.architecture == told && description.family == nil && description.parameters == 568)
        let error = #expect(throws: ModelError.self) { try ModelLoader.open(source) }
        guard case .unsupportedArchitecture(let found, _, _)? = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(found == told)
      }
    }
  }

  @Test("a key or tensor that would change the numbers is refused by its name")
  func refused() throws {
    #expect(try failure([]) == nil)
    #expect(try failure([("llama.expert_count", .uint32(0)), ("llama.attention.causal", .bool(false))]) == nil)
    #expect(try failure([("llama.rope.scaling.type", .string("none"))]) == nil)
    #expect(try failure([("llama.expert_count", .uint32(8))])?.key == "llama.expert_count")
    #expect(try failure([("llama.expert_count", .uint32(8))])?.found == "8")
    #expect(try failure([("llama.rope.dimension_count", .uint32(2))])?.key == "llama.rope.dimension_count")
    #expect(try failure([("llama.attention.value_length", .uint32(2))])?.key == "llama.attention.value_length")
    #expect(try failure([("llama.rope.scaling.type", .string("spiral"))])?.found == "spiral")
    var writer = TinyGGUF.writer
    writer.tensors.append(.init("rope_twists.weight", [2], [1, 2]))
    #expect(try failure(writer)?.key == "tensor rope_twists.weight")
    writer = TinyGGUF.writer
    writer.tensors.append(.init("blk.00.attn_q.weight", [2], [1, 2]))
    #expect(try failure(writer)?.key == "tensor blk.00.attn_q.weight")
  }

  /// The metadata of an architecture and some matrices, enough to reach the check of its configuration.
  private func headed(
    _ architecture: String, tensors: [String] = ["token_embd"], _ changes: [(String, GGUFWriter.Value)]
  ) -> GGUFWriter {
    var metadata: [(key: String, value: GGUFWriter.Value)] = [("general.architecture", .string(architecture))]
    let sizes = [
      ("context_length", 9), ("embedding_length", 8), ("block_count", 1), ("feed_forward_length", 12),
      ("attention.head_count", 2),
    ]
    metadata += sizes.map { ("\(architecture).\($0.0)", .uint32(UInt32($0.1))) }
    metadata.append(("\(architecture).attention.layer_norm_epsilon", .float32(1e-12)))
    for (key, value) in changes {
      metadata.removeAll { $0.key == "\(architecture).\(key)" }
      metadata.append(("\(architecture).\(key)", value))
    }
    return GGUFWriter(
      metadata, tensors.map { .init("\($0).weight", [8, 2], [Float](repeating: 1, count: 16)) })
  }

  @Test("matrices of one row may be stored as vectors, as ggml stores them")
  func rowVectors() throws {
    var writer = headed("bert", [("classifier.output_labels", .array([.string("score")]))])
    let numbers = (0..<8).map { Float($0) }
    for name in ["token_types", "cls.output"] { writer.tensors.append(.init("\(name).weight", [8], numbers)) }
    try with(writer) { source in
      let tensors = try source.tensors()
      #expect(try ModelPlan(source).family == .classifier)
      for name in ["embeddings.token_type_embeddings.weight", "classifier.weight"] {
        #expect(tensors.entry(name)?.shape == [1, 8] && tensors[name]?.tensor().scalars == numbers)
      }
      let error = #expect(throws: ModelError.self) { try ModelLoader.open(source) }
      guard case .checkpoint(.unfitTensors(_, let problems))? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      for case .shape(let name, _, _) in problems { Issue.record("\(name)") }
    }
  }

  @Test("labels, rotated widths and epsilons that do not fit are named as the file has them")
  func unfit() throws {
    let labels = "classifier.output_labels"
    for value in [
      GGUFWriter.Value.array([.string("a")]), .array([.uint32(1), .uint32(2)]), .string("a, b"),
      .array(["a", "b", "c"].map { .string($0) }),
    ] {
      let writer = headed("bert", tensors: ["token_embd", "token_types", "cls.output"], [(labels, value)])
      #expect(try failure(writer)?.key == "bert.\(labels)")
    }
    let parallel = ("use_parallel_residual", GGUFWriter.Value.bool(true))
    for width in [UInt32(0), 5] {
      let key = "rope.dimension_count"
      #expect(try failure(headed("gptneox", [parallel, (key, .uint32(width))]))?.key == "gptneox.\(key)")
    }
    #expect(try failure(headed("gptneox", []))?.key == "gptneox.use_parallel_residual")
    #expect(
      try failure(headed("gptneox", [parallel, ("attention.head_count_kv", .uint32(1))]))?.key
        == "gptneox.attention.head_count_kv")
    let epsilon = "attention.layer_norm_epsilon"
    #expect(try failure(headed("bert", [(epsilon, .float32(1e-5))]))?.key == "bert.\(epsilon)")
  }

  @Test("values that are missing or wrong are named as the file has them")
  func wrong() throws {
    for key in ["context_length", "block_count", "attention.head_count", "attention.layer_norm_rms_epsilon"] {
      #expect(try failure([("llama.\(key)", nil)])?.key == "llama.\(key)")
      #expect(try failure([("llama.\(key)", .string("x"))])?.key == "llama.\(key)")
    }
    #expect(try failure([("llama.attention.head_count", .uint32(3)), ("llama.rope.dimension_count", nil)]) != nil)
    #expect(try failure([("llama.attention.head_count", .array([.uint32(2)]))])?.key == "llama.attention.head_count")
    #expect(
      try failure([("llama.attention.head_count_kv", .uint32(3))])?.key == "llama.attention.head_count_kv")
    var writer = TinyGGUF.writer
    writer.tensors[3] = .init("blk.0.attn_k.weight", [8, 3], [Float](repeating: 1, count: 24))
    #expect(try failure(writer)?.key == "tensor blk.0.attn_k.weight")
    writer.tensors.removeAll { _ in true }
    #expect(try failure(writer)?.key == "tensor token_embd.weight")
  }

  @Test("a path that is neither a folder nor a file is an error")
  func noFile() throws {
    let path = Fixtures.path("nothing.gguf")
    #expect(throws: ModelError.checkpoint(.folderNotFound(path: path))) { try ModelSource(path: path) }
  }

  // MARK: - A real model

  private static let names = ["F32", "F16", "Q8_0", "Q4_0"].map { "stories260K-\($0).gguf" }

  @Test(
    "log-probabilities and greedy tokens of the shared models are transformers'",
    .enabled(if: shared != nil, "needs the shared folder"), arguments: names, [NumberFormat.f32, .stored])
  func reference(name: String, format: NumberFormat) throws {
    let folder = try #require(Self.shared)
    let model = try ModelLoader.open(ModelSource(path: "\(folder)/\(name)"), format: format).causal()
    let tolerance = format == .f32 ? 2e-5 : 1e-3
    let cases = try #require(try JSONValue(contentsOfFile: folder + "/expected.json")[name]?.array)
    for found in cases {
      let ids = try #require(found["ids"]?.array).compactMap(\.int)
      let state = model.makeState()
      var rows = try model.forward([Segment(ids: ids, state: state, wanted: .all)]).tensor
      var logits = logSoftmax(model.logits(rows))
      let width = model.facts.vocabularySize
      for (index, expected) in try #require(found["logprobs"]?.array).compactMap(\.double).enumerated() {
        #expect(abs(Double(logits.scalars[index * width + ids[index + 1]]) - expected) < tolerance)
      }
      for pair in try #require(found["top_next"]?.array) {
        let (id, expected) = (try #require(pair[0]?.int), try #require(pair[1]?.double))
        #expect(abs(Double(logits.scalars[(ids.count - 1) * width + id]) - expected) < tolerance)
      }
      var greedy: [Int] = []
      let expected = try #require(found["greedy"]?.array).compactMap(\.int)
      while greedy.count < expected.count {
        let row = logits.scalars.suffix(width)
        let best = try #require(row.indices.max { row[$0] < row[$1] }) - row.startIndex
        greedy.append(best)
        rows = try model.forward([Segment(ids: [best], state: state, wanted: .all)]).tensor
        logits = model.logits(rows)
      }
      #expect(greedy == expected)
    }
  }

  @Test(
    "the shared model in f32 has the bits of its folder",
    .enabled(if: shared != nil && weights != nil, "needs the shared folder"))
  func sameBits() throws {
    let file = try ModelLoader.open(ModelSource(path: "\(#require(Self.shared))/stories260K-F32.gguf"))
    let folder = try ModelLoader.open(folder: #require(Self.weights))
    let ids = [1, 403, 407, 261, 378]
    let numbers = try [file, folder].map { opened in
      let model = try opened.causal()
      return model.logits(
        try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)]).tensor
      ).bits
    }
    #expect(numbers[0] == numbers[1])
  }
}
