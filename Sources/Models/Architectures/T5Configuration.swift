import Tensors

/// The differences between the architectures of T5's family.
struct T5Kind: Sendable {
  // Defaults of the configuration class.
  var feedForward = "relu"
  var d_ff = 2048
  var layers = 6
  var heads = 8
  var vocabulary = 32_128
  /// Whether a configuration can scale the decoder's output before the head.
  var scalesOutput = true
  /// Whether each layer has its own relative position bias.
  var hasBiasInEachLayer = false
}

/// `config.json` of a T5. Properties have the file's key names; defaults for missing keys are those of transformers.
struct T5Configuration: Sendable {
  let kind: T5Kind
  let vocab_size: Int
  let d_model: Int
  /// The width of one head. All heads together may be wider or narrower than the model.
  let d_kv: Int
  let d_ff: Int
  let num_layers: Int
  let num_decoder_layers: Int
  let num_heads: Int
  let relative_attention_num_buckets: Int
  let relative_attention_max_distance: Int
  let layer_norm_epsilon: Float
  let dense_act_fn: Activation
  /// Whether the feed-forward layer multiplies by a gate (version 1.1 and Flan).
  let is_gated_act: Bool
  /// Whether the decoder's output is multiplied by d_model^-0.5 before the head.
  let scale_decoder_outputs: Bool

  /// The width of all heads together.
  var innerWidth: Int { num_heads * d_kv }

  init(_ file: ConfigurationReader, _ kind: T5Kind = T5Kind()) throws(ModelError) {
    self.kind = kind
    vocab_size = try file.size("vocab_size", default: kind.vocabulary)
    d_model = try file.size("d_model", "hidden_size", default: 512)
    d_kv = try file.size("d_kv", "head_dim", default: 64)
    d_ff = try file.size("d_ff", default: kind.d_ff)
    num_layers = try file.size(
      "num_layers", "num_hidden_layers", default: kind.layers, atMost: ConfigurationReader.mostLayers)
    num_decoder_layers =
      try file.value(["num_decoder_layers"]) == nil
      ? num_layers : file.size("num_decoder_layers", default: nil, atMost: ConfigurationReader.mostLayers)
    num_heads = try file.size("num_heads", "num_attention_heads", default: kind.heads)
    relative_attention_num_buckets = try file.size("relative_attention_num_buckets", default: 32)
    relative_attention_max_distance = try file.size("relative_attention_max_distance", default: 128)
    layer_norm_epsilon = try file.epsilon("layer_norm_epsilon", default: 1e-6)
    (dense_act_fn, is_gated_act) = try Self.feedForward(file, kind)
    // Older files of version 1.1 are recognized by their untied head; newer ones state `scale_decoder_outputs`.
    let untied = try !file.boolean("tie_word_embeddings", default: true)
    scale_decoder_outputs = kind.scalesOutput ? try file.boolean("scale_decoder_outputs", default: !untied) : false
    // In each direction half of the buckets cover single distances and the other half grow logarithmically up to the
    // largest distance, so there must be at least one single-distance bucket.
    guard relative_attention_num_buckets >= 4 else {
      throw file.failure("relative_attention_num_buckets", "at least 4", "\(relative_attention_num_buckets)")
    }
    guard relative_attention_max_distance > relative_attention_num_buckets / 2 else {
      throw file.failure(
        "relative_attention_max_distance", "more than half of the \(relative_attention_num_buckets) buckets",
        "\(relative_attention_max_distance)")
    }
  }

  /// `feed_forward_proj` is `ACT` or `gated-ACT`; `dense_act_fn` and `is_gated_act` override it where a file has them.
  private static func feedForward(
    _ file: ConfigurationReader, _ kind: T5Kind
  ) throws(ModelError) -> (Activation, Bool) {
    let word = try file.word("feed_forward_proj") ?? kind.feedForward
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    guard let last = parts.last, parts.count == 1 || (parts.count == 2 && parts[0] == "gated") else {
      throw file.failure("feed_forward_proj", "ACTIVATION or gated-ACTIVATION", word)
    }
    // In the original code `gated-gelu` used the tanh approximation of GELU.
    let implied = word == "gated-gelu" ? "gelu_new" : String(last)
    let explicit = try file.word("dense_act_fn")
    return (
      try file.activation(named: explicit ?? implied, key: explicit == nil ? "feed_forward_proj" : "dense_act_fn"),
      try file.boolean("is_gated_act", default: parts.count == 2)
    )
  }
}

extension T5Kind {
  /// How a checkpoint of this kind is opened.
  func definition(_ name: String, tokens: TokenDefaults, gguf: GGUFMapping? = nil) -> ArchitectureDefinition {
    let scaling = ["scale_decoder_outputs"]
    return ArchitectureDefinition(
      name, .seq2seq,
      keys: ConfigurationKeys(
        honored: [
          "vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads",
          "relative_attention_num_buckets", "relative_attention_max_distance", "layer_norm_epsilon", "dense_act_fn",
          "is_gated_act", "feed_forward_proj", "tie_word_embeddings", "hidden_size", "head_dim",
          "num_hidden_layers", "num_attention_heads",
        ] + (scalesOutput ? scaling : []),
        withoutEffect: [
          "classifier_dropout", "initializer_factor",
          // The model sets this for each of its two stacks.
          "is_decoder",
        ] + (scalesOutput ? [] : scaling),
        dropout: DropoutKeys(
          .init(
            "dropout_rate", 0.1, .embedding, .attention, .cross, .attentionOutput, .crossOutput, .activation,
            .feedForwardOutput, .stackOutput))),
      tokens: tokens, gguf: gguf, configuration: { file throws(ModelError) in try T5Configuration(file, self) },
      contextLength: { _ in nil }
    ) { .seq2seq(T5($0, $1)) }
  }
}

extension T5 {
  /// How a T5 checkpoint is opened.
  static let definition = T5Kind()
    .definition("t5", tokens: TokenDefaults(pad: 0, startsDecoderWithPad: true), gguf: gguf(hasBiasInEachLayer: false))
}

extension T5 {
  /// How a GGUF file of a T5 or mT5, or of a umT5 is read. llama.cpp uses the same name for all three. The largest
  /// distance of positions is not in it; all have the same.
  /// - Parameter hasBiasInEachLayer: whether each layer has its own relative position bias (umT5).
  static func gguf(hasBiasInEachLayer: Bool) -> GGUFMapping {
    GGUFMapping(
      "t5", matches: { $0.contains("enc.blk.1.attn_rel_b.weight") == hasBiasInEachLayer },
      keys: [
        .required("d_model", "embedding_length"), .required("d_ff", "feed_forward_length"),
        .required("num_layers", "block_count"), .optional("num_decoder_layers", "decoder_block_count"),
        .required("num_heads", "attention.head_count"), .required("d_kv", "attention.key_length"),
        .required("layer_norm_epsilon", "attention.layer_norm_rms_epsilon"),
        .required("relative_attention_num_buckets", "attention.relative_buckets_count"),
        .optional("decoder_start_token_id", "decoder_start_token_id"),
      ],
      withoutEffect: [
        // T5 has no maximum position and one epsilon for all norms; the width of values is checked below.
        "context_length", "attention.layer_norm_epsilon", "attention.value_length",
      ],
      stems: ggufStems,
      stemsWithoutGate: [
        "enc.blk.*.ffn_up": "encoder.block.*.layer.1.DenseReluDense.wi",
        "dec.blk.*.ffn_up": "decoder.block.*.layer.2.DenseReluDense.wi",
      ]
    ) { file, members throws(ModelError) in
      if let width = members["d_kv"]?.int { try file.require("attention.value_length", equals: width) }
      members["feed_forward_proj"] = file.file.contains("enc.blk.0.ffn_gate.weight") ? "gated-gelu" : "relu"
    }
  }

  private static let ggufStems: [String: String] = {
    var stems = [
      "token_embd": "shared", "output": "lm_head", "enc.output_norm": "encoder.final_layer_norm",
      "dec.output_norm": "decoder.final_layer_norm",
    ]
    for (own, name, last) in [("enc", "encoder", 1), ("dec", "decoder", 2)] {
      let (layer, feedForward) = ("\(name).block.*.layer", "\(name).block.*.layer.\(last)")
      for part in ["q", "k", "v", "o"] {
        stems["\(own).blk.*.attn_\(part)"] = "\(layer).0.SelfAttention.\(part)"
        if own == "dec" { stems["dec.blk.*.cross_attn_\(part)"] = "\(layer).1.EncDecAttention.\(part)" }
      }
      // The oldest checkpoints have this table. No implementation uses it.
      if own == "dec" { stems["dec.blk.*.cross_attn_rel_b"] = "\(layer).1.EncDecAttention.relative_attention_bias" }
      stems["\(own).blk.*.attn_rel_b"] = "\(layer).0.SelfAttention.relative_attention_bias"
      stems["\(own).blk.*.attn_norm"] = "\(layer).0.layer_norm"
      if own == "dec" { stems["dec.blk.*.cross_attn_norm"] = "\(layer).1.layer_norm" }
      stems["\(own).blk.*.ffn_norm"] = "\(feedForward).layer_norm"
      stems["\(own).blk.*.ffn_gate"] = "\(feedForward).DenseReluDense.wi_0"
      stems["\(own).blk.*.ffn_up"] = "\(feedForward).DenseReluDense.wi_1"
      stems["\(own).blk.*.ffn_down"] = "\(feedForward).DenseReluDense.wo"
    }
    return stems
  }()
}
