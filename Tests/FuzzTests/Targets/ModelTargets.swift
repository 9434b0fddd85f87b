import EngineAPI
import JSONText
import Tensors
import TestSupport

@testable import Checkpoints
@testable import Engines
@testable import Models

extension FuzzTarget {
  static let modelTargets = [safetensors, shardIndex, packedFolder, modelConfiguration, architectures, card, gguf]

  private static let headerWords = [
    "[0,8]", "[0]", "\"F4\"", "\"BF16\"", "\"I64\"", "\"__metadata__\":{}", "\"shape\":[0]", "4611686018427387904",
  ]

  /// A safetensors file in memory: all tensors must be within the file.
  static let safetensors = FuzzTarget(
    name: "safetensors",
    seeds: { [try smallFile(), try packedFile()] }, words: jsonWords + headerWords,
    run: { bytes in
      bytes.withUnsafeBytes { file in
        guard let header = try? SafetensorsHeader(file, path: "file") else { return }
        for entry in header.entries.values {
          law(entry.range.lowerBound >= 8 && entry.range.upperBound <= file.count, "a tensor beyond the file")
          law(
            entry.shape.reduce(entry.layout.bytes, *) == entry.range.count * entry.layout.elements,
            "a shape of another size")
        }
        guard let panels = try? PanelDirectory(header, path: "file") else { return }
        for name in panels.sizes.keys { law(header.entries[name] != nil, "panels that are not there") }
      }
    })

  /// model.safetensors.index.json with three shards.
  static let shardIndex = FuzzTarget(
    name: "shard-index",
    seeds: {
      for number in 1...3 {
        let name = "model-0000\(number)-of-00003.safetensors"
        _ = ScratchFolder.with("shards", [(name, try Fixtures.bytes("models/gpt2-sharded/\(name)"))])
      }
      return [try Fixtures.bytes("models/gpt2-sharded/model.safetensors.index.json")]
    },
    words: jsonWords + ["../", "/", "\"weight_map\":"],
    run: { bytes in
      let folder = ScratchFolder.with("shards", [("model.safetensors.index.json", bytes)])
      guard let checkpoint = try? WeightContainer.open(folder: folder) else { return }
      for name in checkpoint.names { law(checkpoint[name] != nil, "a tensor that is not there") }
    })

  /// config.json and a file of packed weights; opens the model as far as possible.
  static let packedFolder = FuzzTarget(
    name: "packed-folder",
    seeds: { [joined([try Fixtures.bytes("models/gpt2/config.json"), try packedFile()])] },
    words: jsonWords + headerWords + ["\"q4\"", "\"q8\"", "triptych-panels", "\"n_layer\":1", "\"n_embd\":"],
    partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      let folder = ScratchFolder.with("packed", [("config.json", input[0]), ("model.safetensors", input[1])])
      guard let opened = try? ModelLoader.open(folder: folder), case .causal(let model) = opened.model,
        let id = (0..<model.facts.vocabularySize).first
      else { return }
      _ = try? model.forward([Segment(ids: [id], state: model.makeState(), wanted: .all)])
    })

  /// config.json and generation_config.json, including the tasks of translation models.
  static let modelConfiguration = FuzzTarget(
    name: "model-configuration",
    seeds: {
      var seeds: [[UInt8]] = []
      for name in ["causal", "masked", "encoder-decoder"] {
        let usual = Array(#"{"bad_words_ids": [[1, 2]], "early_stopping": "never", "eos_token_id": [1, 2]}"#.utf8)
        let own = try? Fixtures.bytes("program/\(name)/generation_config.json")
        seeds.append(joined([try Fixtures.bytes("program/\(name)/config.json"), own ?? usual]))
      }
      for name in ["gemma3", "gemma3-old", "llama-yarn", "phi3-long", "qwen2-sliding"] {
        seeds.append(joined([try Fixtures.bytes("models/\(name)/config.json"), Array("{}".utf8)]))
      }
      let translation =
        #"{"model_type": "t5", "task_specific_params": {"translation_en_to_fr": {"prefix": "to French: "}}}"#
      seeds.append(joined([Array(translation.utf8), Array("{}".utf8)]))
      return seeds
    },
    words: jsonWords + [
      "\"num_beams\":", "\"suppress_tokens\":[", "\"bad_words_ids\":[[]]", "\"task_specific_params\":{",
      "\"translation__to_\":", "\"model_type\":\"bert\"", "\"max_length\":", "\"do_sample\":true",
      "\"sequence_bias\":[[[1,2],-1.5]]", "\"exponential_decay_length_penalty\":[3,1.1]", "\"stop_strings\":[\"a\"]",
      "\"encoder_repetition_penalty\":1.2", "\"encoder_no_repeat_ngram_size\":2", "\"renormalize_logits\":true",
      "\"num_beam_groups\":2", "\"diversity_penalty\":0.5", "\"max_time\":1e-3", "\"num_return_sequences\":3",
      "\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[",
      "\"rope_parameters\":{\"rope_type\":\"yarn\",\"factor\":",
      "\"layer_types\":[\"sliding_attention\"]", "\"sliding_window\":", "\"head_dim\":", "\"model_type\":\"qwen3\"",
    ],
    partCount: 2,
    run: { bytes in
      let input = parts(bytes, 2)
      let folder = ScratchFolder.with("configured", [("config.json", input[0]), ("generation_config.json", input[1])])
      guard let plan = try? ModelPlan(ModelSource(folder: folder)), let found = try? plan.generation() else { return }
      for code in TranslationTask.languages(of: found.tasks) {
        _ = try? TranslationTask.prefix(from: code, to: "fr", tasks: found.tasks)
      }
    })

  /// The config.json of a golden model beside its weights: a model that opens must compute.
  static let architectures = FuzzTarget(
    name: "architectures",
    seeds: {
      try (golden + ["albert-texts", "gemma2-texts", "modernbert-texts", "phi3-texts"]).map {
        try Fixtures.bytes("models/\($0)/config.json")
      }
    },
    words: jsonWords + [
      "\"rope_parameters\":{\"rope_theta\":7.0}", "\"rotary_pct\":1.0", "\"attention_types\":[[[\"local\"],2]]",
      "\"word_embed_proj_dim\":7", "\"share_encoder_decoder_embeddings\":false", "\"decoder_vocab_size\":37",
      "\"pad_token_id\":", "\"tie_word_embeddings\":false", "\"d_model\":", "\"decoder_layers\":1",
      "\"inner_group_num\":2", "\"global_attn_every_n_layers\":2", "\"local_attention\":1", "\"embedding_size\":",
      "\"architectures\":[\"AlbertForSequenceClassification\"]", "\"id2label\":{\"0\":\"a\"}", "\"num_labels\":",
      "\"problem_type\":\"regression\"", "\"classifier_pooling\":\"mean\"",
    ],
    run: { bytes in
      // The weights of the model whose type the configuration has.
      guard let json = try? JSONValue(parsing: bytes), let type = json["model_type"]?.string,
        let body = golden.first(where: { $0.replacing("-", with: "_") == type.replacing("-", with: "_") })
      else { return }
      let classifies = json["architectures"]?[0]?.string?.hasSuffix("ForSequenceClassification") == true
      let name = classifies ? body + "-texts" : body
      let weights = (try? Fixtures.bytes("models/\(name)/model.safetensors")) ?? []
      let folder = ScratchFolder.with("golden", [("config.json", bytes), ("model.safetensors", weights)])
      if let opened = try? ModelLoader.open(folder: folder) { compute(opened.model) }
    })

  /// A forward pass of a model of any family. Ids outside the vocabulary are errors.
  private static func compute(_ model: AnyLanguageModel) {
    switch model {
    case .causal(let model): _ = try? model.forward([Segment(ids: [1, 2], state: model.makeState(), wanted: .all)])
    case .masked(let model): _ = try? model.forward([MaskedSequence(ids: [1, 2])])
    case .labeling(let model): _ = try? model.forward([MaskedSequence(ids: [1, 2])])
    case .seq2seq(let model):
      guard let source = try? model.encode([3, 1, 2]) else { return }
      _ = try? model.forward([Segment(ids: [1, 2], state: model.makeState(source), wanted: .all)])
    }
  }

  /// The golden models whose folders have the names of their types.
  private static let golden = [
    "albert", "bart", "camembert", "distilbert", "electra", "gemma2", "gpt-neo", "gpt-neox", "m2m-100", "marian",
    "mbart", "mistral", "modernbert", "mt5", "olmo2", "opt", "phi3", "qwen2", "qwen3", "roberta", "umt5", "xlm-roberta",
  ]

  /// A model card: the text must not exceed its maximum length.
  static let card = FuzzTarget(
    name: "card",
    seeds: { [Array("---\nlicense: mit\n---\n\n# A model\n\nText é.\n".utf8)] },
    words: ["---\n", "---\r\n", "\u{FEFF}", "\n"],
    run: { bytes in law(CardFile.text(of: bytes).utf8.count <= 3 * Limits.cardBytes, "a card that is too long") })

  /// A GGUF file: all tensors must be within the file, and a model that opens must compute.
  static let gguf = FuzzTarget(
    name: "gguf",
    seeds: {
      [
        TinyGGUF.writer.bytes, GGUFWriter(version: 2).bytes, try Fixtures.bytes("gguf/models/roberta-texts.gguf"),
        try Fixtures.bytes("gguf/models/distilbert-texts.gguf"), neoX.bytes,
        try Array(Fixtures.bytes("gguf/types.gguf").prefix(Mutator.longest)),
        GGUFWriter([
          ("general.architecture", .string("gpt2")), ("split.count", .uint16(2)),
          ("a", .array([.array([.bool(true)])])),
          ("general.alignment", .uint32(64)), ("b", .float64(1)), ("c", .uint64(.max)),
        ]).bytes,
      ]
    },
    words: [
      "llama.", "attention.", "head_count", "blk.0.", ".weight", ".bias", "GGUF\u{3}\0\0\0", "general.alignment",
      "rope_freqs.weight", "rope_factors_long.weight", "rope.scaling.type", "gemma3", "phi3", "gptneox", "bert", "t5",
      "cls.output.weight", "classifier.output_labels", "enc.blk.1.attn_rel_b.weight", "token_types.weight",
      "\u{9}\0\0\0\u{9}\0\0\0\u{1}\0\0\0\0\0\0\0", "\u{8}\0\0\0", "\0\0\0\0\0\0\0\u{7F}", "split.no",
    ],
    run: { bytes in
      let path = ScratchFolder.with("gguf", [("model.gguf", bytes)]) + "/model.gguf"
      guard let file = try? GGUFFile(path: path) else { return }
      for name in file.names {
        guard let entry = file.entry(name) else { return law(false, "a tensor without an entry") }
        law(file.bytes(of: name, 0..<entry.byteCount)?.bytes.count == entry.byteCount, "a tensor beyond the file")
        law((file[name] != nil) == (entry.layout.elementType != nil), "a tensor that is not there")
        if let tensor = file[name] { law(tensor.tensor().scalars.count == entry.elementCount, "too few numbers") }
      }
      for key in file.keys { _ = try? file.metadata(key)?.json() }
      guard let source = try? ModelSource(path: path) else { return }
      _ = try? source.tokenizerMetadata()
      if let opened = try? ModelLoader.open(source) { compute(opened.model) }
    })

  // MARK: - Seeds

  /// A GPT-NeoX of one layer.
  private static var neoX: GGUFWriter {
    let sizes = [
      ("context_length", 9), ("embedding_length", 8), ("block_count", 1), ("feed_forward_length", 12),
      ("attention.head_count", 2), ("rope.dimension_count", 2),
    ]
    let shapes: [(String, [UInt64])] = [
      ("token_embd.weight", [8, 6]), ("output_norm.weight", [8]), ("output_norm.bias", [8]), ("output.weight", [8, 6]),
      ("blk.0.attn_norm.weight", [8]), ("blk.0.attn_norm.bias", [8]), ("blk.0.attn_qkv.weight", [8, 24]),
      ("blk.0.attn_qkv.bias", [24]), ("blk.0.attn_output.weight", [8, 8]), ("blk.0.attn_output.bias", [8]),
      ("blk.0.ffn_norm.weight", [8]), ("blk.0.ffn_norm.bias", [8]), ("blk.0.ffn_up.weight", [8, 12]),
      ("blk.0.ffn_up.bias", [12]), ("blk.0.ffn_down.weight", [12, 8]), ("blk.0.ffn_down.bias", [8]),
    ]
    var metadata: [(key: String, value: GGUFWriter.Value)] = [("general.architecture", .string("gptneox"))]
    metadata += sizes.map { ("gptneox." + $0.0, .uint32(UInt32($0.1))) }
    metadata.append(("gptneox.attention.layer_norm_epsilon", .float32(1e-5)))
    metadata.append(("gptneox.use_parallel_residual", .bool(true)))
    return GGUFWriter(
      metadata,
      shapes.map { name, sizes in
        GGUFWriter.Tensor(name, sizes, [Float](repeating: 0.5, count: Int(sizes.reduce(1, *))))
      })
  }

  private static func smallFile() throws -> [UInt8] {
    let text =
      #"{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
      + #""b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"c":{"dtype":"I8","shape":[0,7],"data_offsets":[32,32]}}"#
    return withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) } + Array(text.utf8)
      + (0..<32).map(UInt8.init)
  }

  private static func packedFile() throws -> [UInt8] {
    let packer = try ModelPacker(folder: Fixtures.path("models/gpt2"), format: .q4, progress: { _ in })
    let folder = ScratchFolder.with("seed", [])
    guard try packer.writeWeights(to: folder, shouldContinue: { _ in true }) else { return [] }
    return try FileBytes.read(folder + "/model.safetensors")
  }
}
