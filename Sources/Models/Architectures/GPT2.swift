// Radford, Wu, Child, Luan, Amodei, Sutskever (2019): Language Models are Unsupervised Multitask Learners. The block is
// the decoder block of Vaswani et al. (arXiv:1706.03762) with a layer norm before each sublayer.

import Layers
import Tensors

/// Causal multi-head self-attention.
struct GPT2Attention: Sendable {
  /// Queries, keys and values side by side.
  let c_attn: Linear
  let c_proj: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration, layer: Int) {
    let width = configuration.n_embd
    c_attn = weights.linear("c_attn", inputs: width, outputs: 3 * width, layout: .inputsByOutputs)
    c_proj = weights.linear("c_proj", inputs: width, outputs: width, layout: .inputsByOutputs)
    shape = AttentionShape(
      queryHeads: configuration.n_head, headWidth: configuration.headWidth,
      scale: configuration.attentionScale(layer: layer))
  }

  /// `[rows, n_embd]` → `[rows or wanted, n_embd]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(c_attn(x))  // [rows, n_embd] each
    let seen = pass.attend(q, k, v, shape)  // [rows or wanted, n_embd]
    return pass.leave(.attention(shape), seen, by: c_proj, residual: pass.narrow(residual))
  }
}

/// The feed-forward layer: up, activation, down.
struct GPT2MLP: Sendable {
  let c_fc: Linear
  let c_proj: Linear
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration) {
    let (width, inner) = (configuration.n_embd, configuration.n_inner)
    c_fc = weights.linear("c_fc", inputs: width, outputs: inner, layout: .inputsByOutputs)
    c_proj = weights.linear("c_proj", inputs: inner, outputs: width, layout: .inputsByOutputs)
    activation = configuration.activation_function
  }

  /// `[rows, n_embd]` → `[rows, n_embd]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let inner = c_fc(x, activation: activation)  // [rows, n_inner]
    return pass.leave(.feedForward, inner, by: c_proj, residual: residual)
  }
}

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).
struct GPT2Block: Sendable {
  let ln_1: LayerNorm
  let attn: GPT2Attention
  let ln_2: LayerNorm
  let mlp: GPT2MLP

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration, layer: Int) {
    let (width, epsilon) = (configuration.n_embd, configuration.layer_norm_epsilon)
    ln_1 = weights.layerNorm("ln_1", width: width, epsilon: epsilon)
    attn = GPT2Attention(weights("attn"), configuration, layer: layer)
    ln_2 = weights.layerNorm("ln_2", width: width, epsilon: epsilon)
    mlp = GPT2MLP(weights("mlp"), configuration)
  }

  /// `[rows, n_embd]` → `[rows or wanted, n_embd]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let x = attn(ln_1(x), residual: x, pass)
    return mlp(ln_2(x), residual: x, pass)
  }
}

/// GPT-2 with its language-model head.
struct GPT2: CausalModel {
  let wte: Embedding
  /// `[n_positions, n_embd]`
  let wpe: PositionEncoding
  let h: [GPT2Block]
  let ln_f: LayerNorm
  /// `[vocab_size, n_embd]`; the token embedding if the weights are tied.
  let lm_head: PackedMatrix
  let facts: ModelFacts
  private let configuration: GPT2Configuration

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.n_embd)
    let isTied = configuration.tie_word_embeddings
    let names = isTied ? ["wte.weight", "lm_head.weight"] : ["wte.weight"]
    wte = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    wpe = .table(weights.table("wpe.weight", rows: configuration.n_positions, width: width))
    h = (0..<configuration.n_layer).map { GPT2Block(weights("h", $0), configuration, layer: $0) }
    ln_f = weights.layerNorm("ln_f", width: width, epsilon: configuration.layer_norm_epsilon)
    lm_head =
      isTied
      ? weights.matrix("lm_head.weight", orShared: wte.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: width)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: configuration.n_positions, width: width,
      layerCount: configuration.n_layer, weights)
    self.configuration = configuration
  }

  func makeState() -> SequenceState {
    SequenceState(
      cache: KeyValueCache(
        layers: configuration.n_layer, heads: configuration.n_head, headWidth: configuration.headWidth,
        format: facts.cacheFormat))
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let x = pass.place(pass.embed(wte), wpe)  // [rows, n_embd]
    return pass.result(finish(pass.layers(h, x) { block, x, pass in block(x, pass) }), depth: h.count)
  }

  func finish(_ x: Tensor) -> Tensor { ln_f(x) }

  var readout: Readout { .linear(LinearReadout(.layer(ln_f), lm_head)) }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}

extension GPT2 {
  /// How a GPT-2 checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "gpt2", .causal, prefixes: ["transformer.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner", "activation_function",
        "layer_norm_epsilon", "scale_attn_weights", "scale_attn_by_inverse_layer_idx", "tie_word_embeddings",
        "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads",
      ],
      withoutEffect: [
        "attn_pdrop", "embd_pdrop", "resid_pdrop", "initializer_range",
        // Concerns mixed precision; no effect in f32.
        "reorder_and_upcast_attn",
        // Adds cross-attention weights, which are unused without an encoder.
        "add_cross_attention",
        // Settings of the multiple-choice head.
        "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj",
      ]),
    tokens: TokenDefaults(bos: 50_256), gguf: gguf, configuration: GPT2Configuration.init,
    contextLength: { $0.n_positions },
    classifier: { weights, configuration, labels in
      // Load the body with tied weights: it then needs no separate head.
      var tied = configuration
      tied.tie_word_embeddings = true
      return LabelingDecoder(
        GPT2(weights, tied),
        LabelingDecoder.head(
          weights, labels, tokens: "classifier", padding: configuration.pad_token_id, width: configuration.n_embd),
        labels, weights)
    }
  ) { .causal(GPT2($0, $1)) }
}

extension GPT2 {
  /// How a GGUF file of a GPT-2 is read.
  private static let gguf = GGUFMapping(
    "gpt2",
    keys: [
      .required("n_positions", "context_length"), .required("n_embd", "embedding_length"),
      .required("n_layer", "block_count"), .required("n_inner", "feed_forward_length"),
      .required("n_head", "attention.head_count"), .required("layer_norm_epsilon", "attention.layer_norm_epsilon"),
    ],
    stems: [
      "token_embd": "wte", "position_embd": "wpe", "output_norm": "ln_f", "output": "lm_head",
      "blk.*.attn_norm": "h.*.ln_1", "blk.*.attn_qkv": "h.*.attn.c_attn", "blk.*.attn_output": "h.*.attn.c_proj",
      "blk.*.ffn_norm": "h.*.ln_2", "blk.*.ffn_up": "h.*.mlp.c_fc", "blk.*.ffn_down": "h.*.mlp.c_proj",
    ])
}

/// `config.json` of a GPT-2. Properties have the file's key names; defaults for missing keys are those of transformers.
struct GPT2Configuration: Sendable {
  let vocab_size: Int
  let n_positions: Int
  let n_embd: Int
  let n_layer: Int
  let n_head: Int
  /// The width of the feed-forward layer.
  let n_inner: Int
  let activation_function: Activation
  let layer_norm_epsilon: Float
  /// Whether attention scores are divided by the square root of the head width.
  let scale_attn_weights: Bool
  /// Whether attention scores are also divided by the layer's number, counted from 1.
  let scale_attn_by_inverse_layer_idx: Bool
  var tie_word_embeddings: Bool
  /// The padding id, which a classifier skips.
  let pad_token_id: Int?

  var headWidth: Int { n_embd / n_head }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 50_257)
    n_positions = try file.size("n_positions", "max_position_embeddings", default: 1024)
    n_embd = try file.size("n_embd", "hidden_size", default: 768)
    n_layer = try file.size("n_layer", "num_hidden_layers", default: 12, atMost: ConfigurationReader.mostLayers)
    n_head = try file.size("n_head", "num_attention_heads", default: 12)
    n_inner = try file.optionalSize("n_inner") ?? 4 * n_embd
    activation_function = try file.activation("activation_function", default: "gelu_new")
    layer_norm_epsilon = try file.epsilon("layer_norm_epsilon", default: 1e-5)
    scale_attn_weights = try file.boolean("scale_attn_weights", default: true)
    scale_attn_by_inverse_layer_idx = try file.boolean("scale_attn_by_inverse_layer_idx", default: false)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    pad_token_id = try file.padding()
    guard n_embd.isMultiple(of: n_head) else {
      throw file.failure("n_head", "a divisor of n_embd, \(n_embd)", "\(n_head)")
    }
  }

  /// The factor of the attention scores in a layer. Layers count from 0.
  func attentionScale(layer: Int) -> Float {
    let byWidth = scale_attn_weights ? 1 / Double(headWidth).squareRoot() : 1
    return Float(scale_attn_by_inverse_layer_idx ? byWidth / Double(layer + 1) : byWidth)
  }
}
