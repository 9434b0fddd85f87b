// Touvron et al. (2023): LLaMA: Open and Efficient Foundation Language Models (arXiv:2302.13971). The scaling of the
// rotary positions in Llama 3.1: Grattafiori et al. (2024), The Llama 3 Herd of Models (arXiv:2407.21783).

import Layers
import Tensors

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).
struct LlamaLayer: DecoderLayer {
  let input_layernorm: RMSNorm
  let self_attn: DecoderAttention
  let post_attention_layernorm: RMSNorm
  let mlp: GatedFeedForward
  var slides: Bool { self_attn.shape.window != nil }

  /// Loads the norms of a layer from `weights`, around the given attention and feed-forward layer.
  init(
    _ weights: WeightLoader, _ sizes: DecoderSizes, self_attn: DecoderAttention, mlp: GatedFeedForward
  ) {
    let (width, epsilon) = (sizes.hidden_size, sizes.rms_norm_eps)
    input_layernorm = weights.rmsNorm("input_layernorm", width: width, epsilon: epsilon)
    self.self_attn = self_attn
    post_attention_layernorm = weights.rmsNorm("post_attention_layernorm", width: width, epsilon: epsilon)
    self.mlp = mlp
  }

  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let x = self_attn(input_layernorm(x), residual: x, positions, pass)
    return mlp(post_attention_layernorm(x), residual: x, pass)
  }
}

/// Llama with its language-model head.
typealias Llama = RotaryDecoder<LlamaLayer>

extension ArchitectureDefinition {
  /// How a Llama checkpoint is opened.
  static let llama = ArchitectureDefinition(
    "llama", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + ["hidden_act", "attention_bias", "mlp_bias"],
      withoutEffect: DecoderSizes.keysWithoutEffect + [
        // How matrix products were split across devices in training.
        "pretraining_tp"
      ], dropout: .decoder),
    tokens: TokenDefaults(bos: 1), gguf: .llama, configuration: LlamaConfiguration.init,
    contextLength: { $0.sizes.max_position_embeddings },
    classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Llama. Properties have the file's key names; defaults for missing keys are those of transformers.
struct LlamaConfiguration: RotaryConfiguration {
  var sizes: DecoderSizes
  let attention_bias: Bool
  let mlp_bias: Bool
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try DecoderSizes(
      file,
      DecoderSizes.Defaults(vocabulary: 32_000, inner: 11_008, positions: 2048, headsDivideWidth: true))
    attention_bias = try file.boolean("attention_bias", default: false)
    mlp_bias = try file.boolean("mlp_bias", default: false)
    rotary = try RotaryParameters(file, sizes.rotary)
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    Llama(weights, sizes, rotary) { weights, _ in
      LlamaLayer(
        weights, sizes,
        self_attn: DecoderAttention(weights("self_attn"), sizes, sizes.shape(), bias: attention_bias),
        mlp: GatedFeedForward(weights("mlp"), sizes, bias: mlp_bias))
    }
  }
}
