import JSONText
import Tensors

extension GGUFMapping {
  /// Llama. llama.cpp's converter permutes the rows of the query and key projections into interleaved rotary pairs.
  static let llama = decoder(
    "llama",
    rows: [
      "blk.*.attn_q": .rotaryPairs(heads: "num_attention_heads"),
      "blk.*.attn_k": .rotaryPairs(heads: "num_key_value_heads"),
    ]
  ) { file, members throws(ModelError) in
    members["attention_bias"] = .bool(file.file.contains("blk.0.attn_q.bias"))
    members["mlp_bias"] = .bool(file.file.contains("blk.0.ffn_up.bias"))
  }

  static let qwen2 = decoder("qwen2")

  static let qwen3 = decoder("qwen3", stems: queryNorms) { file, members throws(ModelError) in
    members["attention_bias"] = .bool(file.file.contains("blk.0.attn_q.bias"))
  }

  static let gemma2 = decoder(
    "gemma2",
    keys: [
      .optional("sliding_window", "attention.sliding_window"),
      .optional("attn_logit_softcapping", "attn_logit_softcapping"),
      .optional("final_logit_softcapping", "final_logit_softcapping"),
    ], withoutEffect: [slidingPattern], stems: gemmaNorms, holdsWholeNorms: true
  ) { file, members throws(ModelError) in try completeGemma(file, &members, largestLayers: 46) }

  static let gemma3 = decoder(
    "gemma3",
    keys: [
      .optional("sliding_window", "attention.sliding_window"), .optional("rope_local_base_freq", "rope.freq_base_swa"),
      .optional("final_logit_softcapping", "final_logit_softcapping"),
    ], withoutEffect: [slidingPattern], stems: gemmaNorms.merging(queryNorms) { own, _ in own }, holdsWholeNorms: true
  ) { file, members throws(ModelError) in try completeGemma(file, &members, largestLayers: 62) }

  static let phi3 = decoder(
    "phi3", keys: [.optional("sliding_window", "attention.sliding_window")],
    stems: [
      "blk.*.attn_qkv": "model.layers.*.self_attn.qkv_proj", "blk.*.ffn_up": "model.layers.*.mlp.gate_up_proj",
    ], rotatesShare: true
  ) { _, _ in }

  private static let queryNorms = [
    "blk.*.attn_q_norm": "model.layers.*.self_attn.q_norm", "blk.*.attn_k_norm": "model.layers.*.self_attn.k_norm",
  ]

  private static let gemmaNorms = [
    "blk.*.post_attention_norm": "model.layers.*.post_attention_layernorm",
    "blk.*.ffn_norm": "model.layers.*.pre_feedforward_layernorm",
    "blk.*.post_ffw_norm": "model.layers.*.post_feedforward_layernorm",
  ]

  /// The key for the layers that have a sliding window: a Boolean for each layer, or a period n if every n-th layer has
  /// none.
  private static let slidingPattern = "attention.sliding_window_pattern"

  /// Sets the layer types and `query_pre_attn_scalar`, which Gemma files lack. As in llama.cpp, the scalar is the
  /// model's width divided by the number of heads in the largest model, and the width of a head in the others.
  private static func completeGemma(
    _ file: GGUFConfiguration, _ members: inout JSONObject, largestLayers: Int
  ) throws(ModelError) {
    if let pattern = try file.own(slidingPattern) {
      let layers = min(members["num_hidden_layers"]?.int ?? 0, ConfigurationReader.mostLayers)
      let period = pattern.int.map { $0 > 0 ? $0 : layers + 1 }
      let kinds = period.map { period in (0..<layers).map { !($0 + 1).isMultiple(of: period) } }
      guard let slides = kinds ?? pattern.array?.compactMap(\.bool) else {
        throw file.failure(slidingPattern, "a number, or true or false for each layer", pattern.kind)
      }
      members["layer_types"] = .array(slides.map { JSONValue($0 ? "sliding_attention" : "full_attention") })
    }
    let heads = max(1, members["num_attention_heads"]?.int ?? 1)
    let isLargest = members["num_hidden_layers"]?.int == largestLayers
    if let width = isLargest ? members["hidden_size"]?.int.map({ $0 / heads }) : members["head_dim"]?.int ?? 256 {
      members["query_pre_attn_scalar"] = .integer(width)
    }
  }

  /// The mapping of a decoder with rotary positions.
  /// - Parameters:
  ///   - keys: additional configuration keys.
  ///   - stems: additional tensor stems; they override usual ones.
  ///   - rotatesShare: whether the file may rotate only a part of each head.
  private static func decoder(
    _ name: String, keys: [Key] = [], withoutEffect: [String] = [], stems: [String: String] = [:],
    rows: [String: Rows] = [:],
    holdsWholeNorms: Bool = false, rotatesShare: Bool = false,
    complete: @escaping @Sendable (GGUFConfiguration, inout JSONObject) throws(ModelError) -> Void = { _, _ in }
  ) -> GGUFMapping {
    let usual = [
      "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
      "blk.*.attn_norm": "model.layers.*.input_layernorm", "blk.*.attn_q": "model.layers.*.self_attn.q_proj",
      "blk.*.attn_k": "model.layers.*.self_attn.k_proj", "blk.*.attn_v": "model.layers.*.self_attn.v_proj",
      "blk.*.attn_output": "model.layers.*.self_attn.o_proj",
      "blk.*.ffn_norm": "model.layers.*.post_attention_layernorm", "blk.*.ffn_gate": "model.layers.*.mlp.gate_proj",
      "blk.*.ffn_up": "model.layers.*.mlp.up_proj", "blk.*.ffn_down": "model.layers.*.mlp.down_proj",
    ]
    return GGUFMapping(
      name,
      keys: [
        .required("max_position_embeddings", "context_length"), .required("hidden_size", "embedding_length"),
        .required("num_hidden_layers", "block_count"), .required("intermediate_size", "feed_forward_length"),
        .required("num_attention_heads", "attention.head_count"),
        .optional("num_key_value_heads", "attention.head_count_kv"), .optional("head_dim", "attention.key_length"),
        .required("rms_norm_eps", "attention.layer_norm_rms_epsilon"), .optional("rope_theta", "rope.freq_base"),
      ] + keys,
      // Checked against the head width, or read by `rotaryScaling()`, below.
      withoutEffect: withoutEffect + ["attention.value_length", "rope.dimension_count"]
        + GGUFConfiguration.scalingKeys.map { "rope.scaling." + $0 },
      stems: usual.merging(stems) { _, own in own }, rows: rows,
      configurationTensors: GGUFConfiguration.divisorTensors, holdsWholeNorms: holdsWholeNorms
    ) { file, members throws(ModelError) in
      if let heads = members["num_attention_heads"]?.int, heads > 0 {
        if members["num_key_value_heads"] == nil { members["num_key_value_heads"] = .integer(heads) }
        let width = members["head_dim"]?.int ?? (members["hidden_size"]?.int ?? 0) / heads
        members["head_dim"] = .integer(width)
        try file.require("attention.value_length", equals: width)
        if rotatesShare, let share = try file.rotaryShare(headWidth: width) {
          members["partial_rotary_factor"] = .double(share)
        } else {
          try file.require("rope.dimension_count", equals: width)
        }
      }
      if let scaling = try file.rotaryScaling() { members["rope_scaling"] = .object(scaling) }
      try complete(file, &members)
    }
  }
}

extension GGUFConfiguration {
  /// The keys of rotary scaling: those that ``rotaryScaling()`` reads, and one without effect.
  static let scalingKeys = [
    "type", "factor", "original_context_length", "attn_factor", "yarn_beta_fast", "yarn_beta_slow", "finetuned",
  ]

  /// The fraction of each head that is rotated; `nil` if the file does not specify it.
  func rotaryShare(headWidth: Int) throws(ModelError) -> Double? {
    let key = "rope.dimension_count"
    guard let value = try own(key) else { return nil }
    guard let count = value.int, count > 0, count <= headWidth else {
      throw failure(key, "a number from 1 to the width of a head, \(headWidth)", value.serialized())
    }
    // Add a fraction, so that multiplying by the width and truncating gives the number again.
    return count == headWidth ? 1 : (Double(count) + 0.25) / Double(headWidth)
  }

  /// The tensors that hold divisors of the rotary frequencies: of Llama 3.1, and LongRoPE's for short and long texts.
  static let divisorTensors = ["rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight"]

  /// The rotary scaling in the form of `rope_scaling`; `nil` if the file has none.
  func rotaryScaling() throws(ModelError) -> JSONObject? {
    func scaling(_ name: String) throws(ModelError) -> JSONValue? { try own("rope.scaling." + name) }
    let length = try scaling("original_context_length") ?? .null
    let (all, short, long) = (divisors(0), divisors(1), divisors(2))
    if let first = short ?? long ?? all {
      return [
        "rope_type": "longrope", "short_factor": .array(first), "long_factor": .array(long ?? first),
        "original_max_position_embeddings": length, "attention_factor": try scaling("attn_factor") ?? .integer(1),
      ]
    }
    guard let kind = try scaling("type"), kind.string != "none" else { return nil }
    let factor = try scaling("factor")
    var members: JSONObject = [
      "rope_type": kind, "factor": factor ?? .null, "original_max_position_embeddings": length,
      "beta_fast": try scaling("yarn_beta_fast") ?? .null, "beta_slow": try scaling("yarn_beta_slow") ?? .null,
    ]
    if let own = try scaling("attn_factor")?.double, own != 1, let factor = factor?.double, factor > 1 {
      // llama.cpp multiplies it with YaRN's own.
      members["attention_factor"] = .double(own * (0.1 * logarithm(factor) + 1))
    }
    return members
  }

  /// The numbers of a tensor of divisors; `nil` if there is none.
  private func divisors(_ index: Int) -> [JSONValue]? {
    let name = Self.divisorTensors[index]
    guard let entry = file.entry(name), entry.elementCount <= 4096, let stored = file[name] else { return nil }
    return stored.tensor().scalars.map { .double(Double($0)) }
  }
}
