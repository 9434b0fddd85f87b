import Layers
import Tensors

/// GPT-2 (Radford et al. 2019), whose linear layers are stored with the inputs first.
enum GPT2 {
  static func model(_ weights: WeightLoader, _ configuration: GPT2Configuration) -> GPTDecoder {
    let (width, epsilon) = (configuration.n_embd, configuration.layer_norm_epsilon)
    let sizes = GPTDecoder.Sizes(
      vocabulary: configuration.vocab_size, positions: configuration.n_positions, width: width,
      layers: configuration.n_layer, epsilon: epsilon, isTied: configuration.tie_word_embeddings)
    return GPTDecoder(weights, sizes) { layer in
      let (block, attn) = (weights("h", layer), weights("h", layer)("attn"))
      let attention = GPTAttention(
        projections: attn.linear("c_attn", inputs: width, outputs: 3 * width, layout: .inputsByOutputs),
        output: attn.linear("c_proj", inputs: width, outputs: width, layout: .inputsByOutputs),
        shape: AttentionShape(
          queryHeads: configuration.n_head, headWidth: configuration.headWidth,
          scale: configuration.attentionScale(layer: layer)))
      return GPTBlock(
        block, attention, width: width, inner: configuration.n_inner, layout: .inputsByOutputs,
        configuration.activation_function, epsilon: epsilon)
    }
  }
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
        "initializer_range",
        // Concerns mixed precision; no effect in f32.
        "reorder_and_upcast_attn",
        // Adds cross-attention weights, which are unused without an encoder.
        "add_cross_attention",
        // Settings of the multiple-choice head.
        "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj",
      ],
      dropout: DropoutKeys(
        .init("embd_pdrop", 0.1, .embedding), .init("attn_pdrop", 0.1, .attention),
        .init("resid_pdrop", 0.1, .attentionOutput, .feedForwardOutput), .init("classifier_dropout", 0.1, .tokenHead))),
    tokens: TokenDefaults(bos: 50_256), gguf: gguf, configuration: GPT2Configuration.init,
    contextLength: { $0.n_positions },
    classifier: { weights, configuration, labels in
      // Load the body with tied weights: it then needs no separate head.
      var tied = configuration
      tied.tie_word_embeddings = true
      return LabelingDecoder(
        GPT2.model(weights, tied),
        LabelingDecoder.head(
          weights, labels, tokens: "classifier", padding: configuration.pad_token_id, width: configuration.n_embd),
        labels, weights)
    }
  ) { .causal(GPT2.model($0, $1)) }
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
