import TestSupport
import Testing

@testable import Models

@Suite("Configuration files are untrusted")
struct ConfigurationTests {
  /// A change of one member that must give an error with the member's key.
  struct Absurdity: Sendable, CustomTestStringConvertible {
    let fixture: String
    let key: String
    let value: String

    init(_ fixture: String, _ key: String, _ value: String) {
      (self.fixture, self.key, self.value) = (fixture, key, value)
    }

    var testDescription: String { "\(fixture): \(key) = \(value)" }
  }

  private static let bartSizes = [
    "vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads",
    "encoder_ffn_dim", "decoder_ffn_dim", "max_position_embeddings",
  ]

  static let sizes = [
    "bart": bartSizes,
    "gpt-neo": [
      "vocab_size", "hidden_size", "num_layers", "num_heads", "intermediate_size", "max_position_embeddings",
      "window_size",
    ],
    "gpt-neox": [
      "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
      "max_position_embeddings", "head_dim",
    ],
    "marian-separate": bartSizes + ["decoder_vocab_size"],
    "opt": [
      "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "ffn_dim", "max_position_embeddings",
      "word_embed_proj_dim",
    ],
    "gpt2": ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner"],
    "bert": [
      "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
      "max_position_embeddings",
      "type_vocab_size",
    ],
    "albert": ["embedding_size", "num_hidden_groups", "inner_group_num"],
    "distilbert": ["dim", "n_layers", "n_heads", "hidden_dim"],
    "modernbert": ["global_attn_every_n_layers", "intermediate_size", "num_attention_heads"],
    "llama": [
      "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
      "num_key_value_heads", "head_dim", "max_position_embeddings",
    ],
    "gemma3": ["head_dim", "sliding_window_pattern", "num_key_value_heads"],
    "phi3-long": ["num_hidden_layers", "original_max_position_embeddings", "sliding_window"],
    "t5": [
      "vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads",
      "relative_attention_num_buckets",
      "relative_attention_max_distance",
    ],
  ]

  static let noSizes = [
    "0", "-1", "-9223372036854775808", "9223372036854775807", "1e30", "2.5", "NaN", "true", "\"12\"", "[3]", "{}",
  ]

  static let absurdities: [Absurdity] =
    sizes.sorted { $0.key < $1.key }.flatMap { fixture, keys in
      keys.flatMap { key in noSizes.map { Absurdity(fixture, key, $0) } }
    }
    + ["NaN", "-1e-5", "Infinity", "2", "\"small\"", "null"].flatMap { value in
      [
        Absurdity("gpt2", "layer_norm_epsilon", value), Absurdity("bert", "layer_norm_eps", value),
        Absurdity("t5", "layer_norm_epsilon", value), Absurdity("llama", "rms_norm_eps", value),
      ]
    }
    + [
      Absurdity("gpt2", "n_head", "3"), Absurdity("bert", "num_attention_heads", "5"),
      Absurdity("gpt2", "n_layer", "null"), Absurdity("gpt2", "n_layer", "1001"),
      Absurdity("gpt2", "activation_function", "\"prelu\""), Absurdity("gpt2", "activation_function", "7"),
      Absurdity("bert", "hidden_act", "\"gelu \""), Absurdity("bert", "is_decoder", "true"),
      Absurdity("bert", "position_embedding_type", "\"relative_key\""), Absurdity("bert", "tie_word_embeddings", "1"),
      Absurdity("t5", "feed_forward_proj", "\"gated-gelu-relu\""),
      Absurdity("t5", "feed_forward_proj", "\"open-relu\""),
      Absurdity("t5", "feed_forward_proj", "\"\""), Absurdity("t5", "dense_act_fn", "\"none\""),
      Absurdity("t5", "relative_attention_num_buckets", "3"), Absurdity("t5", "relative_attention_max_distance", "4"),
      Absurdity("t5", "scale_decoder_outputs", "\"yes\""), Absurdity("gpt2", "scale_attn_weights", "0"),
      Absurdity("gpt2", "model_type", "7"),
      Absurdity("llama", "num_key_value_heads", "3"), Absurdity("llama", "num_attention_heads", "5"),
      Absurdity("llama", "head_dim", "7"), Absurdity("llama", "rope_theta", "0"),
      Absurdity("llama", "rope_theta", "-1"),
      Absurdity("llama", "rope_theta", "\"big\""), Absurdity("llama", "rope_scaling", "7"),
      Absurdity("llama", "rope_parameters", #"{"full_attention": {"rope_type": "default"}}"#),
      Absurdity("gemma3", "use_bidirectional_attention", "true"), Absurdity("gemma3", "layer_types", "[]"),
      Absurdity("gemma3", "layer_types", #"["full_attention", "chunked_attention", "full_attention"]"#),
      Absurdity("gemma3-old", "sliding_window", "null"), Absurdity("gemma2", "attn_logit_softcapping", "0"),
      Absurdity("gemma2", "query_pre_attn_scalar", "-3"), Absurdity("qwen2-sliding", "max_window_layers", "-1"),
      Absurdity("qwen2-sliding", "sliding_window", "0"), Absurdity("phi3-long", "partial_rotary_factor", "0"),
      Absurdity("llama", "attention_bias", "\"yes\""),
      Absurdity("roberta", "pad_token_id", "-1"), Absurdity("roberta", "pad_token_id", "39"),
      Absurdity("roberta", "pad_token_id", "null"), Absurdity("roberta", "pad_token_id", "\"[PAD]\""),
      Absurdity("roberta", "is_decoder", "true"), Absurdity("distilbert", "n_heads", "5"),
      Absurdity("albert", "inner_group_num", "400"), Absurdity("electra", "embedding_size", "0"),
      Absurdity("modernbert", "layer_types", #"["full_attention"]"#), Absurdity("modernbert", "layer_types", "7"),
      Absurdity("modernbert", "layer_types", #"["full_attention", "full_attention", "chunked_attention", "no"]"#),
      Absurdity("modernbert", "local_attention", "-1"), Absurdity("modernbert", "global_rope_theta", "0"),
      Absurdity("modernbert", "rope_scaling", #"{"rope_type": "linear", "factor": 2.0}"#),
      Absurdity("modernbert", "rope_parameters", #"{"full_attention": {"rope_type": "yarn", "factor": 2.0}}"#),
      Absurdity("modernbert", "num_attention_heads", "4"), Absurdity("modernbert", "norm_eps", "2"),
      Absurdity("gpt-neox", "rotary_pct", "1.5"), Absurdity("gpt-neox", "rotary_pct", "\"all\""),
      Absurdity("gpt-neox", "rotary_emb_base", "0"), Absurdity("gpt-neox", "head_dim", "12"),
      Absurdity("gpt-neox", "num_attention_heads", "5"), Absurdity("gpt-neo", "num_heads", "5"),
      Absurdity("gpt-neo", "attention_types", #"[[["global"], 1]]"#),
      Absurdity("gpt-neo", "attention_types", #"[[["global", "local"], 9223372036854775807]]"#),
      Absurdity("gpt-neo", "attention_types", #"[[["global", "near"], 1]]"#),
      Absurdity("gpt-neo", "attention_types", "7"), Absurdity("gpt-neo", "attention_layers", #"["global"]"#),
      Absurdity("gpt-neo", "attention_layers", #"["global", 7]"#), Absurdity("opt", "num_attention_heads", "5"),
      Absurdity("opt", "enable_bias", "\"yes\""), Absurdity("bart", "encoder_attention_heads", "5"),
      Absurdity("bart", "decoder_attention_heads", "7"), Absurdity("m2m-100", "pad_token_id", "-1"),
      Absurdity("m2m-100", "pad_token_id", "[1, 2]"), Absurdity("m2m-100", "pad_token_id", "null"),
      Absurdity("m2m-100", "d_model", "2"), Absurdity("marian", "decoder_vocab_size", "36"),
      Absurdity("marian", "share_encoder_decoder_embeddings", "1"),
      Absurdity("gpt2", "exponential_decay_length_penalty", "[-9.223372036854775808e18, 1.0]"),
    ]

  @Test("an invalid value gives an error with the key, the expected and the found value", arguments: absurdities)
  func absurd(_ absurdity: Absurdity) throws {
    let error = try ScratchModel.error(absurdity.fixture, changing: [(absurdity.key, absurdity.value)])
    guard case .invalidConfiguration(let path, absurdity.key, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path.hasSuffix("/config.json"))
  }

  @Test("missing keys have the defaults of transformers")
  func defaults() throws {
    let empty = try ConfigurationReader(["model_type": "x"], path: "config.json")
    let gpt2 = try GPT2Configuration(empty)
    #expect(
      [gpt2.vocab_size, gpt2.n_positions, gpt2.n_embd, gpt2.n_layer, gpt2.n_head, gpt2.n_inner] == [
        50257, 1024, 768, 12, 12, 3072,
      ])
    #expect(gpt2.activation_function == .geluNew && gpt2.layer_norm_epsilon == 1e-5 && gpt2.tie_word_embeddings)
    #expect(gpt2.attentionScale(layer: 3) == 0.125)
    let bert = try PostNormSizes(empty)
    #expect(
      [bert.vocab_size, bert.hidden_size, bert.num_hidden_layers, bert.intermediate_size] == [30522, 768, 12, 3072])
    #expect(bert.hidden_act == .gelu && bert.layer_norm_eps == 1e-12 && bert.max_position_embeddings == 512)
    let t5 = try T5Configuration(empty)
    #expect(
      [t5.vocab_size, t5.d_model, t5.d_kv, t5.d_ff, t5.num_layers, t5.num_decoder_layers] == [
        32128, 512, 64, 2048, 6, 6,
      ])
    #expect(t5.dense_act_fn == .relu && !t5.is_gated_act && t5.scale_decoder_outputs && t5.layer_norm_epsilon == 1e-6)
  }

  @Test("key aliases are read as in transformers")
  func aliases() throws {
    let file = try ConfigurationReader(
      ["hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 2, "max_position_embeddings": 64],
      path: "config.json")
    let gpt2 = try GPT2Configuration(file)
    #expect([gpt2.n_embd, gpt2.n_head, gpt2.n_layer, gpt2.n_positions, gpt2.n_inner] == [32, 4, 2, 64, 128])
  }

  @Test("T5's feed-forward and output scale are read from old and new keys")
  func t5() throws {
    func read(_ keys: (String, Bool)...) throws -> Bool {
      let members = keys.map { ($0.0, $0.1 ? "true" : "false") }
      let text = "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
      let value = try #require(try? ConfigurationReader(.init(parsing: Array(text.utf8)), path: "config.json"))
      return try T5Configuration(value).scale_decoder_outputs
    }
    #expect(try read())
    #expect(try read(("tie_word_embeddings", true)))
    #expect(try !read(("tie_word_embeddings", false)))
    #expect(try read(("tie_word_embeddings", false), ("scale_decoder_outputs", true)))
    #expect(try !read(("tie_word_embeddings", true), ("scale_decoder_outputs", false)))
    let gated = try T5Configuration(ConfigurationReader(["feed_forward_proj": "gated-gelu"], path: ""))
    #expect(gated.is_gated_act && gated.dense_act_fn == .geluNew)
    let overruled = try T5Configuration(
      ConfigurationReader(["feed_forward_proj": "gated-gelu", "dense_act_fn": "silu"], path: ""))
    #expect(overruled.is_gated_act && overruled.dense_act_fn == .silu)
  }

  /// JSON texts that replace a value.
  static let pool =
    noSizes + [
      "null", "1", "2", "3", "5", "6", "10", "1000", "268435456", "1e-6", "false", "\"gelu\"", "\"\"", "[[[]]]",
    ]

  @Test(
    "random changes of members give a typed error or a working model",
    arguments: [
      "albert", "bart", "bert", "gemma3", "gpt-neo", "gpt-neox", "gpt2", "llama", "marian-separate", "modernbert",
      "opt", "phi3-long", "t5",
    ])
  func fuzz(_ fixture: String) throws {
    var random = SplitMix64(seed: 11)
    let keys =
      (Self.sizes[fixture] ?? []) + [
        "model_type", "activation_function", "layer_norm_epsilon", "hidden_act", "feed_forward_proj",
        "tie_word_embeddings",
        "scale_attn_weights", "rope_theta", "layer_types", "scale_decoder_outputs", "eos_token_id",
        "task_specific_params", "top_k", "bad_words_ids",
      ]
    var opened = 0
    for _ in 0..<100 {
      var changes: [(String, String?)] = []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let text = Int.random(in: 0..<8, using: &random) == 0 ? nil : Self.pool.randomElement(using: &random)
        changes.append((keys.randomElement(using: &random) ?? "", text))
      }
      try ScratchModel.with(fixture, configuration: ScratchModel.configuration(fixture, changing: changes)) { folder in
        do throws(ModelError) { try use(ModelLoader.open(folder: folder)) } catch { return }
        opened += 1
      }
    }
    #expect(opened > 5)
  }

  @Test(
    "random changes of bytes give a typed error or a working model",
    arguments: [
      "bart", "bert", "gemma3-old", "gpt-neo", "gpt-neox", "gpt2", "llama-yarn", "m2m-100", "marian-separate", "opt",
      "phi3-long", "t5", "umt5",
    ])
  func bytes(_ fixture: String) throws {
    var random = SplitMix64(seed: 12)
    let text = try Fixtures.bytes("models/\(fixture)/config.json")
    for _ in 0..<100 {
      var changed = text
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        changed[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
      }
      try ScratchModel.with(fixture, configuration: String(decoding: changed, as: UTF8.self)) { folder in
        do throws(ModelError) { try use(ModelLoader.open(folder: folder)) } catch { return }
      }
    }
  }

  private func use(_ opened: OpenedModel) throws(ModelError) {
    switch opened.model {
    case .causal(let model): _ = try model.forward([Segment(ids: [1, 2], state: model.makeState())])
    case .masked(let model): _ = try model.forward([MaskedSequence(ids: [1, 2])])
    case .labeling(let model): _ = try model.forward([MaskedSequence(ids: [1, 2])])
    case .seq2seq(let model):
      _ = try model.forward([Segment(ids: [1, 2], state: model.makeState(model.encode([3, 4, 5])))])
    }
  }
}
