import Tensors

/// `config.json` of a GPT-2. Defaults for missing keys are the reference's; names are those of the file.
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
  /// Whether queries times keys are divided by the square root of the head's width.
  let scale_attn_weights: Bool
  /// Whether they are also divided by the layer's number, counted from 1.
  let scale_attn_by_inverse_layer_idx: Bool
  let tie_word_embeddings: Bool

  var headWidth: Int { n_embd / n_head }

  // `reorder_and_upcast_attn` is about mixed precision: in f32 it is the same sum. `add_cross_attention` adds weights
  // that a text alone never reaches. Both are ignored.
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
    guard n_embd.isMultiple(of: n_head) else {
      throw file.failure("n_head", "a divisor of n_embd, \(n_embd)", "\(n_head)")
    }
  }

  /// What queries times keys are multiplied with in a layer, counted from 0.
  func attentionScale(layer: Int) -> Float {
    let byWidth = scale_attn_weights ? 1 / Double(headWidth).squareRoot() : 1
    return Float(scale_attn_by_inverse_layer_idx ? byWidth / Double(layer + 1) : byWidth)
  }
}
