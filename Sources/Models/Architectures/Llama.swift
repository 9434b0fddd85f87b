// Touvron et al. (2023): LLaMA: Open and Efficient Foundation Language Models (arXiv:2302.13971); grouped-query
// attention: Ainslie et al. (arXiv:2305.13245); the gated feed-forward layer: Shazeer (arXiv:2002.05202).

import Layers
import Tensors

/// Causal self-attention with rotary positions. Groups of neighboring query heads share one key/value head.
struct LlamaAttention: Sendable {
  /// `q_proj`, `k_proj` and `v_proj` side by side.
  let projections: Linear
  let o_proj: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: LlamaConfiguration) {
    shape = AttentionShape(
      queryHeads: configuration.num_attention_heads, keyHeads: configuration.num_key_value_heads,
      headWidth: configuration.head_dim)
    let (width, bias) = (configuration.hidden_size, configuration.attention_bias)
    projections = weights.stacked(
      [("q_proj", shape.queryWidth), ("k_proj", shape.keyWidth), ("v_proj", shape.keyWidth)], inputs: width, bias: bias)
    o_proj = weights.linear("o_proj", inputs: shape.queryWidth, outputs: width, bias: bias)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`; adds the residual
  func callAsFunction(
    _ x: Tensor, residual: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass
  ) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, heads × head_dim]
    return o_proj(pass.attend(q, k, v, shape, positions), residual: pass.narrow(residual))
  }
}

/// The gated feed-forward layer: down(activation(gate(x)) × up(x)).
struct LlamaMLP: Sendable {
  let gate_proj: Linear
  let up_proj: Linear
  let down_proj: Linear
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: LlamaConfiguration) {
    let (width, inner, bias) = (configuration.hidden_size, configuration.intermediate_size, configuration.mlp_bias)
    gate_proj = weights.linear("gate_proj", inputs: width, outputs: inner, bias: bias)
    up_proj = weights.linear("up_proj", inputs: width, outputs: inner, bias: bias)
    down_proj = weights.linear("down_proj", inputs: inner, outputs: width, bias: bias)
    activation = configuration.hidden_act
  }

  /// `[rows, hidden_size]` → `[rows, hidden_size]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor) -> Tensor {
    down_proj(multiply(gate_proj(x, activation: activation), up_proj(x)), residual: residual)
  }
}

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).
struct LlamaLayer: Sendable {
  let input_layernorm: RMSNorm
  let self_attn: LlamaAttention
  let post_attention_layernorm: RMSNorm
  let mlp: LlamaMLP

  init(_ weights: WeightLoader, _ configuration: LlamaConfiguration) {
    let (width, epsilon) = (configuration.hidden_size, configuration.rms_norm_eps)
    input_layernorm = weights.rmsNorm("input_layernorm", width: width, epsilon: epsilon)
    self_attn = LlamaAttention(weights("self_attn"), configuration)
    post_attention_layernorm = weights.rmsNorm("post_attention_layernorm", width: width, epsilon: epsilon)
    mlp = LlamaMLP(weights("mlp"), configuration)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let x = self_attn(input_layernorm(x), residual: x, positions, pass)
    return mlp(post_attention_layernorm(x), residual: x)
  }
}

/// Llama with its language-model head.
struct Llama: CausalModel {
  let embed_tokens: Embedding
  let layers: [LlamaLayer]
  let norm: RMSNorm
  /// `[vocab_size, hidden_size]`; the token embedding if the weights are tied.
  let lm_head: PackedMatrix
  let positions: PositionEncoding
  let facts: ModelFacts
  private let configuration: LlamaConfiguration

  init(_ weights: WeightLoader, _ configuration: LlamaConfiguration) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.hidden_size)
    let isTied = configuration.tie_word_embeddings
    let names = isTied ? ["embed_tokens.weight", "lm_head.weight"] : ["embed_tokens.weight"]
    embed_tokens = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    layers = (0..<configuration.num_hidden_layers).map { LlamaLayer(weights("layers", $0), configuration) }
    norm = weights.rmsNorm("norm", width: width, epsilon: configuration.rms_norm_eps)
    lm_head =
      isTied
      ? weights.matrix("lm_head.weight", orShared: embed_tokens.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: width)
    positions = .rotary(
      RotaryEmbedding(
        headWidth: configuration.head_dim, base: configuration.rope_theta))
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: configuration.max_position_embeddings, width: width,
      layerCount: configuration.num_hidden_layers, weights)
    self.configuration = configuration
  }

  func makeState() -> SequenceState {
    SequenceState(
      cache: KeyValueCache(
        layers: configuration.num_hidden_layers, heads: configuration.num_key_value_heads,
        headWidth: configuration.head_dim, format: facts.cacheFormat))
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let positions = pass.prepare(positions)
    let x = pass.layers(layers, pass.embed(embed_tokens)) { layer, x, pass in layer(x, positions, pass) }
    return pass.result(norm(x), depth: layers.count)
  }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}

extension Llama {
  /// How a Llama checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "llama", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "hidden_act", "max_position_embeddings", "rms_norm_eps", "rope_parameters",
        "rope_scaling", "rope_theta", "attention_bias", "mlp_bias", "tie_word_embeddings",
      ],
      withoutEffect: [
        "attention_dropout", "initializer_range",
        // How matrix products were split across devices in training.
        "pretraining_tp",
      ]),
    tokens: TokenDefaults(bos: 1), gguf: gguf, configuration: LlamaConfiguration.init,
    contextLength: { $0.max_position_embeddings }
  ) { .causal(Llama($0, $1)) }
}

extension Llama {
  /// How a GGUF file of a Llama is read. llama.cpp's converter writes the rows of queries and keys in rotary pairs.
  private static let gguf = GGUFMapping(
    "llama",
    keys: [
      .required("max_position_embeddings", "context_length"), .required("hidden_size", "embedding_length"),
      .required("num_hidden_layers", "block_count"), .required("intermediate_size", "feed_forward_length"),
      .required("num_attention_heads", "attention.head_count"),
      .optional("num_key_value_heads", "attention.head_count_kv"), .optional("head_dim", "attention.key_length"),
      .required("rms_norm_eps", "attention.layer_norm_rms_epsilon"), .optional("rope_theta", "rope.freq_base"),
    ],
    withoutEffect: [
      // Held against the width of a head, or part of the scaling of positions, below.
      "attention.value_length", "rope.dimension_count", "rope.scaling.type", "rope.scaling.factor",
      "rope.scaling.original_context_length", "rope.scaling.finetuned", "rope.scaling.attn_factor",
    ],
    stems: [
      "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
      "blk.*.attn_norm": "model.layers.*.input_layernorm", "blk.*.attn_q": "model.layers.*.self_attn.q_proj",
      "blk.*.attn_k": "model.layers.*.self_attn.k_proj", "blk.*.attn_v": "model.layers.*.self_attn.v_proj",
      "blk.*.attn_output": "model.layers.*.self_attn.o_proj",
      "blk.*.ffn_norm": "model.layers.*.post_attention_layernorm", "blk.*.ffn_gate": "model.layers.*.mlp.gate_proj",
      "blk.*.ffn_up": "model.layers.*.mlp.up_proj", "blk.*.ffn_down": "model.layers.*.mlp.down_proj",
    ],
    rotaryPairs: ["blk.*.attn_q": "num_attention_heads", "blk.*.attn_k": "num_key_value_heads"]
  ) { file, members throws(ModelError) in
    if let heads = members["num_attention_heads"]?.int, heads > 0 {
      if members["num_key_value_heads"] == nil { members["num_key_value_heads"] = .integer(heads) }
      let width = members["head_dim"]?.int ?? (members["hidden_size"]?.int ?? 0) / heads
      try file.require("attention.value_length", equals: width)
      try file.require("rope.dimension_count", equals: width)
    }
    members["attention_bias"] = .bool(file.file.contains("blk.0.attn_q.bias"))
    members["mlp_bias"] = .bool(file.file.contains("blk.0.ffn_up.bias"))
    if let kind = try file.own("rope.scaling.type"), kind.string != "none" {
      members["rope_scaling"] = [
        "rope_type": kind, "factor": try file.own("rope.scaling.factor") ?? .null,
        "original_max_position_embeddings": try file.own("rope.scaling.original_context_length") ?? .null,
      ]
    }
  }
}

/// `config.json` of a Llama. Properties have the file's key names; defaults for missing keys are those of transformers.
struct LlamaConfiguration: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let intermediate_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let num_key_value_heads: Int
  /// The width of one head. All heads together may be wider or narrower than the model.
  let head_dim: Int
  let hidden_act: Activation
  let max_position_embeddings: Int
  let rms_norm_eps: Float
  /// The base of the rotary frequencies.
  let rope_theta: Double
  let attention_bias: Bool
  let mlp_bias: Bool
  let tie_word_embeddings: Bool

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 32_000)
    hidden_size = try file.size("hidden_size", default: 4096)
    intermediate_size = try file.size("intermediate_size", default: 11_008)
    num_hidden_layers = try file.size("num_hidden_layers", default: 32, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: 32)
    num_key_value_heads = try file.optionalSize("num_key_value_heads") ?? num_attention_heads
    head_dim = try file.optionalSize("head_dim") ?? max(1, hidden_size / num_attention_heads)
    hidden_act = try file.activation("hidden_act", default: "silu")
    max_position_embeddings = try file.size("max_position_embeddings", default: 2048)
    rms_norm_eps = try file.epsilon("rms_norm_eps", default: 1e-6)
    rope_theta = try RotaryParameters(file, defaultBase: 10_000).base
    attention_bias = try file.boolean("attention_bias", default: false)
    mlp_bias = try file.boolean("mlp_bias", default: false)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: false)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    guard num_attention_heads.isMultiple(of: num_key_value_heads) else {
      throw file.failure(
        "num_key_value_heads", "a divisor of num_attention_heads, \(num_attention_heads)", "\(num_key_value_heads)")
    }
    guard head_dim.isMultiple(of: 2) else { throw file.failure("head_dim", "an even number", "\(head_dim)") }
  }
}
