// Jiang et al. (2023): Mistral 7B (arXiv:2310.06825). The body of Llama; every layer sees a sliding window.

import Layers
import Tensors

extension ArchitectureDefinition {
  /// How a Mistral checkpoint is opened.
  static let mistral = ArchitectureDefinition(
    "mistral", .causal, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: DecoderSizes.keys + ["hidden_act", "sliding_window"], withoutEffect: DecoderSizes.keysWithoutEffect,
      dropout: .decoder),
    tokens: TokenDefaults(bos: 1), configuration: MistralConfiguration.init,
    contextLength: { $0.sizes.max_position_embeddings }, classifier: LabelingDecoder.rotary
  ) { .causal($1.model($0)) }
}

/// `config.json` of a Mistral. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct MistralConfiguration: RotaryConfiguration {
  var sizes: DecoderSizes
  /// `nil` means that every layer attends to all earlier positions.
  let sliding_window: Int?
  let rotary: RotaryParameters

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try DecoderSizes(
      file, DecoderSizes.Defaults(vocabulary: 32_000, inner: 14_336, keyHeads: 8, positions: 131_072))
    sliding_window = try file.optionalSize("sliding_window", default: 4096)
    rotary = try RotaryParameters(file, sizes.rotary)
  }

  func model(_ weights: WeightLoader) -> any CausalModel {
    let shape = sizes.shape(window: sliding_window)
    return Llama(weights, sizes, rotary) { weights, _ in
      LlamaLayer(
        weights, sizes, self_attn: DecoderAttention(weights("self_attn"), sizes, shape),
        mlp: GatedFeedForward(weights("mlp"), sizes))
    }
  }
}
