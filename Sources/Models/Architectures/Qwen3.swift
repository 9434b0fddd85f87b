// Yang et al. (2025): Qwen3 Technical Report (arXiv:2505.09388). The body of Llama; each head of the queries and keys
// is normalized.

import Layers
import Tensors

extension ArchitectureDefinition {
  /// How a Qwen3 checkpoint is opened.
  static let qwen3 = ArchitectureDefinition(
    "qwen3", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + ["hidden_act", "attention_bias"] + QwenWindows.keys,
      withoutEffect: DecoderSizes.keysWithoutEffect, dropout: .decoder),
    gguf: .qwen3, configuration: Qwen3Configuration.init, contextLength: { $0.sizes.max_position_embeddings },
    classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Qwen3. Properties have the file's key names; defaults for missing keys are those of transformers.
struct Qwen3Configuration: RotaryConfiguration {
  var sizes: DecoderSizes
  let attention_bias: Bool
  let layers: SlidingLayers
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try DecoderSizes(
      file,
      DecoderSizes.Defaults(
        vocabulary: 151_936, inner: 22_016, keyHeads: 32, headWidth: 128, positions: 32_768))
    attention_bias = try file.boolean("attention_bias", default: false)
    layers = try QwenWindows.read(file, layers: sizes.num_hidden_layers)
    rotary = try RotaryParameters(file, sizes.rotary)
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    Llama(weights, sizes, rotary) { weights, layer in
      let shape = sizes.shape(window: layers.windows[layer])
      return LlamaLayer(
        weights, sizes,
        self_attn: DecoderAttention(weights("self_attn"), sizes, shape, bias: attention_bias, norms: .heads),
        mlp: GatedFeedForward(weights("mlp"), sizes))
    }
  }
}
