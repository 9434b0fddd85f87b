// Gemma Team (2024): Gemma 2: Improving Open Language Models at a Practical Size (arXiv:2408.00118).

import Layers
import Tensors

/// One layer: x + norm(attention(norm(x))), then x + norm(feed-forward(norm(x))). Norms multiply by 1 + the stored
/// weight.
struct GemmaLayer: DecoderLayer {
  let input_layernorm: RMSNorm
  let self_attn: DecoderAttention
  let post_attention_layernorm: RMSNorm
  let pre_feedforward_layernorm: RMSNorm
  let mlp: GatedFeedForward
  let post_feedforward_layernorm: RMSNorm
  var slides: Bool { self_attn.shape.window != nil }

  /// Added to the stored weights of norms.
  static let offset: Float = 1

  init(
    _ weights: WeightLoader, _ sizes: DecoderSizes, _ shape: AttentionShape, bias: Bool,
    norms: DecoderAttention.Norms
  ) {
    func norm(_ name: String) -> RMSNorm {
      weights.rmsNorm(name, width: sizes.hidden_size, epsilon: sizes.rms_norm_eps, offset: Self.offset)
    }
    input_layernorm = norm("input_layernorm")
    self_attn = DecoderAttention(
      weights("self_attn"), sizes, shape, bias: bias, norms: norms, offset: Self.offset)
    post_attention_layernorm = norm("post_attention_layernorm")
    pre_feedforward_layernorm = norm("pre_feedforward_layernorm")
    mlp = GatedFeedForward(weights("mlp"), sizes)
    post_feedforward_layernorm = norm("post_feedforward_layernorm")
  }

  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let x = self_attn(input_layernorm(x), norm: post_attention_layernorm, residual: x, positions, pass)
    return mlp(pre_feedforward_layernorm(x), norm: post_feedforward_layernorm, residual: x, pass)
  }
}

/// Gemma with its language-model head: the embedding is multiplied by the root of its width.
typealias Gemma = RotaryDecoder<GemmaLayer>

extension ArchitectureDefinition {
  /// How a Gemma 2 checkpoint is opened.
  static let gemma2 = ArchitectureDefinition(
    "gemma2", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + GemmaSizes.keys + ["attn_logit_softcapping"],
      withoutEffect: DecoderSizes.keysWithoutEffect, refused: ["use_bidirectional_attention": []],
      dropout: .decoder),
    tokens: TokenDefaults(bos: 2, pad: 0), gguf: .gemma2, configuration: Gemma2Configuration.init,
    contextLength: { $0.sizes.max_position_embeddings }, classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Gemma 2. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct Gemma2Configuration: RotaryConfiguration {
  var gemma: GemmaSizes
  /// The soft cap of attention scores; `nil` for none.
  let attn_logit_softcapping: Float?
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    // Every other layer has a sliding window, beginning with the first.
    gemma = try GemmaSizes(file, vocabulary: 256_000, positions: 8192, finalCap: 30) { $0.isMultiple(of: 2) }
    attn_logit_softcapping = try file.softCap("attn_logit_softcapping", default: 50)
    rotary = try RotaryParameters(file, gemma.sizes.rotary)
  }

  var sizes: DecoderSizes {
    get { gemma.sizes }
    set { gemma.sizes = newValue }
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    gemma.model(weights, rotary, softCap: attn_logit_softcapping)
  }
}

/// What the configurations of Gemma 2 and 3 have in common.
struct GemmaSizes: Sendable {
  var sizes: DecoderSizes
  let attention_bias: Bool
  /// Attention scores are divided by its square root.
  let query_pre_attn_scalar: Double
  let layers: SlidingLayers
  /// The soft cap of logits; `nil` for none.
  let final_logit_softcapping: Float?

  /// The keys that are read here.
  static let keys = [
    "hidden_activation", "attention_bias", "query_pre_attn_scalar", "sliding_window", "layer_types",
    "final_logit_softcapping",
  ]

  init(
    _ file: ConfigurationReader, vocabulary: Int, positions: Int, finalCap: Float?, slides: (Int) -> Bool
  ) throws(ModelError) {
    sizes = try DecoderSizes(
      file,
      DecoderSizes.Defaults(
        vocabulary: vocabulary, width: 2304, inner: 9216, layers: 26, heads: 8, keyHeads: 4, headWidth: 256,
        activation: "gelu_pytorch_tanh", activationKey: "hidden_activation", positions: positions, isTied: true,
        padding: 0, headsDivideWidth: true))
    attention_bias = try file.boolean("attention_bias", default: false)
    query_pre_attn_scalar = try file.number("query_pre_attn_scalar", above: 0, default: 256)
    let window = try file.optionalSize("sliding_window", default: 4096)
    layers = try SlidingLayers(file, layers: sizes.num_hidden_layers, window: window, slides: slides)
    final_logit_softcapping = try file.softCap("final_logit_softcapping", default: finalCap)
  }

  /// - Parameters:
  ///   - softCap: the soft cap of attention scores.
  ///   - norms: how queries and keys are normalized.
  func model(
    _ weights: WeightLoader, _ rotary: RotaryParameters, sliding: RotaryParameters? = nil, softCap: Float?,
    norms: DecoderAttention.Norms = .none
  ) -> Gemma {
    Gemma(
      weights, sizes, rotary, sliding: sliding, embeddingScale: Float(Double(sizes.hidden_size).squareRoot()),
      offset: GemmaLayer.offset, softCap: final_logit_softcapping
    ) { weights, layer in
      let shape = sizes.shape(
        scale: Float(1 / query_pre_attn_scalar.squareRoot()), window: layers.windows[layer], softCap: softCap)
      return GemmaLayer(weights, sizes, shape, bias: attention_bias, norms: norms)
    }
  }
}

extension ConfigurationReader {
  /// A soft cap; `nil` if the value is `null`.
  func softCap(_ key: String, default fallback: Float?) throws(ModelError) -> Float? {
    guard let found = members[key] else { return fallback }
    if found.isNull { return nil }
    guard let number = found.double, number > 1e-30, number < 1e30 else {
      throw failure(key, "a number above 0", found)
    }
    return Float(number)
  }
}
