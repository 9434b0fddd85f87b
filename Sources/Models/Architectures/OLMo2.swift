// OLMo et al. (2024): 2 OLMo 2 Furious (arXiv:2501.00656). Norms follow attention and feed-forward layer instead of
// coming before them, and all queries and all keys of a row are normalized together.

import Layers
import Tensors

/// One layer: x + norm(attention(x)), then x + norm(feed-forward(x)).
struct OLMo2Layer: DecoderLayer {
  let self_attn: DecoderAttention
  let post_attention_layernorm: RMSNorm
  let mlp: GatedFeedForward
  let post_feedforward_layernorm: RMSNorm
  var slides: Bool { false }

  init(_ weights: WeightLoader, _ configuration: OLMo2Configuration) {
    let sizes = configuration.sizes
    let (width, epsilon) = (sizes.hidden_size, sizes.rms_norm_eps)
    self_attn = DecoderAttention(
      weights("self_attn"), sizes, sizes.shape(), bias: configuration.attention_bias, norms: .whole)
    post_attention_layernorm = weights.rmsNorm("post_attention_layernorm", width: width, epsilon: epsilon)
    mlp = GatedFeedForward(weights("mlp"), sizes)
    post_feedforward_layernorm = weights.rmsNorm("post_feedforward_layernorm", width: width, epsilon: epsilon)
  }

  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let x = self_attn(x, norm: post_attention_layernorm, residual: x, positions, pass)
    return mlp(x, norm: post_feedforward_layernorm, residual: x, pass)
  }
}

extension ArchitectureDefinition {
  /// How an OLMo 2 checkpoint is opened.
  static let olmo2 = ArchitectureDefinition(
    "olmo2", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + ["hidden_act", "attention_bias"], withoutEffect: DecoderSizes.keysWithoutEffect,
      dropout: .decoder),
    tokens: TokenDefaults(pad: 1), configuration: OLMo2Configuration.init,
    contextLength: { $0.sizes.max_position_embeddings }, classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of an OLMo 2. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct OLMo2Configuration: RotaryConfiguration {
  var sizes: DecoderSizes
  let attention_bias: Bool
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try DecoderSizes(
      file, DecoderSizes.Defaults(vocabulary: 50_304, inner: 11_008, positions: 2048, epsilon: 1e-5, padding: 1))
    attention_bias = try file.boolean("attention_bias", default: false)
    rotary = try RotaryParameters(file, sizes.rotary)
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    RotaryDecoder<OLMo2Layer>(weights, sizes, rotary) { weights, _ in OLMo2Layer(weights, self) }
  }
}
