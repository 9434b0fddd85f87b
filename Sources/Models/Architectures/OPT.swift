// Zhang et al. (2022): OPT: Open Pre-trained Transformer Language Models (arXiv:2205.01068). The norms precede the
// sublayers, except in the model of 350 million weights, whose embedding is also narrower than its layers.

import Layers
import Tensors

/// Causal multi-head self-attention.
struct OPTAttention: Sendable {
  /// `q_proj`, `k_proj` and `v_proj` side by side.
  let projections: Linear
  let out_proj: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: OPTConfiguration) {
    let (width, bias) = (configuration.hidden_size, configuration.enable_bias)
    projections = weights.stacked(["q_proj", "k_proj", "v_proj"], inputs: width, outputs: width, bias: bias)
    out_proj = weights.linear("out_proj", inputs: width, outputs: width, bias: bias)
    shape = AttentionShape(queryHeads: configuration.num_attention_heads, headWidth: configuration.headWidth)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, hidden_size] each
    return pass.leave(.attention(shape), pass.attend(q, k, v, shape), by: out_proj, residual: pass.narrow(residual))
  }
}

/// One layer: attention, then the feed-forward layer, each with a residual and a norm before it or after the sum.
struct OPTDecoderLayer: PlainLayer {
  let self_attn: OPTAttention
  let self_attn_layer_norm: LayerNorm
  let fc1: Linear
  let fc2: Linear
  let final_layer_norm: LayerNorm
  let activation: Activation
  let normsFirst: Bool

  init(_ weights: WeightLoader, _ configuration: OPTConfiguration) {
    let (width, inner) = (configuration.hidden_size, configuration.ffn_dim)
    self_attn = OPTAttention(weights("self_attn"), configuration)
    self_attn_layer_norm = configuration.layerNorm("self_attn_layer_norm", weights)
    fc1 = weights.linear("fc1", inputs: width, outputs: inner, bias: configuration.enable_bias)
    fc2 = weights.linear("fc2", inputs: inner, outputs: width, bias: configuration.enable_bias)
    final_layer_norm = configuration.layerNorm("final_layer_norm", weights)
    activation = configuration.activation_function
    normsFirst = configuration.do_layer_norm_before
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    if normsFirst {
      let x = self_attn(self_attn_layer_norm(x), residual: x, pass)
      return feedForward(final_layer_norm(x), residual: x, pass)
    }
    let x = self_attn_layer_norm(self_attn(x, residual: x, pass))
    return final_layer_norm(feedForward(x, residual: x, pass))
  }

  private func feedForward(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    pass.leave(.feedForward, fc1(x, activation: activation), by: fc2, residual: residual)
  }
}

/// OPT with its language-model head.
struct OPT: CausalModel {
  let embed_tokens: Embedding
  /// Project from the embedding's width to that of the layers and back; `nil` if the widths are equal.
  let project_in: Linear?
  let project_out: Linear?
  /// `[max_position_embeddings, hidden_size]`
  let embed_positions: PositionEncoding
  let layers: [OPTDecoderLayer]
  let final_layer_norm: LayerNorm?
  /// `[vocab_size, word_embed_proj_dim]`; the token embedding if the weights are tied.
  let lm_head: PackedMatrix
  let facts: ModelFacts
  private let configuration: OPTConfiguration

  /// Rows of the stored table of positions before that of position 0.
  private static let firstPosition = 2

  init(_ weights: WeightLoader, _ configuration: OPTConfiguration) {
    let (vocabulary, width, outer) = (
      configuration.vocab_size, configuration.hidden_size, configuration.word_embed_proj_dim
    )
    let isTied = configuration.tie_word_embeddings
    let names = isTied ? ["embed_tokens.weight", "lm_head.weight"] : ["embed_tokens.weight"]
    embed_tokens = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: outer))
    let projects = outer != width
    project_in = projects ? weights.linear("project_in", inputs: outer, outputs: width, bias: false) : nil
    project_out = projects ? weights.linear("project_out", inputs: width, outputs: outer, bias: false) : nil
    embed_positions = .table(
      weights.positionTable(
        "embed_positions.weight", positions: configuration.max_position_embeddings, first: Self.firstPosition,
        width: width))
    layers = (0..<configuration.num_hidden_layers).map { OPTDecoderLayer(weights("layers", $0), configuration) }
    final_layer_norm =
      configuration.hasFinalNorm ? configuration.layerNorm("final_layer_norm", weights) : nil
    lm_head =
      isTied
      ? weights.matrix("lm_head.weight", orShared: embed_tokens.weight, of: names, outputs: vocabulary, inputs: outer)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: outer)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: configuration.max_position_embeddings, width: outer,
      layerCount: configuration.num_hidden_layers, weights)
    self.configuration = configuration
  }

  func makeState() -> SequenceState {
    SequenceState(
      cache: KeyValueCache(
        layers: configuration.num_hidden_layers, heads: configuration.num_attention_heads,
        headWidth: configuration.headWidth, format: facts.cacheFormat))
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let embedded = pass.embed(embed_tokens)  // [rows, word_embed_proj_dim]
    var x = pass.place(project_in?(embedded) ?? embedded, embed_positions)  // [rows, hidden_size]
    x = pass.layers(layers, x)
    return pass.result(finish(x), depth: layers.count)
  }

  func finish(_ x: Tensor) -> Tensor {
    let x = final_layer_norm?(x) ?? x
    return project_out?(x) ?? x
  }

  var readout: Readout {
    guard configuration.do_layer_norm_before else { return .normalizesSums }
    return .linear(LinearReadout(final_layer_norm.map { .layer($0) } ?? .none, lm_head, projection: project_out))
  }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}

extension OPT {
  /// How an OPT checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "opt", .causal, prefixes: ["model.decoder.", "decoder.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "hidden_size", "num_hidden_layers", "ffn_dim", "max_position_embeddings", "do_layer_norm_before",
        "_remove_final_layer_norm", "word_embed_proj_dim", "num_attention_heads", "activation_function", "enable_bias",
        "layer_norm_elementwise_affine", "tie_word_embeddings",
      ],
      withoutEffect: ["layerdrop", "init_std"],
      dropout: DropoutKeys(
        .init("dropout", 0.1, .attentionOutput, .feedForwardOutput), .init("attention_dropout", 0, .attention))),
    tokens: TokenDefaults(bos: 2, pad: 1), configuration: OPTConfiguration.init,
    contextLength: { $0.max_position_embeddings }
  ) { .causal(OPT($0, $1)) }
}

/// `config.json` of an OPT. Properties have the file's key names; defaults for missing keys are those of transformers.
struct OPTConfiguration: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let num_hidden_layers: Int
  let ffn_dim: Int
  let max_position_embeddings: Int
  /// Whether each sublayer has its norm before it instead of after the residual.
  let do_layer_norm_before: Bool
  /// Whether a model with norms before the sublayers lacks the one after the last layer.
  let _remove_final_layer_norm: Bool
  /// The width of the token embedding.
  let word_embed_proj_dim: Int
  let num_attention_heads: Int
  let activation_function: Activation
  /// Whether the linear layers have biases.
  let enable_bias: Bool
  /// Whether the norms have weights and biases.
  let layer_norm_elementwise_affine: Bool
  let tie_word_embeddings: Bool

  /// Added to the variance of every norm; the configuration has no key for it.
  private static let epsilon: Float = 1e-5

  var headWidth: Int { hidden_size / num_attention_heads }
  var hasFinalNorm: Bool { do_layer_norm_before && !_remove_final_layer_norm }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 50_272)
    hidden_size = try file.size("hidden_size", default: 768)
    num_hidden_layers = try file.size("num_hidden_layers", default: 12, atMost: ConfigurationReader.mostLayers)
    ffn_dim = try file.size("ffn_dim", default: 3072)
    max_position_embeddings = try file.size("max_position_embeddings", default: 2048)
    do_layer_norm_before = try file.boolean("do_layer_norm_before", default: true)
    _remove_final_layer_norm = try file.boolean("_remove_final_layer_norm", default: false)
    word_embed_proj_dim = try file.optionalSize("word_embed_proj_dim") ?? hidden_size
    num_attention_heads = try file.size("num_attention_heads", default: 12)
    activation_function = try file.activation("activation_function", default: "relu")
    enable_bias = try file.boolean("enable_bias", default: true)
    layer_norm_elementwise_affine = try file.boolean("layer_norm_elementwise_affine", default: true)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
  }

  /// A norm of the layers' width, with the stored parameters or without any.
  func layerNorm(_ name: String, _ weights: WeightLoader) -> LayerNorm {
    layer_norm_elementwise_affine
      ? weights.layerNorm(name, width: hidden_size, epsilon: Self.epsilon)
      : weights.bareLayerNorm(width: hidden_size, epsilon: Self.epsilon)
  }
}
